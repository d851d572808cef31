package io.vedette.collector.integrate;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.vedette.model.Batch;
import io.vedette.model.Outcome;
import io.vedette.model.RecordDraft;
import io.vedette.model.Severity;
import io.vedette.runtime.Addresses;
import io.vedette.runtime.Health;
import io.vedette.runtime.ServiceContext;
import io.vedette.runtime.config.Config;
import io.vedette.store.Database;
import io.vedette.store.MicroClock;
import io.vedette.store.lease.Lease;
import io.vedette.store.trail.Appender;
import io.vedette.store.trail.Checkpoints;
import io.vedette.store.trail.Checkpoints.StoredCheckpoint;
import io.vedette.store.trail.TrailConfig;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.eventbus.MessageConsumer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Wakes the integrator when something was appended, while this process holds the lease, else remembers what the holder publishes: tiles within {@link #ROUND_MS} or so, a checkpoint at most once per interval. One round at a time, on a
 * worker of its own; what comes meanwhile is one further round.
 */
public final class IntegrateVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(IntegrateVerticle.class);

  /** Rounds begin at least this far apart: each rewrites the unfinished tiles, 8 KiB or less. Half of what a tile may take. */
  static final long ROUND_MS = 40;

  /** Without a message from the bus a tile is as late as this besides. Costs one small question each. */
  private static final long LOOK_MS = 50;

  /** Who does not sign looks at what was published this often, or once per checkpoint. */
  private static final long FOLLOW_MS = 1_000;

  private static final long RETRY_MS = 1_000;
  private static final long STOP_MS = 5_000;
  private static final long THIN_MS = 600_000;

  /** A refusal that lasts is said again, so that an alert on it does not end while it does. */
  private static final long REPEAT_NS = Duration.ofMinutes(30).toNanos();

  private static final Duration SLOW = Duration.ofMinutes(2);

  private final int trail;
  private final ServiceContext service;
  private final Database database;
  private final Appender appender;
  private final IntegratorLease lease;
  private final Coverage coverage;
  private final Integrator integrator;
  private final long intervalNs;
  private final Meters meters;
  private final List<Runnable> cleanups = new ArrayList<>();

  private @Nullable WorkerExecutor worker;
  private @Nullable MessageConsumer<Batch> batches;
  private Future<?> current = Future.succeededFuture();
  private volatile @Nullable String problem;
  private @Nullable String recorded;
  private long recordedNs;
  private long leaseEpoch = -1;
  private boolean running;
  private boolean again;
  private boolean waiting;
  private boolean stopping;
  private long notBeforeNs = System.nanoTime();
  private long followedNs = notBeforeNs - Duration.ofDays(1).toNanos();
  private long signedNs = notBeforeNs - Duration.ofDays(1).toNanos();

  /** What became of a round. */
  private record Round(
      Integrator.Step step,
      @Nullable StoredCheckpoint published,
      @Nullable NotSigningException refusal) {}

  private static final class Meters {
    final Counter integrated;
    final Counter signed;
    final Counter failed;
    final Timer rounds;
    volatile long size;
    volatile long checkpointSize;

    Meters(MeterRegistry metrics) {
      integrated = Counter.builder("vedette_collector_entry_integrated_total")
          .description("Entries put into tiles by this process")
          .register(metrics);
      signed = Counter.builder("vedette_collector_checkpoint_signed_total")
          .description("Checkpoints signed and published by this process")
          .register(metrics);
      failed = Counter.builder("vedette_collector_integrate_failed_total")
          .description("Rounds of the integrator that failed and are tried again")
          .register(metrics);
      rounds = Timer.builder("vedette_collector_integrate_seconds")
          .description("Duration of a round: entries to tiles, and the checkpoint where one is due")
          .register(metrics);
      Gauge.builder("vedette_collector_tree_size", this, m -> m.size)
          .description("Entries in stored tiles, as this process knows")
          .register(metrics);
      Gauge.builder("vedette_collector_checkpoint_size", this, m -> m.checkpointSize)
          .description("Size of the newest checkpoint this process published")
          .register(metrics);
    }
  }

  public IntegrateVerticle(
      ServiceContext service,
      Database database,
      Appender appender,
      IntegratorLease lease,
      Coverage coverage,
      int trail) {
    this(service, database, appender, lease, coverage, trail, new StoredLog(database, trail));
  }

  IntegrateVerticle(
      ServiceContext service,
      Database database,
      Appender appender,
      IntegratorLease lease,
      Coverage coverage,
      int trail,
      LogPort log) {
    this.service = service;
    this.database = database;
    this.appender = appender;
    this.lease = lease;
    this.coverage = coverage;
    this.trail = trail;
    Config config = service.config();
    this.integrator = new Integrator(
        log,
        () -> SignerKeys.read(config),
        new SignerState(StateFiles.of(config, service.standalone())));
    this.intervalNs = config.get(TrailConfig.CHECKPOINT_INTERVAL).toNanos();
    this.meters = new Meters(service.metrics());
  }

  @Override
  public Future<?> start() {
    worker = vertx.createSharedWorkerExecutor(
        "vedette-integrate-" + trail, 1, SLOW.toNanos(), TimeUnit.NANOSECONDS);
    MessageConsumer<Batch> consumer = vertx.eventBus().consumer(Addresses.RECORD_APPENDED);
    consumer.handler(message -> {
      if (message.body().trail() == trail && message.body().count() > 0) {
        wake();
      }
    });
    batches = consumer;
    long looker = vertx.setPeriodic(LOOK_MS, id -> wake());
    long thinner = vertx.setPeriodic(THIN_MS, id -> thin());
    cleanups.add(() -> vertx.cancelTimer(looker));
    cleanups.add(() -> vertx.cancelTimer(thinner));
    cleanups.add(service.health().register("trail.sign", this::health));
    wake();
    return consumer.completion();
  }

  @Override
  public Future<?> stop() {
    stopping = true;
    cleanups.forEach(Runnable::run);
    MessageConsumer<Batch> consumer = batches;
    WorkerExecutor executor = worker;
    Future<?> unregistered = consumer == null ? Future.succeededFuture() : consumer.unregister();
    return unregistered
        .eventually(() -> current.timeout(STOP_MS, TimeUnit.MILLISECONDS))
        .eventually(() -> executor == null ? Future.succeededFuture() : executor.close());
  }

  private Health.Check health() {
    String now = problem;
    return now == null
        ? Health.Check.up()
        : Health.Check.degraded("checkpoints are not signed: " + now);
  }

  private void wake() {
    Lease held = lease.held();
    WorkerExecutor executor = worker;
    if (stopping || executor == null) {
      return;
    }
    if (held == null) {
      follow(executor);
      return;
    }
    if (running) {
      again = true;
      return;
    }
    long waitNs = notBeforeNs - System.nanoTime();
    if (waitNs > 0) {
      later(waitNs);
      return;
    }
    running = true;
    again = false;
    long nowNs = System.nanoTime();
    notBeforeNs = nowNs + ROUND_MS * 1_000_000;
    boolean anew = held.epoch() != leaseEpoch;
    leaseEpoch = held.epoch();
    boolean sign = nowNs - signedNs >= intervalNs;
    Future<Round> round = executor.executeBlocking(() -> round(anew, sign));
    current = round;
    round.onComplete(answer -> {
      running = false;
      meters.rounds.record(System.nanoTime() - nowNs, TimeUnit.NANOSECONDS);
      if (answer.succeeded()) {
        done(answer.result());
      } else {
        failed(answer.cause());
      }
    });
  }

  /** The next signer may be this process: it has to know what was signed. */
  private void follow(WorkerExecutor executor) {
    long nowNs = System.nanoTime();
    if (running || nowNs - followedNs < Math.max(intervalNs, FOLLOW_MS * 1_000_000)) {
      return;
    }
    followedNs = nowNs;
    running = true;
    Future<Boolean> following = executor.executeBlocking(integrator::follow);
    current = following;
    following.onComplete(answer -> {
      running = false;
      if (answer.failed()) {
        failed(answer.cause());
      } else if (answer.result()) {
        lease.useful(true);
        recovered();
      }
    });
  }

  private void recovered() {
    if (problem != null) {
      LOG.info("what kept the trail from being signed is over trail={}", trail);
      problem = null;
      recorded = null;
    }
  }

  private Round round(boolean anew, boolean sign) {
    if (anew) {
      integrator.forget();
    }
    Integrator.Step step = integrator.integrate();
    meters.integrated.increment(step.added());
    meters.size = step.size();
    try {
      Optional<StoredCheckpoint> published =
          sign && step.unpublished() ? integrator.publish() : Optional.empty();
      return new Round(step, published.orElse(null), null);
    } catch (NotSigningException e) {
      return new Round(step, null, e);
    }
  }

  private void done(Round round) {
    StoredCheckpoint published = round.published();
    if (published != null) {
      signedNs = System.nanoTime();
      meters.signed.increment();
      meters.checkpointSize = published.size();
      lease.useful(true);
      recovered();
      coverage.published(published);
    } else if (round.refusal() == null && !round.step().unpublished()) {
      recovered();
    }
    if (round.refusal() != null) {
      signedNs = System.nanoTime() + RETRY_MS * 1_000_000 - intervalNs;
      refused(round.refusal());
    }
    if (round.step().behind() || again) {
      if (round.step().behind()) {
        notBeforeNs = System.nanoTime();
      }
      wake();
    } else if (round.step().unpublished() && published == null && problem == null) {
      later(Math.max(signedNs + intervalNs - System.nanoTime(), ROUND_MS * 1_000_000));
    }
  }

  private void failed(Throwable cause) {
    notBeforeNs = System.nanoTime() + RETRY_MS * 1_000_000;
    meters.failed.increment();
    if (cause instanceof NotSigningException refusal) {
      refused(refusal);
    } else if (!cause.toString().equals(problem)) {
      problem = cause.toString();
      LOG.warn("trail not integrated, trying again trail={} cause={}", trail, cause.toString());
    }
  }

  private void refused(NotSigningException refusal) {
    String message = String.valueOf(refusal.getMessage());
    boolean key = refusal.reason() == NotSigningException.Reason.KEY;
    if (!message.equals(problem)) {
      problem = message;
      if (key) {
        LOG.warn("checkpoints are not signed trail={} reason={}", trail, message);
      } else {
        LOG.error("checkpoints are not signed trail={} reason={}", trail, message);
      }
    }
    lease.useful(false);
    if (!key && (recorded == null || System.nanoTime() - recordedNs >= REPEAT_NS)) {
      recorded = message;
      recordedNs = System.nanoTime();
      record(refusal);
    }
  }

  /** The refusal itself goes into the trail, where rules can see it. */
  private void record(NotSigningException why) {
    RecordDraft draft = RecordDraft.builder()
        .kind("trail.sign")
        .action("checkpoint.sign")
        .target("trail " + trail)
        .outcome(Outcome.FAILURE)
        .severity(Severity.ERROR)
        .message("checkpoints are not signed: " + why.getMessage())
        .observedUs(MicroClock.SYSTEM.nowUs())
        .attribute("reason", why.reason().name().toLowerCase(Locale.ROOT))
        .build();
    database
        .transaction(tx -> appender.appendWithin(tx, trail, List.of(draft)))
        .onSuccess(appended -> appender.announce(appended.batch()))
        .onFailure(cause -> {
          recorded = null;
          LOG.warn("refusal not recorded trail={} cause={}", trail, cause.toString());
        });
  }

  private void later(long waitNs) {
    if (!waiting) {
      waiting = true;
      vertx.setTimer(Math.max(1, waitNs / 1_000_000 + 1), id -> {
        waiting = false;
        wake();
      });
    }
  }

  private void thin() {
    if (lease.held() != null) {
      new Checkpoints(database)
          .thin(trail)
          .onSuccess(gone -> LOG.debug("old checkpoints thinned trail={} count={}", trail, gone))
          .onFailure(cause ->
              LOG.warn("old checkpoints not thinned trail={} cause={}", trail, cause.toString()));
    }
  }
}
