package io.vedette.collector;

import io.micrometer.core.instrument.Gauge;
import io.vedette.collector.append.Admission;
import io.vedette.collector.append.Offer;
import io.vedette.collector.append.Settlement;
import io.vedette.collector.source.Piece;
import io.vedette.collector.source.PullSource;
import io.vedette.collector.source.SourceException;
import io.vedette.model.Sample;
import io.vedette.model.Series;
import io.vedette.runtime.Health;
import io.vedette.runtime.ServiceContext;
import io.vedette.runtime.metrics.Stage;
import io.vedette.runtime.metrics.StageTimer;
import io.vedette.store.MicroClock;
import io.vedette.store.lease.Lease;
import io.vedette.store.lease.Leases;
import io.vedette.store.trail.Cursor;
import io.vedette.store.trail.Cursors;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.WorkerExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads one pull source: a piece at a time, the next when the last is in the trail. In a cluster only while it holds the source's lease. A source that cannot run says why once, and is tried again. Reading
 * is done by a worker thread of its own.
 */
final class PullVerticle extends VerticleBase {
  private static final Logger log = LoggerFactory.getLogger(PullVerticle.class);
  private static final String LEASE_KIND = "source";
  private static final long REOPEN_MS = 30_000;
  private static final long REFUSED_MS = 5_000;
  private static final long PUSHED_BACK_MS = 1_000; // asking costs nothing here
  private static final long LEASE_MS = 1_000;
  private static final long HEARTBEAT_MS = 5_000;

  private final ServiceContext service;
  private final PullSource source;
  private final AppendVerticle append;
  private final QuarantineDesk quarantine;
  private final Cursors cursors;
  private final Leases leases;
  private final SourceMeters meters;
  private final StageTimer stages;
  private final MicroClock clock;
  private final int trail;
  private final long intervalMs;

  private @Nullable WorkerExecutor worker;
  private @Nullable Runnable healthEntry;
  private @Nullable Lease lease;
  private boolean open;
  private boolean stopped;
  private @Nullable Piece done; // in the trail, the source does not know yet
  private volatile String complaint = "";
  private volatile boolean running;
  private List<String> told = List.of();
  private long polledUs;
  private long timer = -1;
  private long leaseTimer = -1;
  private long heartbeat = -1;
  private @Nullable Promise<Void> quiet;
  private boolean busy;

  PullVerticle(
      ServiceContext service,
      PullSource source,
      AppendVerticle append,
      QuarantineDesk quarantine,
      Cursors cursors,
      Leases leases,
      StageTimer stages,
      MicroClock clock) {
    this.service = service;
    this.source = source;
    this.append = append;
    this.quarantine = quarantine;
    this.cursors = cursors;
    this.leases = leases;
    this.stages = stages;
    this.clock = clock;
    this.trail = service.config().get(CollectorConfig.TRAIL);
    this.intervalMs = service.config().get(CollectorConfig.PULL_INTERVAL).toMillis();
    this.meters = new SourceMeters(service.metrics(), source.kind());
    Gauge.builder("vedette_collector_source_running", this, verticle -> verticle.running ? 1 : 0)
        .description("Whether a configured source runs in this process")
        .tag("source", source.name())
        .register(service.metrics());
  }

  @Override
  public Future<?> start() {
    worker = vertx.createSharedWorkerExecutor("collector-" + source.name(), 1);
    healthEntry = service
        .health()
        .register(
            "collector.source." + source.name(),
            () -> complaint.isEmpty() ? Health.Check.up() : Health.Check.degraded(complaint));
    heartbeat = vertx.setPeriodic(HEARTBEAT_MS, id -> beat());
    if (service.clustered()) {
      leaseTimer = vertx.setPeriodic(LEASE_MS, id -> holdLease());
      holdLease();
    }
    after(1, this::step);
    return Future.succeededFuture();
  }

  /** Completes when nothing is read any more. */
  @Override
  public Future<?> stop() {
    stopped = true;
    vertx.cancelTimer(timer);
    vertx.cancelTimer(leaseTimer);
    vertx.cancelTimer(heartbeat);
    Promise<Void> idle = Promise.promise();
    quiet = idle;
    if (!busy) {
      idle.complete();
    }
    Lease held = lease;
    return idle.future()
        .compose(ignored -> blocking(() -> {
          source.close();
          return "";
        }))
        .eventually(() -> held == null ? Future.succeededFuture() : leases.handOver(List.of(held)))
        .eventually(() -> {
          Runnable entry = healthEntry;
          if (entry != null) {
            entry.run();
          }
          WorkerExecutor own = worker;
          return own == null ? Future.succeededFuture() : own.close();
        });
  }

  private void after(long delayMs, Runnable next) {
    if (stopped) {
      idle();
      return;
    }
    busy = false;
    timer = vertx.setTimer(Math.max(1, delayMs), id -> {
      busy = true;
      next.run();
    });
  }

  private void idle() {
    busy = false;
    Promise<Void> waiting = quiet;
    if (waiting != null) {
      waiting.tryComplete();
    }
  }

  private <T> Future<T> blocking(Callable<T> work) {
    return Objects.requireNonNull(worker, "not started").executeBlocking(work, true);
  }

  private void step() {
    if (stopped) {
      idle();
    } else if (append.gate().closed() != null || (service.clustered() && lease == null)) {
      after(LEASE_MS, this::step);
    } else if (!open) {
      open();
    } else {
      poll();
    }
  }

