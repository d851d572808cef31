package io.vedette.collector.integrate;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vedette.collector.integrate.verify.OpenedNotes;
import io.vedette.collector.integrate.verify.StoredTrail;
import io.vedette.collector.integrate.verify.StoredTrail.StoredKey;
import io.vedette.collector.integrate.verify.TrailVerification;
import io.vedette.collector.integrate.verify.TrailVerification.Options;
import io.vedette.collector.integrate.verify.TrailVerification.Result;
import io.vedette.model.Outcome;
import io.vedette.model.RecordDraft;
import io.vedette.model.Severity;
import io.vedette.runtime.Health;
import io.vedette.runtime.ServiceContext;
import io.vedette.runtime.config.Config;
import io.vedette.store.Database;
import io.vedette.store.MicroClock;
import io.vedette.store.trail.Appender;
import io.vedette.store.trail.Succession;
import io.vedette.store.trail.TrailConfig;
import io.vedette.trail.Checkpoint;
import io.vedette.trail.Note;
import io.vedette.trail.verify.Fault;
import io.vedette.trail.verify.LogKey;
import io.vedette.trail.verify.Reason;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Verifies the whole trail again and again while this process holds the integrator's lease, on a thread of its own that rests after each page as long as its share of a core demands. What it finds
 * becomes a record that rules can match, a metric, and degraded health.
 */
