package io.vedette.store.trail;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vedette.model.Batch;
import io.vedette.model.CanonicalRecord;
import io.vedette.model.RecordDraft;
import io.vedette.model.Stamps;
import io.vedette.runtime.Addresses;
import io.vedette.store.Database;
import io.vedette.store.MicroClock;
import io.vedette.store.SqlFailure;
import io.vedette.store.trail.AppendOutcome.Appended;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends to the trail: one call of one SQL function, on a connection of its own. Any thread may call; requests are sent one after the other, at most 64 wait and further ones fail at once. An
 * answer that was lost is asked for again, with the same (appender, seq), until it comes or this is closed.
 */
public final class Appender {
  private static final Logger LOG = LoggerFactory.getLogger(Appender.class);
  private static final int MAX_WAITING = 64;
  private static final long FIRST_RETRY_MS = 50;
  private static final long LAST_RETRY_MS = 2_000;

  /** The source of records made by Vedette itself. */
  public static final String OWN_SOURCE = "vedette";

  private final Database database;
  private final EventBus bus;
  private final MicroClock clock;
  private final ContextInternal context;
  private final SecureRandom random = new SecureRandom();
  private final UUID ownAppender = UUID.randomUUID();
  private final AtomicLong ownSeq = new AtomicLong();
  private final Counter appended;
  private final Counter retried;
  private final Counter quarantined;

  // Only touched on the context.
  private final Deque<Pending> waiting = new ArrayDeque<>();
  private @Nullable Pending inFlight;
  private @Nullable PgConnection connection;
  private boolean closed;

  private volatile boolean stuck;

  private static final class Pending {
    final AppendRequest request;
    final Promise<AppendOutcome> promise;
    int attempts;

    Pending(AppendRequest request, Promise<AppendOutcome> promise) {
      this.request = request;
      this.promise = promise;
    }
  }

  public Appender(Database database, EventBus bus) {
    this(database, bus, MicroClock.SYSTEM);
  }

  public Appender(Database database, EventBus bus, MicroClock clock) {
    this.database = database;
    this.bus = bus;
    this.clock = clock;
    this.context = ((VertxInternal) database.vertx()).createEventLoopContext();
    MeterRegistry metrics = database.metrics();
    this.appended = Counter.builder("vedette_store_record_appended_total")
        .description("Records appended")
        .register(metrics);
    this.retried = Counter.builder("vedette_store_append_retried_total")
        .description("Appends sent again for want of an answer")
        .register(metrics);
    this.quarantined = Counter.builder("vedette_store_record_quarantined_total")
        .description("Records the database refused")
        .register(metrics);
  }

  /**
   * Appends and announces on {@code record.appended} after the commit. Fails only when too many wait, or when this is closed before the answer came; then the batch may or may not be in the trail,
   * and the same (appender, seq) tells.
   */
  public Future<AppendOutcome> append(AppendRequest request) {
    Promise<AppendOutcome> promise =
        ((VertxInternal) database.vertx()).getOrCreateContext().promise();
    context.runOnContext(ignored -> {
      if (closed) {
        promise.fail(new IllegalStateException("appender is closed"));
      } else if (waiting.size() >= MAX_WAITING) {
        promise.fail(new IllegalStateException(
            waiting.size() + " appends wait already (expected: fewer than " + MAX_WAITING + ")"));
      } else {
        waiting.add(new Pending(request, promise));
        next();
      }
    });
    return promise.future();
  }

  /** The appender that {@link #appendWithin} names in its batches. */
  public UUID ownAppender() {
    return ownAppender;
  }

  /** Whether the append on its way had to be sent again: the database does not answer. */
  public boolean stuck() {
    return stuck;
  }

