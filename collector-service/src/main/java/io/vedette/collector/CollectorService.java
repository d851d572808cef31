package io.vedette.collector;

import io.vedette.collector.append.Gate;
import io.vedette.collector.append.Limits;
import io.vedette.collector.append.Losses;
import io.vedette.collector.decode.LineDecoder;
import io.vedette.collector.integrate.Integration;
import io.vedette.collector.source.PullSource;
import io.vedette.collector.source.file.FileSource;
import io.vedette.collector.source.host.HostSampler;
import io.vedette.collector.source.journal.JournalSource;
import io.vedette.runtime.Health;
import io.vedette.runtime.Service;
import io.vedette.runtime.ServiceContext;
import io.vedette.runtime.config.Config;
import io.vedette.runtime.http.PortTakenException;
import io.vedette.runtime.metrics.StageTimer;
import io.vedette.store.Database;
import io.vedette.store.MicroClock;
import io.vedette.store.StoreConfig;
import io.vedette.store.audit.Audit;
import io.vedette.store.lease.Leases;
import io.vedette.store.trail.Appender;
import io.vedette.store.trail.Cursors;
import io.vedette.store.trail.Quarantine;
import io.vedette.store.trail.StorageSpace;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The collector: deploys its verticles in order, and takes them back in the opposite one. */
public final class CollectorService implements Service {

  /** Series that says once per period that a scheduled source ran: {@code {source, kind}}, always 1. What is missing has fallen silent. */
  public static final String HEARTBEAT = "vedette_source_heartbeat";

  private static final Logger log = LoggerFactory.getLogger(CollectorService.class);
  private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");

  private final ServiceContext service;
  private final Database database;
  private final MicroClock clock;
  private final StorageSpace space;
  private final Appender appender;
  private final Gate gate;
  private final Losses losses = new Losses();
  private final StageTimer stages;
  private final AppendVerticle append;
  private final Integration integration;
  private final Audit audit;
  private final List<String> doors =
      new ArrayList<>(); // deployments that take records, newest last
  private final List<String> others = new ArrayList<>();
  private final List<Runnable> healthEntries = new ArrayList<>();

  public CollectorService(ServiceContext service, Database database) {
    this(service, database, MicroClock.SYSTEM, space(service.config()));
  }

  CollectorService(
      ServiceContext service, Database database, MicroClock clock, StorageSpace space) {
    this.service = service;
    this.space = space;
    this.database = database;
    this.clock = clock;
    Config config = service.config();
    this.appender = new Appender(database, service.vertx().eventBus(), clock);
    this.gate = new Gate(
        config.get(CollectorConfig.QUEUE_MAX_RECORDS), config.get(CollectorConfig.QUEUE_MAX_BYTES));
    this.stages = new StageTimer(service.metrics());
    Limits limits = new Limits(
        config.get(CollectorConfig.BATCH_MAX_RECORDS),
        config.get(CollectorConfig.BATCH_MAX_BYTES),
        config.get(CollectorConfig.BATCH_MAX_AGE).toNanos() / 1_000);
    this.append = new AppendVerticle(
        config.get(CollectorConfig.TRAIL),
        limits,
        StoreConfig.retentionClasses(config), // a wrong one stops the start
        appender,
        database,
        gate,
        losses,
        stages,
        service.metrics(),
        clock);
    this.integration =
        new Integration(service, database, appender, config.get(CollectorConfig.TRAIL), clock);
    this.audit = new Audit(
        service.vertx(),
        "collector",
        Audit.into(database, appender, config.get(CollectorConfig.TRAIL)),
        service.metrics(),
        clock);
  }

  @Override
  public String name() {
    return "collector";
  }

  @Override
  public Future<Map<String, Integer>> start() {
    String host = hostName();
    String suffix = service.clustered() && !service.standalone() ? "@" + host : "";
    Sources sources = Sources.of(service.config(), suffix); // a wrong key stops the start
    Cursors cursors = new Cursors(database);
    Leases leases = new Leases(database);
    QuarantineDesk quarantine =
        new QuarantineDesk(new Quarantine(database), losses, service.metrics());
    HttpIngestVerticle http = new HttpIngestVerticle(
        service, append, cursors, integration.coverage(), audit, stages, clock);
    SyslogVerticle syslog = new SyslogVerticle(
        service, SourceNames.SYSLOG + suffix, append, quarantine, losses, stages, clock);
    healthEntries.add(service.health().register("collector.database", this::databaseCheck));
    Map<String, Integer> ports = new LinkedHashMap<>();
    audit.start();
    return deploy(append, others)
        .compose(ignored -> deploy(new SpaceVerticle(service, space, gate, losses, clock), others))
        .compose(ignored -> integration.start())
        .compose(ignored ->
            deploy(new TickVerticle(service, append, integration.lease(), clock), others))
        .compose(ignored ->
            deploy(new RetentionVerticle(service, database, appender, integration.lease()), others))
        .compose(ignored -> deploy(http, doors))
        .onSuccess(ignored -> ports.put("collector.http", http.port()))
        .compose(ignored -> openSyslog(syslog, ports))
        .compose(ignored -> deployAll(pulls(sources, quarantine, cursors, leases, host)))
        .map(ignored -> ports);
  }

