package io.vedette.collector.integrate;

import io.micrometer.core.instrument.Counter;
import io.vedette.runtime.Health;
import io.vedette.runtime.ServiceContext;
import io.vedette.store.Database;
import io.vedette.store.MicroClock;
import io.vedette.store.trail.Checkpoints;
import io.vedette.store.trail.Checkpoints.StoredCheckpoint;
import io.vedette.store.trail.TrailConfig;
import io.vedette.trail.Note;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends the newest checkpoint away, at the start and once per interval; to a place that did not take it again after a minute. Only the lease's holder does. */
final class CopyVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(CopyVerticle.class);
  private static final long LOOK_MS = 1_000;
  private static final long RETRY_US = Duration.ofMinutes(1).toNanos() / 1_000;

  private final ServiceContext service;
  private final Checkpoints checkpoints;
  private final IntegratorLease lease;
  private final int trail;
  private final long intervalUs;
  private final MicroClock clock;
  private final Counter sent;
  private final Counter failed;
  private final List<Place> places;
  private boolean sending;
  private volatile @Nullable String problem;
  private long looker = -1;
  private Runnable unregister = () -> {};

  /** Touched by one at a time: this verticle, or the worker it has sending. */
  private static final class Place {
    final CheckpointCopies.Target target;
    long dueUs;
    String failure = "";

    Place(CheckpointCopies.Target target, long dueUs) {
      this.target = target;
      this.dueUs = dueUs;
    }
  }

  CopyVerticle(
      ServiceContext service,
      Database database,
      IntegratorLease lease,
      int trail,
      MicroClock clock) {
    this.clock = clock;
    this.service = service;
    this.checkpoints = new Checkpoints(database);
    this.lease = lease;
    this.trail = trail;
    this.places =
        CheckpointCopies.of(service.config().get(TrailConfig.CHECKPOINT_COPY)).targets().stream()
            .map(target -> new Place(target, clock.nowUs()))
            .toList();
    this.intervalUs = service.config().get(TrailConfig.CHECKPOINT_COPY_INTERVAL).toNanos() / 1_000;
    this.sent = Counter.builder("vedette_collector_checkpoint_copied_total")
        .description("Checkpoints sent away to all places")
        .register(service.metrics());
    this.failed = Counter.builder("vedette_collector_checkpoint_copy_failed_total")
        .description("Attempts to send a checkpoint away that failed somewhere")
        .register(service.metrics());
  }

  @Override
  public Future<?> start() {
    if (!places.isEmpty()) {
      unregister = service.health().register("trail.checkpoint-copy", this::health);
      looker = vertx.setPeriodic(LOOK_MS, id -> look());
    }
    return Future.succeededFuture();
  }

  @Override
  public Future<?> stop() {
    vertx.cancelTimer(looker);
    unregister.run();
    return Future.succeededFuture();
  }

  private Health.Check health() {
    String now = problem;
    return now == null
        ? Health.Check.up()
        : Health.Check.degraded("checkpoints are not sent away: " + now);
  }

  private void look() {
    long nowUs = clock.nowUs();
    List<Place> due = places.stream().filter(place -> place.dueUs <= nowUs).toList();
    if (sending || lease.held() == null || due.isEmpty()) {
      return;
    }
    sending = true;
    checkpoints.newest(trail).compose(newest -> send(newest, due)).onComplete(answer -> {
      sending = false;
      if (answer.failed()) {
        String cause = answer.cause().toString();
        due.forEach(place -> place.failure = cause);
        settle(due);
      } else if (answer.result()) {
        settle(due); // else nothing was signed yet: look again soon
      }
    });
  }

  /** Answers whether there was something to send. */
  private Future<Boolean> send(Optional<StoredCheckpoint> newest, List<Place> due) {
    if (newest.isEmpty()) {
      return Future.succeededFuture(false);
    }
    Note note = Note.parse(newest.get().note().getBytes(StandardCharsets.UTF_8));
    return vertx.executeBlocking(() -> {
      due.forEach(place -> place.failure = CheckpointCopies.send(place.target, note));
      return true;
    });
  }

  private void settle(List<Place> tried) {
    long nowUs = clock.nowUs();
    for (Place place : tried) {
      place.dueUs = nowUs + (place.failure.isEmpty() ? intervalUs : Math.min(RETRY_US, intervalUs));
    }
    String now = places.stream()
        .map(place -> place.failure)
        .filter(failure -> !failure.isEmpty())
        .distinct()
        .collect(Collectors.joining("; "));
    if (now.isEmpty()) {
      problem = null;
      sent.increment();
      return;
    }
    if (!now.equals(problem)) {
      LOG.warn("checkpoint not sent away trail={} cause={}", trail, now);
    }
    problem = now;
    failed.increment();
  }
}
