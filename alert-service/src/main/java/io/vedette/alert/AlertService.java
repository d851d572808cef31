package io.vedette.alert;

import io.micrometer.core.instrument.Counter;
import io.vedette.alert.api.AlertmanagerApi;
import io.vedette.alert.route.Routing;
import io.vedette.runtime.Health;
import io.vedette.runtime.Service;
import io.vedette.runtime.ServiceContext;
import io.vedette.runtime.config.Config;
import io.vedette.runtime.config.FileWatch;
import io.vedette.runtime.http.PortTakenException;
import io.vedette.runtime.metrics.StageTimer;
import io.vedette.store.Database;
import io.vedette.store.MicroClock;
import io.vedette.store.alert.AlertReader;
import io.vedette.store.alert.AlertStore;
import io.vedette.store.alert.FindingReader;
import io.vedette.store.alert.Outbox;
import io.vedette.store.alert.SilenceReader;
import io.vedette.store.audit.Act;
import io.vedette.store.audit.Audit;
import io.vedette.store.audit.HttpActs;
import io.vedette.store.lease.Leases;
import io.vedette.store.topic.Publications;
import io.vedette.store.trail.Appender;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Findings to alerts to notifications. Any number may run; one at a time processes a trail, the others stand by and serve the API. */
public final class AlertService implements Service {
  /** Somebody posted alerts: wakes the owner, which looks every second anyway. Empty payload. */
  static final String POSTED = "alert.posted";

  /** The outbox has news: wakes the sender, which looks several times a second anyway. Empty payload. */
  static final String QUEUED = "alert.notification.queued";

  private static final Logger LOG = LoggerFactory.getLogger(AlertService.class);
  private static final String PORT = "alert.http";
  private static final int TRAIL = 1;
  private static final long LOOK_MS = 2_000;

  private final ServiceContext ctx;
  private final Stores stores;
  private final Supplier<Config> configs;
  private final List<Runnable> checks = new ArrayList<>();
  private final long startedUs;
  private final Audit audit;
  private final Counter reloads;
  private final Counter reloadsFailed;
  private volatile @Nullable Setup setup;
  private volatile Optional<String> doorTrouble = Optional.empty();
  private @Nullable OwnerVerticle owner;
  private @Nullable String deployment;
  private @Nullable HttpServer door;
  private long looker = -1;

  public AlertService(ServiceContext ctx, Database database) {
    this(
        ctx,
        database,
        new FindingReader(database)::after,
        () -> ctx.config().reread(),
        MicroClock.SYSTEM);
  }

  AlertService(
      ServiceContext ctx,
      Database database,
      FindingSource findings,
      Supplier<Config> configs,
      MicroClock clock) {
    this.ctx = ctx;
    this.configs = configs;
    this.startedUs = clock.nowUs();
    this.stores = new Stores(
        database,
        new Leases(database),
        new Appender(database, ctx.vertx().eventBus()),
        new Publications(database),
        new AlertStore(database),
        new SilenceReader(database),
        new Outbox(database),
        findings,
        clock);
    this.reloads = Counter.builder("vedette.alert.reloads")
        .description("Times receivers and routes were read again and taken into use")
        .register(ctx.metrics());
    this.reloadsFailed = Counter.builder("vedette.alert.reloads.failed")
        .description("Times receivers and routes were read again and refused")
        .register(ctx.metrics());
    this.audit = new Audit(
        ctx.vertx(), "alert", Audit.into(database, stores.appender(), TRAIL), ctx.metrics(), clock);
  }

  @Override
  public String name() {
    return "alert";
  }

  @Override
  public Future<Map<String, Integer>> start() {
    return ctx.vertx()
        .executeBlocking(() -> SetupReader.read(ctx.config()))
        .compose(this::process)
        .compose(processing -> watchFile())
        .compose(watching -> open())
        .onSuccess(ports -> registerChecks());
  }

  /** Hands over: the lease is free for another from here on. The API still answers reads. */
  @Override
  public Future<Void> drain() {
    String deployed = deployment;
    deployment = null;
    return deployed == null ? Future.succeededFuture() : ctx.vertx().undeploy(deployed);
  }

  @Override
  public Future<Void> stop() {
    ctx.vertx().cancelTimer(looker);
    checks.forEach(Runnable::run);
    checks.clear();
    HttpServer server = door;
    door = null;
    return drain()
        .eventually(() -> server == null ? Future.succeededFuture() : server.close())
        .eventually(audit::close)
        .eventually(() -> stores.appender().close());
  }

