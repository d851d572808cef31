package io.vedette.collector;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.vedette.collector.integrate.IntegratorLease;
import io.vedette.runtime.Health;
import io.vedette.runtime.ServiceContext;
import io.vedette.store.Database;
import io.vedette.store.StoreConfig;
import io.vedette.store.erase.Purger;
import io.vedette.store.trail.Appender;
import io.vedette.store.trail.Retention;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has what expired dropped, and done what erasures left, a round of each a minute, while this process holds the lease {@code integrator}. One round at a time. */
final class RetentionVerticle extends VerticleBase {
  private static final Logger log = LoggerFactory.getLogger(RetentionVerticle.class);
  private static final long EVERY_MS = Duration.ofMinutes(1).toMillis();
  private static final long FIRST_MS = Duration.ofSeconds(5).toMillis();

  /** For one table: a partition of large records on a slow disk. */
  private static final Duration PURGE_LIMIT = Duration.ofMinutes(15);

  /** For all of them: then the write-ahead log has its turn, and what was left meanwhile goes before the rest of this round. */
  private static final Duration BEGIN_LIMIT = Duration.ofMinutes(5);

  /** A quarter of a gigabyte per round: some fifteen in an hour. */
  private static final int WAL_SEGMENTS = 16;

  private final int trail;
  private final ServiceContext service;
  private final Retention retention;
  private final IntegratorLease lease;
  private final Purger purger;
  private final Counter partitions;
  private final Counter rows;
  private volatile long minIndex;
  private volatile @Nullable String trouble;
  private volatile @Nullable String purgeTrouble;
  private boolean working;
  private boolean purging;
  private long timer = -1;
  private Runnable unregister = () -> {};

  RetentionVerticle(
      ServiceContext service, Database database, Appender appender, IntegratorLease lease) {
    this.trail = service.config().get(CollectorConfig.TRAIL);
    this.service = service;
    this.retention = new Retention(database, appender, StoreConfig.retention(service.config()));
    this.purger = new Purger(database, StoreConfig.space(service.config()));
    this.lease = lease;
    this.partitions = Counter.builder("vedette_store_partition_dropped_total")
        .description("Partitions of records that expired and were dropped by this process")
        .register(service.metrics());
    this.rows = Counter.builder("vedette_store_row_expired_total")
        .description(
            "Sample blocks, idempotency keys, publications and quarantined records deleted after their time")
        .register(service.metrics());
    Gauge.builder("vedette_store_min_index", this, verticle -> verticle.minIndex)
        .description(
            "Below this index no payload is kept but those of retention class 1, as far as this process has looked")
        .register(service.metrics());
  }

  @Override
  public Future<?> start() {
    unregister = service.health().register("collector.retention", this::health);
    timer = vertx.setPeriodic(FIRST_MS, EVERY_MS, id -> {
      round();
      purge();
    });
    return Future.succeededFuture();
  }

  @Override
  public Future<?> stop() {
    vertx.cancelTimer(timer);
    unregister.run();
    return Future.succeededFuture();
  }

  private Health.Check health() {
    String now = trouble;
    if (now != null) {
      return Health.Check.degraded("what expired is not deleted: " + now);
    }
    String left = purgeTrouble;
    return left == null
        ? Health.Check.up()
        : Health.Check.degraded("files still hold what was erased: " + left);
  }

  /** Waiting for a partition to be full or for a reader is no trouble; an error is. */
  private void purge() {
    if (purging || lease.held() == null) {
      return;
    }
    purging = true;
    purger.run(table -> true, PURGE_LIMIT, BEGIN_LIMIT, WAL_SEGMENTS).onComplete(answer -> {
      purging = false;
      String cause = answer.failed() ? answer.cause().toString() : null;
      if (cause != null && !cause.equals(purgeTrouble)) {
        log.warn("files still hold what was erased, trying again cause={}", cause);
      }
      purgeTrouble = cause;
    });
  }

  private void round() {
    if (working || lease.held() == null) {
      return;
    }
    working = true;
    retention.run(trail).onComplete(answer -> {
      working = false;
      if (answer.failed()) {
        String cause = answer.cause().toString();
        if (!cause.equals(trouble)) {
          log.warn("what expired is not deleted, trying again trail={} cause={}", trail, cause);
        }
        trouble = cause;
        return;
      }
      trouble = null;
      partitions.increment(answer.result().droppedPartitions().size());
      rows.increment(answer.result().deletedRows());
      minIndex = answer.result().minIndex();
    });
  }
}
