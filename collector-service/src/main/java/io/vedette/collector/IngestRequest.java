package io.vedette.collector;

import io.vedette.collector.append.Admission;
import io.vedette.collector.append.Offer;
import io.vedette.collector.append.Settlement;
import io.vedette.collector.source.http.Preference;
import io.vedette.collector.source.http.Receipt;
import io.vedette.collector.source.http.RecordStream;
import io.vedette.model.CanonicalRecord;
import io.vedette.model.Rejection;
import io.vedette.runtime.auth.Principal;
import io.vedette.runtime.http.Problem;
import io.vedette.runtime.metrics.Stage;
import io.vedette.store.trail.Checkpoints.StoredCheckpoint;
import io.vedette.store.trail.Cursors;
import io.vedette.store.trail.IdempotencyMove;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One ingest request from its first byte to its answer: reads, offers what is ready, reads no further while much of it waits, and answers when all of it is settled. Lives on the event loop of its
 * connection. Holds one chunk, one value and {@link #MAX_WAITING} records.
 */
final class IngestRequest {
  /** Records of one request on their way to the trail; then its connection is not read. */
  private static final int MAX_WAITING = 4_000;

  /** Records per offer: small enough to share a batch with others, large enough to be cheap. */
  private static final int OFFER_RECORDS = 250;

  /** Of a value that is too large so much is read before the connection is closed; to answer earlier would make clients miss the answer. */
  private static final long MAX_SKIPPED_BYTES = 256L << 20;

  private static final long RETRY_MS = 20;

  private final RoutingContext ctx;
  private final Vertx vertx;
  private final Context context;
  private final AppendVerticle append;
  private final HttpIngestVerticle door;
  private final Principal principal;
  private final int trail;
  private final @Nullable String key;
  private long progressUs; // when it last sent something or had something settled
  private final Receipt receipt = new Receipt();

  private RecordStream stream;
  private long repeated;
  private long offeredValues;
  private long countedReceived;
  private long countedBytes;
  private int waiting;
  private int offers;
  private boolean flushing; // asked for after the current read
  private boolean retrying;
  private boolean ended;
  private boolean answered;
  private boolean paused;

  IngestRequest(
      RoutingContext ctx,
      Vertx vertx,
      AppendVerticle append,
      HttpIngestVerticle door,
      Principal principal,
      int trail,
      @Nullable String key) {
    this.ctx = ctx;
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.append = append;
    this.door = door;
    this.principal = principal;
    this.trail = trail;
    this.key = key;
    this.progressUs = door.clock().nowUs();
    this.stream = stream(RecordStream.Resume.NONE);
  }

  private RecordStream stream(RecordStream.Resume resume) {
    return new RecordStream(
        principal.name(), door.maxRecordBytes(), door.parser(), door.pipeline(), resume);
  }

  /** @param progress what an earlier request under the same key did, null without a key */
  void begin(@Nullable Future<Optional<Cursors.Progress>> progress) {
    if (progress == null) {
      read();
      return;
    }
    ctx.request().pause();
    progress.onComplete(answer -> {
      if (answer.failed()) {
        pushBack(new Admission.Pushback(Admission.Reason.DATABASE_AWAY, 2));
        return;
      }
      Optional<Cursors.Progress> done = answer.result();
      repeated = done.map(Cursors.Progress::done).orElse(0L);
      done.ifPresent(before -> receipt.repeated(before.firstIndex(), before.lastIndex()));
      offeredValues = repeated;
      stream = stream(new RecordStream.Resume(
          true, repeated, done.map(Cursors.Progress::prefixHash).orElse(new byte[0])));
      read();
      ctx.request().resume();
    });
  }

  private void read() {
    HttpServerRequest request = ctx.request();
    request.exceptionHandler(gone -> abandon());
    request.endHandler(ignored -> end());
    request.handler(this::chunk);
  }

  private void chunk(Buffer chunk) {
    if (answered) {
      return;
    }
    long arrivedUs = door.clock().nowUs();
    progressUs = arrivedUs;
    stream.feed(chunk.getBytes(), arrivedUs);
    measure(arrivedUs);
    if (stream.isOversized() && stream.bytesRead() > MAX_SKIPPED_BYTES) {
      problem(
          413,
          "too-large",
          "Content too large",
          "record: more than " + MAX_SKIPPED_BYTES + " bytes (expected: at most "
              + door.maxRecordBytes() + " bytes)",
          new JsonObject());
      return;
    }
    if (stream.isOther()) {
      otherBody();
    } else if (stream.ready() >= OFFER_RECORDS) {
      flush();
    } else if (stream.ready() > 0 && !flushing) {
      flushing = true; // after what is already in the socket's buffer
      context.runOnContext(ignored -> {
        flushing = false;
        flush();
      });
    }
  }

  private void measure(long arrivedUs) {
    long nowUs = door.clock().nowUs();
    long values = stream.values() - countedReceived;
    long bytes = stream.bytesRead() - countedBytes;
    countedReceived += values;
    countedBytes += bytes;
    door.stages().record(Stage.COLLECT, arrivedUs, nowUs, bytes, values);
    door.stages()
        .record(Stage.PROCESS, nowUs - stream.takeProcessNs() / 1_000, nowUs, bytes, values);
  }

  private void end() {
    if (answered) {
      return;
    }
    long nowUs = door.clock().nowUs();
    stream.end(nowUs);
    measure(nowUs);
    ended = true;
    if (stream.isOther()) {
      otherBody();
      return;
    }
    flush();
    answerWhenSettled();
  }

  private void flush() {
    if (answered || retrying || stream.ready() == 0) {
      return;
    }
    List<CanonicalRecord> records = stream.take();
    long toValues = stream.values();
    IdempotencyMove move = key == null
        ? null
        : new IdempotencyMove(principal.name(), key, offeredValues, toValues, stream.prefixHash());
    offeredValues = toValues;
    offer(Offer.of(
        principal.name(),
        records,
        List.of(),
        null,
        move,
        door.clock().nowUs(),
        settlement -> context.runOnContext(ignored -> settled(settlement, records.size()))));
  }

  private void offer(Offer offer) {
    if (answered) {
      door.meters().pushedBack("unanswered", offer.records().size());
      return;
    }
    Admission admission = append.offer(trail, offer);
    if (admission instanceof Admission.Pushback pushback) {
      if (offers == 0 && receipt.accepted() == 0) {
        pushBack(pushback);
        return;
      }
      retrying = true;
      pause();
      vertx.setTimer(RETRY_MS, id -> {
        retrying = false;
        offer(offer);
        if (!retrying) {
          flush();
          answerWhenSettled();
          resume();
        }
      });
      return;
    }
    offers++;
    waiting += offer.records().size();
    if (waiting > MAX_WAITING) {
      pause();
    }
  }

  private void settled(Settlement settlement, int records) {
    offers--;
    waiting -= records;
    progressUs = door.clock().nowUs();
    if (settlement instanceof Settlement.Appended appended) {
      receipt.add(appended);
      door.meters().admitted(appended.count());
      door.meters().rejected("refused-by-database", appended.quarantined());
    } else {
      door.meters()
          .pushedBack(settlement instanceof Settlement.Refused ? "refused" : "conflict", records);
      if (!answered) {
        refused(settlement);
      }
    }
    if (!answered) {
      resume();
      answerWhenSettled();
    }
  }

  private void refused(Settlement settlement) {
    if (settlement instanceof Settlement.IdempotencyMoved) {
      problem(
          409,
          "idempotency-conflict",
          "Conflict",
          "another request under this Idempotency-Key is at work; try again",
          new JsonObject());
    } else {
      String reason = settlement instanceof Settlement.Refused refused
          ? refused.reason()
          : "another collector was faster";
      ctx.response().putHeader(HttpHeaders.RETRY_AFTER, "5");
      problem(
          503,
          "not-appended",
          "Not available now",
          "the trail did not take the records: " + reason,
          new JsonObject());
    }
  }

  private void pause() {
    if (!paused && !ended) {
      paused = true;
      ctx.request().pause();
    }
  }

  private void resume() {
    if (paused && !retrying && waiting <= MAX_WAITING / 2) {
      paused = false;
      ctx.request().resume();
    }
  }

  private void answerWhenSettled() {
    if (answered || !ended || offers > 0 || retrying || stream.ready() > 0) {
      return;
    }
    if (receipt.accepted() + receipt.quarantined() + repeated == 0) {
      nothingAccepted();
      return;
    }
    JsonObject body = body();
    Duration wait = Preference.wait(ctx.request().headers().getAll(Preference.HEADER));
    finish();
    if (wait.isZero() || receipt.lastIndex() < 0) {
      answer(200, body);
      return;
    }
    ctx.response().putHeader(Preference.APPLIED, "wait=" + wait.toSeconds());
    Future<Optional<StoredCheckpoint>> covered = trail == door.coverage().trail()
        ? door.coverage().waitCovered(receipt.epoch(), receipt.lastIndex(), wait)
        : Future.succeededFuture(Optional.empty());
    covered.onComplete(found -> context.runOnContext(ignored -> {
      Optional<StoredCheckpoint> checkpoint = found.succeeded() ? found.result() : Optional.empty();
      checkpoint.ifPresent(known -> body.put("checkpoint", known.note()));
      answer(checkpoint.isPresent() ? 200 : 202, body);
    }));
  }

  private void answer(int status, JsonObject body) {
    if (!ctx.response().ended() && !ctx.response().closed()) {
      ctx.response()
          .setStatusCode(status)
          .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
          .end(body.toBuffer());
    }
  }

  private JsonObject body() {
    JsonObject body =
        new JsonObject().put("accepted", receipt.accepted()).put("rejected", stream.rejected());
    if (repeated > 0) {
      body.put("repeated", repeated);
    }
    if (receipt.quarantined() > 0) {
      body.put("quarantined", receipt.quarantined());
    }
    if (receipt.firstIndex() >= 0) {
      body.put("trail", trail)
          .put("first_index", receipt.firstIndex())
          .put("last_index", receipt.lastIndex());
      if (receipt.ranges().size() > 1) {
        JsonArray ranges = new JsonArray();
        receipt
            .ranges()
            .forEach(range -> ranges.add(new JsonArray().add(range.first()).add(range.last())));
        body.put("ranges", ranges);
      }
    }
    if (stream.rejected() > 0) {
      body.put("rejections", rejections());
    }
    return body;
  }

  private JsonArray rejections() {
    JsonArray rejections = new JsonArray();
    for (RecordStream.Rejected rejected : stream.listed()) {
      rejections.add(described(rejected.rejection()).put("line", rejected.line()));
    }
    return rejections;
  }

  private static JsonObject described(Rejection rejection) {
    return new JsonObject()
        .put("reason", rejection.reason().text())
        .put("field", rejection.field())
        .put("found", rejection.found())
        .put("expected", rejection.expected());
  }

  private void nothingAccepted() {
    if (stream.listed().isEmpty()) {
      problem(
          400,
          "no-record",
          "Bad request",
          "body: nothing (expected: a JSON object, an array of them, or one per line)",
          new JsonObject());
      return;
    }
    RecordStream.Rejected first = stream.listed().get(0);
    JsonObject extra = described(first.rejection()).put("line", first.line());
    if (stream.rejected() > 1) {
      extra.put("rejected", stream.rejected()).put("rejections", rejections());
    }
    boolean large = first.rejection().reason() == Rejection.Reason.TOO_LARGE;
    problem(
        large ? 413 : 400,
        large ? "too-large" : "bad-record",
        large ? "Content too large" : "Bad request",
        first.rejection().text(),
        extra);
  }

  private void otherBody() {
    problem(
        422,
        "idempotency-mismatch",
        "Another body under the same key",
        "Idempotency-Key: another body than the one that began under it (expected: the same body, or another key)",
        new JsonObject());
  }

  private void pushBack(Admission.Pushback pushback) {
    door.meters()
        .pushedBack(
            pushback.reason().text(),
            stream.values()
                - Math.min(stream.values(), repeated)
                - stream.rejected()
                - stream.ready());
    ctx.response()
        .putHeader(HttpHeaders.RETRY_AFTER, Integer.toString(pushback.retryAfterSeconds()));
    problem(
        pushback.reason().status(),
        pushback.reason().text(),
        "Not available now",
        pushback.reason().detail() + "; try again",
        new JsonObject());
  }

  /** Answers with an error; says what is in the trail nevertheless. */
  private void problem(int status, String type, String title, String detail, JsonObject extra) {
    if (receipt.accepted() > 0) {
      extra
          .put("accepted", receipt.accepted())
          .put("first_index", receipt.firstIndex())
          .put("last_index", receipt.lastIndex());
    }
    finish();
    if (!ended) {
      ctx.response().putHeader(HttpHeaders.CONNECTION, "close");
    }
    Problem.send(ctx, status, type, title, detail, extra);
    if (paused) {
      ctx.request().resume(); // what still comes is dropped
    }
  }

  private void finish() {
    answered = true;
    long values = Math.max(stream.values() - repeated, 0);
    Map<String, Long> reasons = new HashMap<>();
    long listed = 0;
    for (RecordStream.Rejected rejected : stream.listed()) {
      reasons.merge(rejected.rejection().reason().text(), 1L, Long::sum);
      listed++;
    }
    if (stream.rejected() > listed) {
      reasons.merge("unlisted", stream.rejected() - listed, Long::sum);
    }
    reasons.forEach(door.meters()::rejected);
    door.meters().pushedBack("unanswered", stream.ready());
    door.meters().received(values, stream.bytesRead());
    door.finished(this);
  }

  /** The client is gone: complete records are in the trail or on their way, the rest never came. */
  private void abandon() {
    if (!answered) {
      finish();
    }
  }

  /** Too long without any progress: the trail takes nothing. A sender that sends nothing is the server's idle limit's business. */
  void expire(long nowUs, long limitUs) {
    boolean waits = ended || offers > 0 || retrying;
    if (answered || !waits || nowUs - progressUs < limitUs) {
      return;
    }
    ctx.response().putHeader(HttpHeaders.RETRY_AFTER, "5");
    problem(
        503,
        "timeout",
        "Not available now",
        "the trail did not answer in time; what was sent may still be appended",
        new JsonObject());
  }
}