  private List<Deployable> pulls(
      Sources sources, QuarantineDesk quarantine, Cursors cursors, Leases leases, String host) {
    List<Deployable> verticles = new ArrayList<>();
    for (Sources.Host settings : sources.hosts()) {
      verticles.add(
          new HostVerticle(service, settings, () -> new HostSampler(host), append, stages, clock));
    }
    List<PullSource> pulled = new ArrayList<>();
    for (FileSource.Settings settings : sources.files()) {
      pulled.add(new FileSource(settings, new LineDecoder(ZoneId.systemDefault())));
    }
    for (JournalSource.Settings settings : sources.journals()) {
      pulled.add(new JournalSource(settings));
    }
    for (PullSource source : pulled) {
      verticles.add(
          new PullVerticle(service, source, append, quarantine, cursors, leases, stages, clock));
    }
    return verticles;
  }

  /** A taken port closes this door only. */
  private Future<?> openSyslog(SyslogVerticle syslog, Map<String, Integer> ports) {
    if (!service.config().get(CollectorConfig.SYSLOG_ENABLED)) {
      return Future.succeededFuture();
    }
    return deploy(syslog, doors)
        .onSuccess(ignored -> ports.put("collector.syslog", syslog.port()))
        .recover(failure -> {
          String why = failure instanceof PortTakenException
              ? String.valueOf(failure.getMessage())
              : failure.toString();
          log.error("syslog is not received: {}", why);
          healthEntries.add(
              service.health().register("collector.syslog", () -> Health.Check.degraded(why)));
          return Future.succeededFuture();
        });
  }

  private Future<Void> deployAll(List<Deployable> verticles) {
    Future<Void> all = Future.succeededFuture();
    for (Deployable verticle : verticles) {
      all = all.compose(ignored -> deploy(verticle, doors));
    }
    return all;
  }

  private Future<Void> deploy(Deployable verticle, List<String> deployments) {
    return service.vertx().deployVerticle(verticle).onSuccess(deployments::add).mapEmpty();
  }

  /** The gate looks at the database at intervals: who is told that this collector is ready must be let in. */
  private Health.Check databaseCheck() {
    return database.up() && !appender.stuck() && !gate.isDatabaseAway()
        ? Health.Check.up()
        : Health.Check.down("the database does not answer: records wait or are pushed back");
  }

  private static StorageSpace space(Config config) {
    String path = config.get(CollectorConfig.STORAGE_PATH);
    long minFree = config.get(StoreConfig.MIN_FREE);
    return path.isEmpty() ? StorageSpace.elsewhere() : StorageSpace.below(Path.of(path), minFree);
  }

  /** Closes the doors, then waits until all that came in is settled. */
  @Override
  public Future<Void> drain() {
    return undeploy(doors).eventually(append::drain);
  }

  @Override
  public Future<Void> stop() {
    return undeploy(doors)
        .eventually(integration::stop)
        .eventually(() -> undeploy(others))
        .eventually(audit::close)
        .eventually(appender::close)
        .eventually(() -> {
          healthEntries.forEach(Runnable::run);
          healthEntries.clear();
          return Future.succeededFuture();
        });
  }

  private Future<Void> undeploy(List<String> deployments) {
    Future<Void> all = Future.succeededFuture();
    for (int i = deployments.size() - 1; i >= 0; i--) {
      @Nullable String id = deployments.get(i);
      all = all.eventually(() -> service.vertx().undeploy(id));
    }
    deployments.clear();
    return all;
  }

  private static String hostName() {
    try {
      return Files.readString(HOST_NAME, StandardCharsets.UTF_8).strip();
    } catch (IOException noLinux) {
      String name = System.getenv("HOSTNAME");
      return name == null || name.isBlank() ? "localhost" : name;
    }
  }
}