  /**
   * Appends records of Vedette itself within a service's transaction, as its last statement: it holds the trail until the commit. The caller calls {@link #announce} after its commit. Fails, and with
   * it the transaction, when the trail does not take them.
   */
  public Future<Appended> appendWithin(
      SqlConnection transaction, int trail, List<RecordDraft> drafts) {
    return transaction
        .preparedQuery("SELECT sequence FROM vedette.lock_trail($1, $2)")
        .execute(Tuple.of(trail, OWN_SOURCE))
        .compose(rows -> {
          if (rows.size() == 0) {
            return Future.failedFuture(
                new IllegalStateException("trail " + trail + " does not exist"));
          }
          AppendRequest request = own(trail, rows.iterator().next().getLong(0), drafts);
          return transaction
              .preparedQuery(AppendCall.SQL)
              .execute(AppendCall.arguments(request))
              .map(answer -> within(request, answer.iterator().next()));
        });
  }

  /** Publishes a committed batch, or its range when it is large. Best effort: consumers read the store when they see a hole. */
  public void announce(Batch batch) {
    bus.publish(Addresses.RECORD_APPENDED, batch.forBus(), new DeliveryOptions());
  }

  /** Seals records of Vedette itself, which follow the given sequence. Those that do not say when they were observed are observed now. */
  public List<SealedRecord> seal(List<RecordDraft> drafts, long sequence) {
    byte[] salts = new byte[SealedRecord.SALT_BYTES * drafts.size()];
    random.nextBytes(salts);
    List<SealedRecord> records = new ArrayList<>(drafts.size());
    for (int i = 0; i < drafts.size(); i++) {
      CanonicalRecord canonical = CanonicalRecord.of(observed(drafts.get(i)), OWN_SOURCE);
      byte[] salt = java.util.Arrays.copyOfRange(
          salts, i * SealedRecord.SALT_BYTES, (i + 1) * SealedRecord.SALT_BYTES);
      records.add(SealedRecord.seal(
          canonical.seal(sequence + i + 1),
          salt,
          canonical.timeUs(),
          RetentionClasses.ofOwn(drafts.get(i).kind())));
    }
    return records;
  }

  private RecordDraft observed(RecordDraft draft) {
    return draft.observedUs() > 0
        ? draft
        : draft.toBuilder().observedUs(clock.nowUs()).build();
  }

  /** Stops sending. The append on its way fails: see {@link #append}. */
  public Future<Void> close() {
    Promise<Void> done = Promise.promise();
    context.runOnContext(ignored -> {
      closed = true;
      IllegalStateException gone = new IllegalStateException(
          "appender was closed before the answer came (the batch may be in the trail; the same appender and seq tell)");
      Pending current = inFlight;
      if (current != null) {
        inFlight = null;
        current.promise.tryFail(gone);
      }
      waiting.forEach(pending -> pending.promise.tryFail(gone));
      waiting.clear();
      drop();
      done.complete();
    });
    return done.future();
  }

  private AppendRequest own(int trail, long sequence, List<RecordDraft> drafts) {
    long nowUs = clock.nowUs();
    CursorMove move = new CursorMove(OWN_SOURCE, null, null, sequence, sequence + drafts.size());
    return AppendRequest.of(
            trail, ownAppender, ownSeq.incrementAndGet(), nowUs, seal(drafts, sequence))
        .withCursors(List.of(move))
        .withStamps(new Stamps(nowUs, nowUs, 0));
  }

  private Appended within(AppendRequest request, Row row) {
    AppendOutcome outcome = AppendCall.outcome(request, row, List.of(), clock.nowUs());
    if (outcome instanceof Appended done) {
      return done;
    }
    throw new IllegalStateException(
        "trail " + request.trail() + " does not take the record: " + outcome);
  }

  private void next() {
    if (inFlight == null && !waiting.isEmpty()) {
      inFlight = waiting.poll();
      send(inFlight);
    }
  }

  private void send(Pending pending) {
    connected()
        .compose(on -> call(on, pending.request))
        .timeout(answerLimitMs(), TimeUnit.MILLISECONDS)
        .onComplete(answer -> {
          if (inFlight != pending) {
            return; // closed meanwhile
          }
          if (answer.succeeded()) {
            finish(pending, answer.result());
            return;
          }
          switch (SqlFailure.of(answer.cause())) {
            case DATA -> isolate(pending, answer.cause());
            case SETUP -> finish(pending, new AppendOutcome.Refused(reason(answer.cause())));
            case TRANSIENT -> retry(pending, answer.cause());
          }
        });
  }

