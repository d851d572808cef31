package io.vedette.collector;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vedette.collector.append.Admission;
import io.vedette.collector.append.Gate;
import io.vedette.collector.append.Gatherer;
import io.vedette.collector.append.Limits;
import io.vedette.collector.append.Losses;
import io.vedette.collector.append.Offer;
import io.vedette.collector.append.Settlement;
import io.vedette.model.CanonicalRecord;
import io.vedette.runtime.metrics.Stage;
import io.vedette.runtime.metrics.StageTimer;
import io.vedette.store.Database;
import io.vedette.store.MicroClock;
import io.vedette.store.trail.AppendRequest;
import io.vedette.store.trail.Appender;
import io.vedette.store.trail.RetentionClasses;
import io.vedette.store.trail.SealedRecord;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Appends what sources offer, one append on its way per trail, and settles their offers. Declares losses. Sole owner of the gatherers; {@link #offer} may be called by any thread. */
final class AppendVerticle extends VerticleBase {
  private static final Logger log = LoggerFactory.getLogger(AppendVerticle.class);
  private static final long WATCH_MS = 250;
  private static final long DECLARE_EVERY_WATCHES = 4;

  private final int ownTrail;
  private final Limits limits;
  private final RetentionClasses classes;
  private final Appender appender;
  private final Database database;
  private final Gate gate;
  private final Losses losses;
  private final StageTimer stages;
  private final MicroClock clock;
  private final SecureRandom random = new SecureRandom();
  private final Map<Integer, Lane> lanes = new HashMap<>();
  private @Nullable Promise<Void> drained;
  private boolean declaredLast;
  private volatile @Nullable Context home;
  private long watcher = -1;
  private long watches;

  private static final class Lane {
    final Gatherer gatherer;
    long timer = -1;

    Lane(Gatherer gatherer) {
      this.gatherer = gatherer;
    }
  }

  AppendVerticle(
      int ownTrail,
      Limits limits,
      RetentionClasses classes,
      Appender appender,
      Database database,
      Gate gate,
      Losses losses,
      StageTimer stages,
      MeterRegistry metrics,
      MicroClock clock) {
    this.ownTrail = ownTrail;
    this.limits = limits;
    this.classes = classes;
    this.appender = appender;
    this.database = database;
    this.gate = gate;
    this.losses = losses;
    this.stages = stages;
    this.clock = clock;
    Gauge.builder("vedette_collector_queue_records", gate, Gate::records)
        .description("Records and samples that wait for the trail")
        .register(metrics);
    Gauge.builder("vedette_collector_queue_bytes", gate, Gate::bytes)
        .description("Bytes that wait for the trail")
        .baseUnit("bytes")
        .register(metrics);
  }

  @Override
  public Future<?> start() {
    home = context;
    watcher = vertx.setPeriodic(WATCH_MS, id -> watch());
    return Future.succeededFuture();
  }

  @Override
  public Future<?> stop() {
    vertx.cancelTimer(watcher);
    lanes.values().forEach(lane -> lane.gatherer.refuseWaiting("the collector has stopped"));
    return Future.succeededFuture();
  }

  /** Takes an offer for a trail, or says why not. Its settlement is told on this verticle's context. */
  Admission offer(int trail, Offer offer) {
    Context here = home;
    if (here == null) {
      throw new IllegalStateException("not started");
    }
    Admission admission = gate.enter(offer);
    if (admission instanceof Admission.Admitted) {
      Offer held = new Offer(
          offer.source(),
          offer.records(),
          offer.samples(),
          offer.position(),
          offer.idempotency(),
          offer.receivedUs(),
          offer.bytes(),
          settlement -> {
            gate.leave(offer);
            offer.settled().accept(settlement);
          });
      here.runOnContext(ignored -> {
        Lane lane = lane(trail);
        lane.gatherer.add(held);
        pump(trail, lane);
      });
    }
    return admission;
  }

  Gate gate() {
    return gate;
  }

  /** Lets nobody in any more; completes when all that was let in is settled. */
  Future<Void> drain() {
    Promise<Void> done = Promise.promise();
    context.runOnContext(ignored -> {
      gate.stop();
      drained = done;
      completeWhenDrained();
    });
    return done.future();
  }

  private void completeWhenDrained() {
    Promise<Void> waiting = drained;
    if (waiting == null || !lanes.values().stream().allMatch(lane -> lane.gatherer.isIdle())) {
      return;
    }
    if (!declaredLast && !losses.isEmpty() && !appender.stuck() && database.up()) {
      declaredLast = true;
      declareLast();
      return;
    }
    if (!losses.isEmpty()) {
      losses
          .take(clock.nowUs())
          .forEach(loss -> log.error(
              "records lost and not declared source={} cause={} count={}",
              loss.source(),
              loss.cause(),
              loss.count()));
    }
    waiting.tryComplete();
  }

  /** The gate is closed, perhaps for want of storage: a few gap records go all the same, nobody else could tell. */
  private void declareLast() {
    Lane lane = lane(ownTrail);
    lane.gatherer.add(gaps(losses.take(clock.nowUs())));
    pump(ownTrail, lane);
  }

  private Lane lane(int trail) {
    return lanes.computeIfAbsent(
        trail,
        number -> new Lane(
            new Gatherer(number, UUID.randomUUID(), limits, random::nextBytes, classes::of)));
  }

  private void pump(int trail, Lane lane) {
    long nowUs = clock.nowUs();
    AppendRequest request = lane.gatherer.next(nowUs);
    if (request != null) {
      send(trail, lane, request);
      return;
    }
    long dueUs = lane.gatherer.dueUs();
    if (dueUs != Long.MAX_VALUE && lane.timer < 0) {
      long delayMs = Math.max(1, Math.min(1_000, (dueUs - nowUs + 999) / 1_000));
      lane.timer = vertx.setTimer(delayMs, id -> {
        lane.timer = -1;
        pump(trail, lane);
      });
    }
    completeWhenDrained();
  }

  private void send(int trail, Lane lane, AppendRequest request) {
    appender.append(request).onComplete(answer -> {
      long nowUs = clock.nowUs();
      if (answer.succeeded()) {
        stages.record(
            Stage.APPEND,
            request.stamps().sealedUs(),
            nowUs,
            bytes(request),
            request.records().size() + (long) request.sampleCount());
        lane.gatherer.answer(answer.result(), nowUs);
      } else {
        lane.gatherer.fail(String.valueOf(answer.cause().getMessage()));
      }
      pump(trail, lane);
    });
  }

  private static long bytes(AppendRequest request) {
    long bytes = request.samples().length;
    for (SealedRecord record : request.records()) {
      bytes += record.canonical().length;
    }
    return bytes;
  }

  private void watch() {
    gate.databaseAway(appender.stuck() || !database.up());
    if (++watches % DECLARE_EVERY_WATCHES == 0) {
      declareLosses();
    }
  }

  private void declareLosses() {
    if (losses.isEmpty() || gate.closed() != null) {
      return;
    }
    List<Losses.Declared> declared = losses.take(clock.nowUs());
    if (!(offer(ownTrail, gaps(declared)) instanceof Admission.Admitted)) {
      losses.putBack(declared);
    }
  }

  private Offer gaps(List<Losses.Declared> declared) {
    List<CanonicalRecord> gaps = new ArrayList<>(declared.size());
    for (Losses.Declared loss : declared) {
      gaps.add(CanonicalRecord.of(loss.gap(), Gatherer.OWN_SOURCE));
      log.warn(
          "records lost source={} cause={} count={}", loss.source(), loss.cause(), loss.count());
    }
    return Offer.records(Gatherer.OWN_SOURCE, gaps, clock.nowUs(), settlement -> {
      if (!(settlement instanceof Settlement.Appended)) {
        losses.putBack(declared);
      }
    });
  }
}
