package io.vedette.collector;

import io.vedette.collector.append.Admission;
import io.vedette.collector.append.Offer;
import io.vedette.collector.integrate.IntegratorLease;
import io.vedette.model.Batch;
import io.vedette.runtime.Addresses;
import io.vedette.runtime.ServiceContext;
import io.vedette.store.MicroClock;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.MessageConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps log time going: while this process holds the lease {@code integrator}, it appends an empty batch when none came for a second. Two tickers would do no harm but double the ticks.
 */
final class TickVerticle extends VerticleBase {
  private static final long LOOK_MS = 100;
  private static final long TICK_US = 1_000_000;

  private final int trail;
  private final AppendVerticle append;
  private final IntegratorLease lease;
  private final MicroClock clock;
  private long batchUs;
  private boolean ticking;
  private long lookTimer = -1;
  private @Nullable MessageConsumer<Batch> batches;

  TickVerticle(
      ServiceContext service, AppendVerticle append, IntegratorLease lease, MicroClock clock) {
    this.trail = service.config().get(CollectorConfig.TRAIL);
    this.append = append;
    this.lease = lease;
    this.clock = clock;
  }

  @Override
  public Future<?> start() {
    MessageConsumer<Batch> consumer = vertx.eventBus().consumer(Addresses.RECORD_APPENDED);
    consumer.handler(message -> {
      if (message.body().trail() == trail) {
        batchUs = clock.nowUs();
      }
    });
    batches = consumer;
    lookTimer = vertx.setPeriodic(LOOK_MS, id -> look());
    return consumer.completion();
  }

  @Override
  public Future<?> stop() {
    vertx.cancelTimer(lookTimer);
    MessageConsumer<Batch> consumer = batches;
    return consumer == null ? Future.succeededFuture() : consumer.unregister();
  }

  private void look() {
    long nowUs = clock.nowUs();
    if (lease.held() == null || ticking || (nowUs - batchUs < TICK_US && nowUs >= batchUs)) {
      return;
    }
    ticking = true;
    Admission admission = append.offer(
        trail, Offer.tick(nowUs, settlement -> context.runOnContext(ignored -> ticked())));
    if (admission instanceof Admission.Pushback) {
      ticking = false;
    }
  }

  private void ticked() {
    ticking = false;
    batchUs = Math.max(
        batchUs,
        clock.nowUs() - TICK_US / 2); // the batch itself tells; a refused tick is tried again soon
  }
}
