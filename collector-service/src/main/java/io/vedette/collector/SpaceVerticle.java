package io.vedette.collector;

import io.micrometer.core.instrument.Gauge;
import io.vedette.collector.append.Gate;
import io.vedette.collector.append.Losses;
import io.vedette.runtime.Health;
import io.vedette.runtime.ServiceContext;
import io.vedette.store.MicroClock;
import io.vedette.store.trail.StorageSpace;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Closes the gate while the storage has less room than {@code storage.min-free}, and declares that time afterwards. */
final class SpaceVerticle extends VerticleBase {
  private static final Logger log = LoggerFactory.getLogger(SpaceVerticle.class);
  private static final long LOOK_MS = 1_000;

  private final ServiceContext service;
  private final StorageSpace space;
  private final Gate gate;
  private final Losses losses;
  private final MicroClock clock;
  private @Nullable Runnable healthEntry;
  private long timer = -1;
  private boolean looking;
  private boolean unreadable;
  private long lowSinceUs = -1;
  private volatile long freeBytes = -1;
  private volatile boolean low;

  SpaceVerticle(
      ServiceContext service, StorageSpace space, Gate gate, Losses losses, MicroClock clock) {
    this.service = service;
    this.space = space;
    this.gate = gate;
    this.losses = losses;
    this.clock = clock;
    Gauge.builder("vedette_collector_storage_free_bytes", this, verticle -> verticle.freeBytes)
        .description("Room where the database lies; -1 unknown")
        .baseUnit("bytes")
        .register(service.metrics());
  }

  @Override
  public Future<?> start() {
    healthEntry = service
        .health()
        .register(
            "collector.storage",
            () -> low
                ? Health.Check.degraded(freeBytes + " bytes free (expected: at least "
                    + space.minFreeBytes() + ", storage.min-free): sources pause, pushes get 503")
                : Health.Check.up());
    timer = vertx.setPeriodic(1, LOOK_MS, id -> look());
    return Future.succeededFuture();
  }

  @Override
  public Future<?> stop() {
    vertx.cancelTimer(timer);
    Runnable entry = healthEntry;
    if (entry != null) {
      entry.run();
    }
    return Future.succeededFuture();
  }

  private void look() {
    if (looking) {
      return;
    }
    looking = true;
    vertx.executeBlocking(space::read, false).onComplete(answer -> {
      looking = false;
      if (answer.failed()) {
        if (!unreadable) {
          unreadable = true;
          log.warn(
              "free space cannot be read, taking records nevertheless cause={}",
              answer.cause().toString());
        }
        return;
      }
      unreadable = false;
      judge(answer.result());
    });
  }

  private void judge(StorageSpace.Reading reading) {
    freeBytes = reading.freeBytes();
    if (low == reading.enough()) {
      long nowUs = clock.nowUs();
      low = !reading.enough();
      gate.storageLow(low);
      if (low) {
        lowSinceUs = nowUs;
        log.error(
            "storage is low: sources pause, pushes get 503 free={} expected={}",
            freeBytes,
            space.minFreeBytes());
      } else {
        log.info("storage has room again free={}", freeBytes);
        losses.add(
            "all sources",
            "storage was below storage.min-free: sources paused, pushes were refused",
            -1,
            lowSinceUs,
            nowUs);
      }
    }
  }
}
