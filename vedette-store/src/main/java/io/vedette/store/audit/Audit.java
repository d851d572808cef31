package io.vedette.store.audit;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vedette.model.GapRecord;
import io.vedette.model.RecordDraft;
import io.vedette.model.Times;
import io.vedette.store.Database;
import io.vedette.store.MicroClock;
import io.vedette.store.trail.Appender;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes acts into the trail: in batches, four times a second at most, so that being watched costs little and the trail does not chase its own tail. What changes something is recorded by whoever changes it, in the same
 * transaction; this is for reads, refusals and sessions. Any thread may call. At most {@value #MAX_WAITING} records wait; what finds no place is dropped, counted, and declared by a gap record that goes in front of the next
 * batch. A record may be written twice when the answer to a commit was lost.
 */
public final class Audit {
  private static final Logger log = LoggerFactory.getLogger(Audit.class);
  private static final int MAX_WAITING = 5_000; // some 4 MB
  private static final int MAX_OPEN = 5_000;

  /** A transaction holds the trail's row: it stays short while that is enough, and grows with what waits. */
  private static final int BATCH = 100;

  private static final int MAX_BATCH = 1_000;
  private static final long FLUSH_MS = 250;

  /** How long the end may take, and how much longer an answer that does not come. */
  private static final long LAST_US = 5_000_000;

  private static final long LAST_ANSWER_MS = 2_000;

  private final Vertx vertx;
  private final Function<List<RecordDraft>, Future<Void>> sink;
  private final MicroClock clock;
  private final Counter written;
  private final Counter coalesced;
  private final Counter dropped;

  // Guarded by this.
  private final Coalescer coalescer = new Coalescer(MAX_OPEN);
  private final WaitingActs waiting = new WaitingActs(MAX_WAITING);
  private boolean writing;
  private WaitingActs.@Nullable Loss onItsWay; // is being declared
  private Future<Void> current = Future.succeededFuture();
  private boolean failing;
  private boolean dropping;
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
        .description("Repeated acts that are counted in a record instead of being one")
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
    List<Coalescer.Counted> drafts = coalescer.read(act, clock.nowUs());
    if (drafts.isEmpty()) {
      coalesced.increment();
    }
    drafts.forEach(this::offer);
  }

  /** An act that is a record each time, but for those like it that come while it waits: they are counted in it. */
  public synchronized void record(Act act) {
    int before = waiting.size();
    if (!waiting.add(act, clock.nowUs())) {
      drop();
    } else if (waiting.size() == before) {
      coalesced.increment();
    }
  }

  /** Ends all counts and writes what waits, as far as the trail takes it within seconds; of the rest it takes the number. */
  public Future<Void> close() {
    vertx.cancelTimer(ticker);
    synchronized (this) {
      coalescer.end().forEach(this::offer);
    }
    long untilUs = clock.nowUs() + LAST_US;
    return drain(untilUs)
        .timeout(LAST_US / 1_000 + LAST_ANSWER_MS, TimeUnit.MILLISECONDS)
        .recover(this::declareRest);
  }

  private Future<Void> drain(long untilUs) {
    synchronized (this) {
      if (waiting.size() == 0 && !waiting.hasLost()) {
        return Future.succeededFuture();
      }
    }
    return clock.nowUs() < untilUs
        ? flush().compose(on -> drain(untilUs))
        : declareRest(new TimeoutException("the trail takes them too slowly"));
  }

  private Future<Void> declareRest(Throwable cause) {
    WaitingActs.Loss rest;
    synchronized (this) {
      dropped.increment(waiting.size());
      rest = waiting.abandon(clock.nowUs());
      if (onItsWay != null) {
        rest = onItsWay.and(rest); // declared twice rather than not at all
        onItsWay = null;
      }
    }
    if (rest == null) {
      return Future.succeededFuture();
    }
    log.warn("acts not recorded at the end count={} cause={}", rest.count(), cause.toString());
    return sink.apply(List.of(gap(rest, "the service ended before the trail took them")))
        .timeout(LAST_ANSWER_MS, TimeUnit.MILLISECONDS)
        .otherwise(failure -> {
          log.error("nor is it declared that they are not cause={}", failure.toString());
          return null;
        });
  }

  synchronized int waiting() {
    return waiting.size();
  }

  private void offer(Coalescer.Counted counted) {
    if (!waiting.add(counted)) {
      drop();
    }
  }

  private void drop() {
    dropped.increment();
    if (!dropping) {
      dropping = true;
      log.error("acts are dropped: {} wait already; a gap record will say how many", MAX_WAITING);
    }
  }

  /** Writes one batch, or waits for the one on its way; what was not taken stays first in the queue. */
  Future<Void> flush() {
    List<RecordDraft> batch = new ArrayList<>();
    WaitingActs.Loss loss;
    Promise<Void> done = Promise.promise();
    synchronized (this) {
      if (writing) {
        return current;
      }
      coalescer.over(clock.nowUs()).forEach(this::offer);
      loss = waiting.takeLost();
      if (loss != null) {
        batch.add(gap(loss, "too many acts waited for the trail"));
      }
      int most = Math.min(MAX_BATCH, Math.max(BATCH, waiting.size() / 4));
      batch.addAll(waiting.oldest(most - batch.size()));
      if (batch.isEmpty()) {
        return Future.succeededFuture();
      }
      writing = true;
      onItsWay = loss;
      current = done.future();
    }
    sink.apply(batch).onComplete(answer -> {
      settle(batch.size(), loss == null ? 0 : 1, answer.cause());
      done.handle(answer);
    });
    return done.future();
  }

  private synchronized void settle(int count, int gaps, @Nullable Throwable failure) {
    writing = false;
    if (failure == null) {
      waiting.written(count - gaps);
      written.increment(count);
    } else if (onItsWay != null) {
      waiting.putBack(onItsWay);
    }
    onItsWay = null;
    if (failing != (failure != null)) {
      failing = failure != null;
      if (failing) {
        log.warn("acts wait for the trail cause={}", String.valueOf(failure));
      } else {
        log.info("acts are recorded again");
      }
    }
    if (dropping && !failing && !waiting.hasLost() && waiting.size() < MAX_WAITING / 2) {
      dropping = false;
      log.info("acts are dropped no more");
    }
  }

  private static RecordDraft gap(WaitingActs.Loss loss, String cause) {
    return GapRecord.of(
        Appender.OWN_SOURCE,
        loss.count(),
        cause,
        Times.ofUs(loss.fromUs()),
        Times.ofUs(loss.toUs()));
  }
}
