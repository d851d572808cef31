package io.vedette.store.audit;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vedette.model.GapRecord;
import io.vedette.model.RecordDraft;
import io.vedette.store.Database;
import io.vedette.store.MicroClock;
import io.vedette.store.trail.Appender;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes acts into the trail: in small batches, four times a second at most, so that being watched costs little and the trail does not chase its own tail. What changes something is recorded by
 * whoever changes it, in the same transaction; this is for reads, refusals and sessions. Any thread may call. When the database does not take them, {@value #MAX_WAITING} records wait; further ones are
 * dropped, counted, and declared by a gap record afterwards. A record may be written twice when the answer to a commit was lost.
 */
public final class Audit {
  private static final Logger log = LoggerFactory.getLogger(Audit.class);
  private static final int MAX_WAITING = 5_000; // some 2 MB
  private static final int MAX_OPEN = 5_000;
  private static final int BATCH = 100;
  private static final long FLUSH_MS = 250;
  private static final int LAST_ROUNDS = 20;
  private static final long LAST_MS = 5_000;

  private final Vertx vertx;
  private final Function<List<RecordDraft>, Future<Void>> sink;
  private final MicroClock clock;
  private final Counter written;
  private final Counter coalesced;
  private final Counter dropped;

  // Guarded by this.
  private final Coalescer coalescer = new Coalescer(MAX_OPEN);
  private final Deque<RecordDraft> waiting = new ArrayDeque<>();
  private boolean writing;
  private Future<Void> current = Future.succeededFuture();
  private boolean failing;
  private long lost;
  private long lostSinceUs;
  private long ticker = -1;

  /** @param service whose doors are watched: one process may have several */
  public Audit(
      Vertx vertx,
      String service,
      Function<List<RecordDraft>, Future<Void>> sink,
      MeterRegistry metrics,
      MicroClock clock) {
    this.vertx = vertx;
    this.sink = sink;
    this.clock = clock;
    this.written = Counter.builder("vedette_audit_record_written_total")
        .description("Records of operators' acts written into the trail")
        .tag("service", service)
        .register(metrics);
    this.coalesced = Counter.builder("vedette_audit_read_coalesced_total")
        .description("Repeated reads that are counted in a record instead of being one")
        .tag("service", service)
        .register(metrics);
    this.dropped = Counter.builder("vedette_audit_record_dropped_total")
        .description("Records of operators' acts dropped because too many waited")
        .tag("service", service)
        .register(metrics);
    Gauge.builder("vedette_audit_record_waiting", this, Audit::waiting)
        .description("Records of operators' acts that wait for the trail")
        .tag("service", service)
        .register(metrics);
  }

  /** Into a trail, in transactions of their own. */
  public static Function<List<RecordDraft>, Future<Void>> into(
      Database database, Appender appender, int trail) {
    return drafts -> database
        .transaction(tx -> appender.appendWithin(tx, trail, drafts))
        .map(appended -> {
          appender.announce(appended.batch());
          return null;
        });
  }

  public void start() {
    ticker = vertx.setPeriodic(FLUSH_MS, id -> flush());
  }

  /** A read: the first of its kind is recorded now, repeats within a minute are counted in one record. */
  public synchronized void read(Act act) {
    List<RecordDraft> drafts = coalescer.read(act, clock.nowUs());
    if (drafts.isEmpty()) {
      coalesced.increment();
    }
    drafts.forEach(this::offer);
  }

  /** An act that is a record each time. */
  public synchronized void record(Act act) {
    offer(Coalescer.draft(act, clock.nowUs()).build());
  }

  /** Ends all counts and writes what waits, as far as the trail takes it within seconds. */
  public Future<Void> close() {
    vertx.cancelTimer(ticker);
    synchronized (this) {
      coalescer.end().forEach(this::offer);
    }
    return drain(LAST_ROUNDS).timeout(LAST_MS, TimeUnit.MILLISECONDS).otherwise(late -> {
      log.warn("acts not recorded at the end count={} cause={}", waiting(), late.toString());
      return null;
    });
  }

  private Future<Void> drain(int rounds) {
    return waiting() == 0 || rounds == 0
        ? Future.succeededFuture()
        : flush().compose(on -> drain(rounds - 1));
  }

  synchronized int waiting() {
    return waiting.size();
  }

  private void offer(RecordDraft draft) {
    if (waiting.size() >= MAX_WAITING) {
      if (lost++ == 0) {
        lostSinceUs = clock.nowUs();
        log.error("acts are not recorded: {} wait already and the trail takes none", MAX_WAITING);
      }
      dropped.increment();
      return;
    }
    waiting.add(draft);
  }

  /** Writes one batch, or waits for the one on its way; what was not taken stays first in the queue. */
  Future<Void> flush() {
    List<RecordDraft> batch = new ArrayList<>(BATCH);
    Promise<Void> done = Promise.promise();
    synchronized (this) {
      if (writing) {
        return current;
      }
      coalescer.over(clock.nowUs()).forEach(this::offer);
      if (lost > 0 && waiting.size() < MAX_WAITING) {
        waiting.add(GapRecord.of(
            Appender.OWN_SOURCE,
            lost,
            "too many acts waited for the trail",
            time(lostSinceUs),
            time(clock.nowUs())));
        lost = 0;
      }
      for (RecordDraft draft : waiting) {
        if (batch.size() == BATCH) {
          break;
        }
        batch.add(draft);
      }
      if (batch.isEmpty()) {
        return Future.succeededFuture();
      }
      writing = true;
      current = done.future();
    }
    sink.apply(batch).onComplete(answer -> {
      synchronized (this) {
        writing = false;
        if (answer.succeeded()) {
          for (int i = 0; i < batch.size(); i++) {
            waiting.poll();
          }
          written.increment(batch.size());
        }
        if (failing == answer.succeeded()) {
          failing = answer.failed();
          if (failing) {
            log.warn("acts wait for the trail cause={}", String.valueOf(answer.cause()));
          } else {
            log.info("acts are recorded again");
          }
        }
      }
      done.handle(answer);
    });
    return done.future();
  }

  private static Instant time(long us) {
    return Instant.ofEpochSecond(us / 1_000_000, us % 1_000_000 * 1_000);
  }
}
