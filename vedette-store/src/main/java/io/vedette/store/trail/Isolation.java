package io.vedette.store.trail;

import io.vedette.model.Batch;
import io.vedette.model.GapRecord;
import io.vedette.model.RecordDraft;
import io.vedette.model.RecordView;
import io.vedette.model.Times;
import io.vedette.store.MicroClock;
import io.vedette.store.SqlFailure;
import io.vedette.store.trail.AppendOutcome.Appended;
import io.vedette.store.trail.AppendOutcome.RefusedRecord;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds the records for which the database refuses a batch, by trying halves in transactions that are rolled back, and appends the others; the refused ones go to the quarantine in the same
 * transaction, with a gap record that says why their sequences are missing. Used once; takes about 2 log2(n) calls per refused record.
 */
final class Isolation {
  private static final String REASON = "refused by the database";
  private static final String UNREADABLE = "unknown";

  private final SqlConnection connection;
  private final AppendRequest request;
  private final MicroClock clock;
  private final Declaration declaration;
  private @Nullable Batch declared;
  private final SortedMap<Integer, RefusedRecord> refused = new TreeMap<>();

  /** Appends records of our own in the transaction that is open. */
  @FunctionalInterface
  interface Declaration {
    Future<Appended> append(SqlConnection transaction, int trail, List<RecordDraft> drafts);
  }

  Isolation(
      SqlConnection connection, AppendRequest request, MicroClock clock, Declaration declaration) {
    this.declaration = declaration;
    this.connection = connection;
    this.request = request;
    this.clock = clock;
  }

  Future<AppendOutcome> run() {
    return trial(0, 0)
        .compose(empty -> empty.isEmpty()
            ? search(0, request.records().size()).compose(done -> append())
            : refusedWhole(empty));
  }

  /** The batch of the gap records, null when nothing was set aside. */
  @Nullable
  Batch declared() {
    return declared;
  }

  /** Refused without any record: the records are not to blame. */
  private Future<AppendOutcome> refusedWhole(String reason) {
    return Future.succeededFuture(new AppendOutcome.Refused(reason));
  }

  /** Looks for all refused records of a range. */
  private Future<Void> search(int from, int to) {
    return trial(from, to).compose(reason -> {
      if (reason.isEmpty()) {
        return Future.succeededFuture();
      }
      if (to - from == 1) {
        refused.put(from, new RefusedRecord(from, reason));
        return Future.succeededFuture();
      }
      int middle = (from + to) >>> 1;
      return search(from, middle).compose(left -> search(middle, to));
    });
  }

  /** Why the database refuses these records, empty when it takes them. Leaves nothing behind. */
  private Future<String> trial(int from, int to) {
    AppendRequest part = request.withRecords(request.records().subList(from, to));
    return begin().compose(begun -> connection
        .preparedQuery(AppendCall.SQL)
        .execute(AppendCall.arguments(part))
        .transform(answer -> rollback().compose(back -> {
          if (answer.succeeded()) {
            return Future.succeededFuture("");
          }
          return SqlFailure.of(answer.cause()) == SqlFailure.DATA
              ? Future.succeededFuture(Appender.reason(answer.cause()))
              : Future.failedFuture(answer.cause());
        })));
  }

  private Future<AppendOutcome> append() {
    List<SealedRecord> kept = new ArrayList<>();
    for (int i = 0; i < request.records().size(); i++) {
      if (!refused.containsKey(i)) {
        kept.add(request.records().get(i));
      }
    }
    AppendRequest rest = request
        .withRecords(kept)
        .withIdempotency(
            request.idempotency().stream().map(move -> move.without(refused)).toList());
    // The head of the trail last: who waits for the quarantine must not hold it.
    return begin()
        .compose(begun -> quarantine())
        .compose(
            aside -> connection.preparedQuery(AppendCall.SQL).execute(AppendCall.arguments(rest)))
        .map(rows -> AppendCall.outcome(
            rest, rows.iterator().next(), List.copyOf(refused.values()), clock.nowUs()))
        .compose(outcome -> outcome instanceof Appended done && !done.repeated()
            ? declare()
                .compose(said -> connection.query("COMMIT").execute())
                .<AppendOutcome>map(outcome)
            : rollback().<AppendOutcome>map(outcome))
        .recover(failure -> rollback().transform(back -> Future.failedFuture(failure)));
  }

  private Future<Void> quarantine() {
    Future<Void> all = Future.succeededFuture();
    for (RefusedRecord one : refused.values()) {
      byte[] canonical = request.records().get(one.position()).canonical();
      RecordView view = readable(canonical);
      all = all.compose(before -> Quarantine.insert(
          connection,
          request.trail(),
          view == null ? UNREADABLE : view.source(),
          view == null ? null : view.sequence(),
          REASON,
          one.reason(),
          canonical));
    }
    return all;
  }

  /** One gap record per source: its sequence has holes now. */
  private Future<Void> declare() {
    if (refused.isEmpty()) {
      return Future.succeededFuture();
    }
    SortedMap<String, List<Long>> times = new TreeMap<>();
    for (RefusedRecord one : refused.values()) {
      SealedRecord record = request.records().get(one.position());
      RecordView view = readable(record.canonical());
      times
          .computeIfAbsent(view == null ? UNREADABLE : view.source(), source -> new ArrayList<>())
          .add(record.timeUs());
    }
    List<RecordDraft> gaps = new ArrayList<>();
    times.forEach((source, at) -> gaps.add(GapRecord.of(
        source,
        at.size(),
        REASON + ", kept in quarantine",
        Times.ofUs(Collections.min(at)),
        Times.ofUs(Collections.max(at)))));
    return declaration.append(connection, request.trail(), gaps).map(done -> {
      declared = done.batch();
      return null;
    });
  }

  /** Null where the bytes are no record: that may be why the database refuses them. */
  private static @Nullable RecordView readable(byte[] canonical) {
    RecordView view = new RecordView(canonical);
    try {
      view.members();
      return view;
    } catch (IllegalArgumentException | UncheckedIOException unreadable) {
      return null;
    }
  }

  private Future<Void> begin() {
    return connection.query("BEGIN").execute().mapEmpty();
  }

  private Future<Void> rollback() {
    return connection.query("ROLLBACK").execute().mapEmpty();
  }
}
