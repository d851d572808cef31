package io.vedette.alert;

import io.micrometer.core.instrument.MeterRegistry;
import io.vedette.alert.wire.Times;
import io.vedette.runtime.Addresses;
import io.vedette.runtime.metrics.StageTimer;
import io.vedette.store.lease.Lease;
import io.vedette.store.lease.Leases;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Holds the trail's lease or stands by for it. While it holds it, the verticles that process and notify run; it also publishes the topics' heads and lets what is old expire. */
final class OwnerVerticle extends VerticleBase {
  static final String KIND = "alert";
  static final String NAME = "owner";

  private static final Logger LOG = LoggerFactory.getLogger(OwnerVerticle.class);
  private static final long BEAT_MS = 1_000;
  private static final long EXPIRE_EVERY_BEATS = 60;

  private final Stores stores;
  private final MeterRegistry metrics;
  private final StageTimer stages;
  private final int trail;
  private final String nodeId;
  private final Duration retention;
  private final Waiting waiting = new Waiting();
  private final List<String> children = new ArrayList<>();

  private Setup setup;
  private @Nullable Lease lease;
  private volatile boolean owning;
  private Future<Void> move = Future.succeededFuture();
  private boolean moving;
  private long heldUntilNs;
  private long beats;
  private long ticker = -1;
  private boolean stopping;

  OwnerVerticle(
      Stores stores,
      Setup setup,
      MeterRegistry metrics,
      StageTimer stages,
      int trail,
      String nodeId,
      Duration retention) {
    this.stores = stores;
    this.setup = setup;
    this.metrics = metrics;
    this.stages = stages;
    this.trail = trail;
    this.nodeId = nodeId;
    this.retention = retention;
  }

  @Override
  public Future<?> start() {
    ticker = vertx.setPeriodic(BEAT_MS, id -> beat());
    beat();
    return move;
  }

  @Override
  public Future<?> stop() {
    stopping = true;
    vertx.cancelTimer(ticker);
    return move.eventually(this::stepDown).eventually(this::handOver);
  }

  boolean isOwner() {
    return owning;
  }

  /** Takes a new setup into use; for any thread. */
  Future<Void> reload(Setup wanted) {
    Promise<Void> done = Promise.promise();
    context.runOnContext(here -> {
      setup = wanted;
      move = move.otherwiseEmpty()
          .compose(idle ->
              lease == null ? Future.succeededFuture() : stepDown().compose(down -> stepUp()));
      move.onComplete(done);
    });
    return done.future();
  }

  private void beat() {
    beats++;
    if (moving || stopping) {
      return;
    }
    moving = true;
    move = move.otherwiseEmpty()
        .compose(idle -> lease == null ? claim() : renew(lease))
        .onFailure(lost -> LOG.debug("lease not looked at trail={}", trail, lost))
        .otherwiseEmpty()
        .compose(done -> lease != null && System.nanoTime() - heldUntilNs > 0
            ? lose("it ran out")
            : Future.succeededFuture())
        .onComplete(done -> moving = false);
    if (owning) {
      publishHeads();
      if (beats % EXPIRE_EVERY_BEATS == 0) {
        expire();
      }
    }
  }

  private Future<Void> claim() {
    long askedNs = System.nanoTime();
    return stores
        .leases()
        .claim(trail, KIND, List.of(NAME), nodeId, Leases.TTL)
        .compose(claimed -> {
          if (claimed.isEmpty()) {
            return Future.succeededFuture();
          }
          lease = claimed.get(0);
          heldUntilNs = askedNs + Leases.TTL.toNanos();
          return stepUp();
        });
  }

  private Future<Void> renew(Lease held) {
    long askedNs = System.nanoTime();
    return stores.leases().renew(List.of(held), Leases.TTL).compose(renewed -> {
      if (renewed.isEmpty()) {
        return lose("another took it");
      }
      lease = renewed.get(0);
      heldUntilNs = askedNs + Leases.TTL.toNanos();
      return children.isEmpty() ? stepUp() : Future.succeededFuture();
    });
  }

  private Future<Void> stepUp() {
    Lease held = lease;
    if (held == null || stopping) {
      return Future.succeededFuture();
    }
    Runnable onLost = () -> context.runOnContext(here -> check());
    Setup now = setup;
    return deploy(new ProcessVerticle(stores, held, now, metrics, stages, waiting, onLost))
        .compose(
            up -> deploy(new NotifyVerticle(stores, held, now, metrics, stages, waiting, onLost)))
        .onSuccess(up -> {
          owning = true;
          LOG.info("alerts are processed here trail={} epoch={}", trail, held.epoch());
        })
        .recover(failed -> {
          LOG.warn("alerts cannot be processed here, trying again trail={}", trail, failed);
          return stepDown();
        });
  }

  private Future<Void> deploy(VerticleBase verticle) {
    return vertx.deployVerticle(verticle).onSuccess(children::add).mapEmpty();
  }

  private Future<Void> lose(String why) {
    LOG.info("alerts are processed elsewhere now trail={} why={}", trail, why);
    lease = null;
    return stepDown();
  }

  /** A child found its lease gone. */
  private void check() {
    if (lease != null && !moving) {
      beat();
    }
  }

  private Future<Void> stepDown() {
    owning = false;
    List<Future<Void>> down = new ArrayList<>();
    for (int i = children.size() - 1; i >= 0; i--) {
      down.add(vertx.undeploy(children.get(i)));
    }
    children.clear();
    return Future.join(down).<Void>mapEmpty().otherwiseEmpty();
  }

  private Future<Void> handOver() {
    Lease held = lease;
    lease = null;
    return held == null ? Future.succeededFuture() : stores.leases().handOver(List.of(held));
  }

  private void publishHeads() {
    stores
        .publications()
        .heads(trail)
        .onSuccess(heads -> vertx.eventBus().publish(Addresses.TOPIC_HEADS, heads))
        .onFailure(lost -> LOG.debug("heads not read trail={}", trail, lost));
  }

  private void expire() {
    stores
        .alerts()
        .expire(trail, stores.clock().nowUs() - Times.micros(retention))
        .onFailure(lost -> LOG.debug("nothing expired trail={}", trail, lost));
  }
}