  private void open() {
    cursors
        .all(trail)
        .compose(all -> blocking(() -> {
          source.open(standing(all));
          return "";
        }))
        .onComplete(answer -> {
          if (answer.succeeded()) {
            open = true;
            running = true;
            if (!complaint.isEmpty()) {
              log.info("source runs source={}", source.name());
              complaint = "";
            }
            step();
          } else {
            fail(answer.cause());
          }
        });
  }

  private List<PullSource.Standing> standing(List<Cursor> all) {
    List<PullSource.Standing> own = new ArrayList<>();
    for (Cursor cursor : all) {
      if (cursor.source().equals(source.name())
          || cursor.source().startsWith(source.name() + ":")) {
        own.add(new PullSource.Standing(cursor.source(), cursor.position()));
      }
    }
    return own;
  }

  private void poll() {
    long nowUs = clock.nowUs();
    Piece committed = done;
    done = null;
    blocking(() -> {
          if (committed != null) {
            source.committed(committed);
          }
          return new Polled(source.next(nowUs), source.complaints());
        })
        .onComplete(answer -> {
          if (answer.failed()) {
            fail(answer.cause());
            return;
          }
          polledUs = clock.nowUs();
          tell(answer.result().complaints());
          Piece piece = answer.result().piece();
          if (piece == null) {
            after(intervalMs, this::step);
          } else {
            take(piece);
          }
        });
  }

  private record Polled(@Nullable Piece piece, List<String> complaints) {}

  private void take(Piece piece) {
    long nowUs = clock.nowUs();
    long decodedUs = nowUs - piece.processUs(); // as if each record were read first, then processed
    stages.record(
        Stage.COLLECT,
        piece.receivedUs(),
        decodedUs,
        piece.bytes(),
        piece.records().size());
    stages.record(
        Stage.PROCESS, decodedUs, nowUs, piece.bytes(), piece.records().size());
    meters.received(piece.records().size() + (long) piece.rejected().size(), piece.bytes());
    for (Piece.Undecodable rejected : piece.rejected()) {
      meters.rejected(rejected.rejection().reason().text(), 1);
      quarantine.keep(trail, source.name(), rejected.rejection(), rejected.payload(), nowUs);
    }
    offer(piece);
  }

  private void offer(Piece piece) {
    if (stopped) {
      meters.pushedBack("stopping", piece.records().size());
      idle();
      return;
    }
    Offer offer = Offer.of(
        source.name(),
        piece.records(),
        List.of(),
        piece.position(),
        null,
        piece.receivedUs(),
        settlement -> context.runOnContext(ignored -> settled(piece, settlement)));
    if (append.offer(trail, offer) instanceof Admission.Pushback) {
      after(PUSHED_BACK_MS, () -> offer(piece));
    }
  }

  private void settled(Piece piece, Settlement settlement) {
    if (settlement instanceof Settlement.Appended appended) {
      meters.admitted(appended.count());
      meters.rejected("refused-by-database", appended.quarantined());
      done = piece;
      step();
    } else if (settlement instanceof Settlement.Refused refused) {
      complain("the trail does not take its records: " + refused.reason());
      after(REFUSED_MS, () -> offer(piece));
    } else { // another owner reads it, or did: begin again where its cursor stands now
      meters.pushedBack("conflict", piece.records().size());
      open = false;
      after(LEASE_MS, this::step);
    }
  }

  private void fail(Throwable cause) {
    open = false;
    running = false;
    if (cause instanceof SourceException why) {
      complain(why.getMessage() + "; to change that: " + why.remedy());
      after(REOPEN_MS, this::step);
    } else {
      complain(String.valueOf(cause));
      after(REFUSED_MS, this::step);
    }
  }

  /** Told when it begins or changes. */
  private void complain(String text) {
    if (!text.equals(complaint)) {
      log.warn("source does not run source={} because {}", source.name(), text);
      complaint = text;
    }
  }

  private void tell(List<String> complaints) {
    if (!complaints.equals(told)) {
      complaints.stream()
          .filter(text -> !told.contains(text))
          .forEach(text -> log.info("source={} {}", source.name(), text));
      told = complaints;
    }
  }

  private void holdLease() {
    leases
        .claim(trail, LEASE_KIND, List.of(source.name()), service.nodeId(), Leases.TTL)
        .onComplete(answer -> {
          Lease held =
              answer.succeeded() && !answer.result().isEmpty() ? answer.result().get(0) : null;
          if (held == null && lease != null) {
            open = false; // read on only from where the next owner leaves it
          }
          lease = held;
        });
  }

  /** Says that the source was asked and answered: what is missing when it fell silent. */
  private void beat() {
    long nowUs = clock.nowUs();
    if (running && nowUs - polledUs < 2 * HEARTBEAT_MS * 1_000) {
      Sample sample = new Sample(
          Series.of(
              CollectorService.HEARTBEAT, Map.of("source", source.name(), "kind", source.kind())),
          nowUs,
          1);
      Admission admission = append.offer(
          trail, Offer.samples(source.name(), List.of(sample), nowUs, settlement -> {}));
      if (admission instanceof Admission.Pushback) {
        log.debug("heartbeat not taken source={}", source.name());
      }
    }
  }
}