  /** Reads the configuration again and goes by it, or fails and leaves everything as it is. */
  Future<Void> reload() {
    OwnerVerticle current = owner;
    return ctx.vertx()
        .executeBlocking(() -> SetupReader.read(configs.get()))
        .compose(wanted -> {
          setup = wanted;
          return current == null ? Future.succeededFuture() : current.reload(wanted);
        })
        .onSuccess(done -> {
          reloads.increment();
          LOG.info(
              "receivers and routes reloaded receivers={}",
              routing().receivers().size());
        })
        .onFailure(wrong -> {
          reloadsFailed.increment();
          LOG.warn("receivers and routes not reloaded, the old ones stay", wrong);
        });
  }

  /** Reloads when the configuration's file reads differently. */
  private Future<Void> watchFile() {
    Optional<Path> file = ctx.config().file();
    if (file.isEmpty()) {
      return Future.succeededFuture();
    }
    return ctx.vertx()
        .executeBlocking(() -> new FileWatch(file.get()))
        .onSuccess(watch -> looker = ctx.vertx().setPeriodic(LOOK_MS, id -> ctx.vertx()
            .executeBlocking(watch::changed)
            .compose(changed -> changed ? reload() : Future.succeededFuture())
            .onFailure(wrong -> LOG.debug("not reloaded", wrong)))) // said by reload
        .mapEmpty();
  }

  private Future<Void> process(Setup read) {
    setup = read;
    OwnerVerticle verticle = new OwnerVerticle(
        stores,
        read,
        ctx.metrics(),
        new StageTimer(ctx.metrics()),
        TRAIL,
        ctx.nodeId(),
        ctx.config().get(AlertConfig.RETENTION));
    owner = verticle;
    return ctx.vertx().deployVerticle(verticle).onSuccess(id -> deployment = id).mapEmpty();
  }

  /** A taken port closes this door only: alerts are processed and told all the same. */
  private Future<Map<String, Integer>> open() {
    Router router = ctx.http().router(name());
    router.route("/api/*").handler(it -> HttpActs.watch(it, audit, AlertService::act));
    router
        .route("/-/reload")
        .handler(it -> HttpActs.watch(
            it,
            audit,
            answered -> Optional.of(HttpActs.of(answered, "alert.reload", "/-/reload"))));
    audit.start();
    AlertmanagerApi.Surroundings around = new AlertmanagerApi.Surroundings(
        TRAIL,
        version(),
        startedUs,
        ctx.clustered(),
        this::routing,
        () -> ctx.health().isReady(),
        this::reload,
        () -> stores.clock().nowUs(),
        ctx.config().get(AlertConfig.MAX_INBOX));
    new AlertmanagerApi(
            ctx.vertx(),
            ctx.access(),
            new AlertReader(stores.database()),
            stores.silences(),
            stores.alerts(),
            around,
            () -> ctx.vertx().eventBus().publish(POSTED, new JsonObject()))
        .mount(router);
    return ctx.http()
        .listen(
            router,
            ctx.http().options(),
            ctx.http().bindHost(),
            ctx.config().get(AlertConfig.HTTP_PORT),
            AlertConfig.HTTP_PORT.path())
        .map(server -> {
          door = server;
          return Map.of(PORT, server.actualPort());
        })
        .recover(failure -> {
          if (!(failure instanceof PortTakenException taken)) {
            return Future.failedFuture(failure);
          }
          String trouble = String.valueOf(taken.getMessage());
          doorTrouble = Optional.of(trouble);
          LOG.error("the Alertmanager API is not served: {}", trouble);
          return Future.succeededFuture(Map.of());
        });
  }

  /** Reads and refusals; a change that was made is recorded with it. */
  private static Optional<Act> act(RoutingContext answered) {
    boolean isRead = HttpActs.isRead(answered);
    return isRead || HttpActs.isRefused(answered)
        ? Optional.of(HttpActs.of(answered, isRead ? "api.read" : "api.change", "/api/v2"))
        : Optional.empty();
  }

  private void registerChecks() {
    checks.add(ctx.health()
        .register(
            "alert.database",
            () -> stores.database().up()
                ? Health.Check.up()
                : Health.Check.down("the database does not answer")));
    checks.add(ctx.health().register("alert.door", () -> doorTrouble
        .map(Health.Check::degraded)
        .orElseGet(Health.Check::up)));
    checks.add(ctx.health().register("alert.owner", () -> {
      OwnerVerticle current = owner;
      return Health.Check.up(
          current != null && current.isOwner() ? "processes alerts" : "stands by");
    }));
  }

  private Routing routing() {
    Setup current = setup;
    if (current == null) {
      throw new IllegalStateException("routing asked for before the start");
    }
    return current.routing();
  }

  private static String version() {
    String version = AlertService.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}