public final class VerifyVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(VerifyVerticle.class);
  private static final long BETWEEN_NS = Duration.ofSeconds(10).toNanos();

  private static final long UNSIGNED_NS = Duration.ofSeconds(1).toNanos();

  /** Not the holder: looks again after this. */
  private static final long LOOK_NS = Duration.ofMillis(250).toNanos();

  /** What is still wrong is said again, so that an alert on it does not end while it is. */
  private static final long REPEAT_NS = Duration.ofMinutes(30).toNanos();

  private static final long STOP_MS = 5_000;
  private static final int KEYS = 64;

  private final int trail;
  private final ServiceContext service;
  private final Database database;
  private final Appender appender;
  private final IntegratorLease lease;
  private final int percent;
  private final SignerState state;
  private final Counter passes;
  private final Counter entries;
  private final List<Runnable> cleanups = new ArrayList<>();

  private volatile boolean stopping;
  private volatile long position;
  private volatile long size;
  private volatile @Nullable String wrong;
  private volatile long cpuNs;
  private volatile @Nullable Thread thread;

  // Only touched by the thread.
  private final OpenedNotes opened = new OpenedNotes();
  private final Map<String, LogKey> parsed = new HashMap<>();
  private @Nullable String recorded;
  private long recordedNs;
  private @Nullable String trouble;
  private @Nullable String suspected;

  public VerifyVerticle(
      ServiceContext service,
      Database database,
      Appender appender,
      IntegratorLease lease,
      int trail) {
    this.service = service;
    this.database = database;
    this.appender = appender;
    this.lease = lease;
    this.trail = trail;
    Config config = service.config();
    this.percent = config.get(TrailConfig.VERIFY_CPU_PERCENT);
    this.state = new SignerState(StateFiles.of(config, service.standalone()));
    MeterRegistry metrics = service.metrics();
    this.passes = Counter.builder("vedette_trail_verify_passes_total")
        .description("Verifications of the whole trail that came to their end")
        .register(metrics);
    this.entries = Counter.builder("vedette_trail_verify_entries_total")
        .description("Entries verified, with their records")
        .register(metrics);
    FunctionCounter.builder("vedette_trail_verify_cpu_seconds_total", this, v -> v.cpuSeconds())
        .description(
            "CPU time of the thread that verifies; what PostgreSQL spends on its reads is not in it")
        .register(metrics);
    Gauge.builder("vedette_trail_verify_position", this, v -> v.position)
        .description("Index which the verification has reached")
        .register(metrics);
    Gauge.builder("vedette_trail_verify_size", this, v -> v.size)
        .description("Size of the checkpoint it verifies against")
        .register(metrics);
    Gauge.builder("vedette_trail_verify_wrong", this, v -> v.wrong == null ? 0 : 1)
        .description("Whether the last verification found the trail changed")
        .register(metrics);
  }

  @Override
  public Future<?> start() {
    cleanups.add(service.health().register("trail.verify", this::health));
    if (percent > 0) {
      Thread fresh = new Thread(this::loop, "vedette-verify-" + trail);
      fresh.setDaemon(true);
      thread = fresh;
      fresh.start();
    }
    return Future.succeededFuture();
  }

  @Override
  public Future<?> stop() {
    stopping = true;
    cleanups.forEach(Runnable::run);
    Thread running = thread;
    if (running == null) {
      return Future.succeededFuture();
    }
    LockSupport.unpark(running);
    return vertx.executeBlocking(() -> {
      running.join(STOP_MS);
      return null;
    });
  }

  /** The platform's own count, so that the share of a core that is configured can be held against it. */
  private double cpuSeconds() {
    Thread running = thread;
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    if (running != null && threads.isThreadCpuTimeSupported()) {
      cpuNs = Math.max(cpuNs, threads.getThreadCpuTime(running.getId())); // -1 when it has ended
    }
    return cpuNs / 1e9;
  }

  private Health.Check health() {
    String found = wrong;
    return found == null
        ? Health.Check.up()
        : Health.Check.degraded("the trail was changed: " + found);
  }

  private void loop() {
    while (!stopping) {
      long pause = LOOK_NS;
      if (lease.held() != null) {
        try {
          pause = pass() ? BETWEEN_NS : UNSIGNED_NS;
          trouble = null;
        } catch (SQLException | RuntimeException e) {
          pause = BETWEEN_NS;
          if (!e.toString().equals(trouble)) {
            trouble = e.toString();
            LOG.warn("trail not verified, trying again trail={} cause={}", trail, e.toString());
          }
        }
      }
      rest(pause);
    }
  }

  /** Answers whether there was something to verify. */
  private boolean pass() throws SQLException {
    try (StoredTrail stored = StoredTrail.open(database.url(), trail)) {
      StoredTrail.Head head = stored.head();
      List<LogKey> keys = keys(stored, head.origin());
      if (keys.isEmpty() || stored.newestCheckpoint(head.epoch()).isEmpty()) {
        return false; // nothing signed yet; that is the signer's to say
      }
      Options options = new Options(keys, held(stored, head.origin()), 1, Optional.empty());
      Result result = new TrailVerification(stored, options, System::nanoTime, this::rest, opened)
          .run(new Paced());
      Fault fault = result.fault();
      boolean same = stored.head().epoch().equals(head.epoch());
      if (!result.ended() || (fault != null && (!same || isAhead(fault)))) {
        return true; // stopped, reopened meanwhile, or signed while this looked: the next pass
        // tells
      }
      passes.increment();
      judged(fault);
      return true;
    }
  }

  /** What the signer remembers, but for a former origin of which its key said that the trail was reopened: that is the integrator's to compare. */
  private List<byte[]> held(StoredTrail stored, String origin) throws SQLException {
    List<byte[]> held = new ArrayList<>();
    for (Note note : state.histories(origin)) {
      boolean declared = !Checkpoint.parse(note.text()).origin().equals(origin)
          && Succession.agreed(note, origin, stored.successions()).isPresent();
      if (!declared) {
        held.add(note.toBytes());
      }
    }
    return held;
  }

  /** Rests after each piece of a pass, so that all of it together takes its share. */
  private final class Paced implements TrailVerification.Watcher {
    private final Pace pace = new Pace(percent, System::nanoTime, VerifyVerticle.this::rest);
    private long reached;

    @Override
    public boolean page(long next, long of, Optional<byte[]> state) {
      entries.increment((double) (next - reached));
      reached = next;
      position = next;
      size = of;
      pace.rest();
      return !stopping;
    }

    @Override
    public void working() {
      pace.rest();
    }
  }

  /** The signer's memory is written before the checkpoint is published: for that moment it is ahead of what is stored. */
  private boolean isAhead(Fault fault) {
    if (fault.reason() != Reason.EARLIER_CHECKPOINT || fault.first() <= 0) {
      return false;
    }
    boolean first = !fault.toString().equals(suspected);
    suspected = fault.toString();
    return first;
  }

  private void judged(@Nullable Fault fault) {
    if (fault == null) {
      if (wrong != null) {
        LOG.info("trail verifies again trail={} size={}", trail, size);
      }
      wrong = null;
      recorded = null;
      suspected = null;
      return;
    }
    String found = fault.toString();
    if (!found.equals(wrong)) {
      LOG.error("the trail was changed trail={} fault={}", trail, found);
    }
    wrong = found;
    if (!found.equals(recorded) || System.nanoTime() - recordedNs >= REPEAT_NS) {
      recorded = found;
      recordedNs = System.nanoTime();
      record(fault);
    }
  }

  private void record(Fault fault) {
    RecordDraft.Builder draft = RecordDraft.builder()
        .kind("trail.verify")
        .action("trail.verify")
        .target("trail " + trail)
        .outcome(Outcome.FAILURE)
        .severity(Severity.FATAL)
        .message("the trail was changed: " + fault)
        .observedUs(MicroClock.SYSTEM.nowUs())
        .attribute("reason", fault.reason().name().toLowerCase(Locale.ROOT));
    if (fault.first() != Fault.NO_INDEX) {
      draft.attribute("index", fault.first()).attribute("end_index", fault.end());
    }
    RecordDraft ready = draft.build();
    database
        .transaction(tx -> appender.appendWithin(tx, trail, List.of(ready)))
        .onSuccess(appended -> appender.announce(appended.batch()))
        .onFailure(cause -> LOG.warn(
            "finding of the verification not recorded trail={} cause={}", trail, cause.toString()));
  }

  /** Those given to this process; where it has none, those the database names, which is less. */
  private List<LogKey> keys(StoredTrail stored, String origin) throws SQLException {
    List<LogKey> own = new ArrayList<>();
    try {
      SignerKeys given = SignerKeys.read(service.config());
      given.requireOrigin(origin);
      given.vkeys().forEach(vkey -> own.add(parsed(vkey)));
    } catch (NotSigningException none) {
      for (StoredKey key : stored.keys()) {
        if (key.signing() && key.origin().equals(origin)) {
          own.add(parsed(key.vkey()));
        }
      }
    }
    return own;
  }

  /** The same key as in the pass before: by that it is known what was verified with it. */
  private LogKey parsed(String vkey) {
    if (parsed.size() > KEYS) {
      parsed.clear();
    }
    return parsed.computeIfAbsent(vkey, LogKey::parse);
  }

  private void rest(long ns) {
    long until = System.nanoTime() + ns;
    long left = ns;
    while (left > 0 && !stopping) {
      LockSupport.parkNanos(this, left);
      left = until - System.nanoTime();
    }
  }
}