  private Future<AppendOutcome> call(SqlConnection on, AppendRequest request) {
    return on.preparedQuery(AppendCall.SQL)
        .execute(AppendCall.arguments(request))
        .map(rows -> AppendCall.outcome(request, rows.iterator().next(), List.of(), clock.nowUs()));
  }

  /** The server keeps the statement's limit; this one is for a server that says nothing at all. */
  private long answerLimitMs() {
    return database
        .options()
        .statementTimeout()
        .plus(database.options().connectTimeout())
        .toMillis();
  }

  private void finish(Pending pending, AppendOutcome outcome) {
    if (stuck) {
      LOG.info(
          "append answered after {} attempts outcome={}",
          pending.attempts + 1,
          outcome.getClass().getSimpleName());
      stuck = false;
    }
    inFlight = null;
    if (outcome instanceof Appended done) {
      if (!done.repeated()) {
        appended.increment(done.batch().count());
      }
      quarantined.increment(done.quarantined().size());
      announce(done.batch());
    } else if (outcome instanceof AppendOutcome.Refused refused) {
      LOG.error("append refused trail={} reason={}", pending.request.trail(), refused.reason());
    }
    next();
    pending.promise.tryComplete(outcome);
  }

  private void retry(Pending pending, Throwable cause) {
    drop();
    pending.attempts++;
    retried.increment();
    if (!stuck) {
      LOG.warn(
          "append not answered, sending it again trail={} seq={} cause={}",
          pending.request.trail(),
          pending.request.seq(),
          reason(cause));
      stuck = true;
    }
    long delayMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS << Math.min(pending.attempts - 1, 10));
    context.setTimer(delayMs, id -> {
      if (inFlight == pending) {
        send(pending);
      }
    });
  }

  private Future<PgConnection> connected() {
    PgConnection open = connection;
    if (open != null) {
      return Future.succeededFuture(open);
    }
    return database.dedicated().transform(answer -> {
      Promise<PgConnection> here = context.promise();
      context.runOnContext(ignored -> {
        if (answer.failed()) {
          here.fail(answer.cause());
          return;
        }
        PgConnection fresh = answer.result();
        if (closed) {
          fresh.close();
          here.fail(new IllegalStateException("appender is closed"));
          return;
        }
        fresh.closeHandler(gone -> context.runOnContext(again -> {
          if (connection == fresh) {
            connection = null;
          }
        }));
        connection = fresh;
        here.complete(fresh);
      });
      return here.future();
    });
  }

  private void drop() {
    PgConnection open = connection;
    connection = null;
    if (open != null) {
      open.close().onFailure(e -> LOG.debug("closing a lost connection: {}", e.toString()));
    }
  }

  /** @param declared the batch that declares what was set aside, if any */
  private record Isolated(AppendOutcome outcome, @Nullable Batch declared) {}

  private void isolate(Pending pending, Throwable cause) {
    LOG.warn(
        "batch refused, looking for the record trail={} records={} cause={}",
        pending.request.trail(),
        pending.request.records().size(),
        reason(cause));
    connected()
        .compose(on -> {
          Isolation isolation = new Isolation(on, pending.request, clock, this::appendWithin);
          return isolation.run().map(outcome -> new Isolated(outcome, isolation.declared()));
        })
        .onComplete(answer -> {
          if (inFlight != pending) {
            return;
          }
          if (answer.succeeded()) {
            finish(pending, answer.result().outcome());
            Batch declared = answer.result().declared();
            if (declared != null) {
              announce(declared);
            }
          } else if (SqlFailure.of(answer.cause()) == SqlFailure.TRANSIENT) {
            retry(pending, answer.cause());
          } else {
            finish(pending, new AppendOutcome.Refused(reason(answer.cause())));
          }
        });
  }

  static String reason(Throwable cause) {
    String state = SqlFailure.sqlState(cause);
    String message =
        cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    return state.isEmpty() ? message : message + " (SQLSTATE " + state + ")";
  }
}
