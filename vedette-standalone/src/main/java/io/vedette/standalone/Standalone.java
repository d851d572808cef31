package io.vedette.standalone;

import io.micrometer.core.instrument.MeterRegistry;
import io.vedette.alert.AlertService;
import io.vedette.analyzer.AnalyzerConfig;
import io.vedette.analyzer.AnalyzerService;
import io.vedette.collector.CollectorConfig;
import io.vedette.collector.CollectorService;
import io.vedette.edge.EdgeConfig;
import io.vedette.edge.EdgeService;
import io.vedette.model.NodeStatus;
import io.vedette.postgres.EmbeddedPostgres;
import io.vedette.postgres.EmbeddedPostgresOptions;
import io.vedette.runtime.Blocking;
import io.vedette.runtime.Health;
import io.vedette.runtime.RuntimeConfig;
import io.vedette.runtime.Service;
import io.vedette.runtime.ServiceContext;
import io.vedette.runtime.Shutdown;
import io.vedette.runtime.cluster.Clustering;
import io.vedette.runtime.cluster.Membership;
import io.vedette.runtime.config.Config;
import io.vedette.runtime.http.FreePorts;
import io.vedette.runtime.metrics.Metrics;
import io.vedette.store.Database;
import io.vedette.store.DatabaseAdmin;
import io.vedette.store.DatabaseUrl;
import io.vedette.store.Migrations;
import io.vedette.store.StoreConfig;
import io.vedette.store.auth.Tokens;
import io.vedette.store.host.NodeBeat;
import io.vedette.store.node.Nodes;
import io.vedette.store.trail.Trail;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/**
 * The wiring of everything in one process: PostgreSQL, schema and roles, the four services in order; {@link Running#stop} goes backwards. Each service has its own database role, as in a cluster.
 * Called by the main thread, which may block.
 */
public final class Standalone {
  private static final int TRAIL = 1;
  private static final int POOL_SIZE = 4; // of each of the four roles
  private static final Duration START_LIMIT = Duration.ofMinutes(2);
  private static final Duration STEP_LIMIT = Duration.ofSeconds(10);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(35);
  private static final List<String> SERVICES = List.of("collector", "analyzer", "alert", "edge");

  private final Config config;
  private final Path folder;
  private final Shutdown shutdown = new Shutdown();
  private final MeterRegistry metrics = Metrics.registry();
  private final String nodeId = UUID.randomUUID().toString();

  private Standalone(Config config, Path folder) {
    this.config = config;
    this.folder = folder;
  }

  /**
   * What a started instance is.
   *
   * @param ports by configuration key without {@code .port}, for example {@code edge.http}
   * @param databaseUrl of the schema's owner; a secret
   */
  public record Running(
      Standalone standalone,
      Map<String, Integer> ports,
      String token,
      String trailKey,
      String databaseUrl) {
    /** Stops everything, backwards; answers what did not go well. May be called more than once. */
    public List<String> stop() {
      return standalone.shutdown.runAndWait(STOP_LIMIT);
    }
  }

  /** Starts everything on a folder that the caller has locked. Stops what was started when a part fails. */
  static Running start(
      Config config, EmbeddedPostgresOptions postgres, Path folder, Consumer<String> progress)
      throws IOException {
    Standalone standalone = new Standalone(config, folder);
    boolean done = false;
    try {
      Running running = standalone.start(postgres);
      done = true;
      return running;
    } finally {
      if (!done) {
        standalone.shutdown.runAndWait(STOP_LIMIT).forEach(progress);
      }
    }
  }

  private Running start(EmbeddedPostgresOptions options) throws IOException {
    FreePorts.require(
        config, List.of(EdgeConfig.PORT, CollectorConfig.HTTP_PORT, AnalyzerConfig.HTTP_PORT));
    // The database and Vert.x start at the same time: each takes about a second. What is not needed
    // for either comes after them.
    CompletableFuture<EmbeddedPostgres> starting =
        CompletableFuture.supplyAsync(() -> EmbeddedPostgres.start(options));
    boolean clustered = config.get(RuntimeConfig.CLUSTER_ENABLED);
    Vertx early = clustered ? null : Clustering.local(config, metrics);
    Warmup.begin(config);
    Runnable unbind = Metrics.bindProcess(metrics);
    shutdown.push("process metrics", STEP_LIMIT, () -> {
      unbind.run();
      return Future.succeededFuture();
    });
    EmbeddedPostgres postgres = join(starting);
    shutdown.push("postgres", Duration.ofSeconds(20), () -> {
      CompletableFuture<Void> closed = CompletableFuture.runAsync(postgres::close);
      return Future.fromCompletionStage(closed);
    });
    DatabaseAdmin.Roles roles =
        DatabaseAdmin.init(DatabaseUrl.parse(postgres.url("vedette")), true);
    Migrations.migrate(roles.owner());

    Vertx vertx;
    NodeBeat beat;
    if (early == null) {
      Clustering.Endpoint endpoint = Clustering.endpoint(config);
      NodeStatus self = NodeBeat.member(nodeId, SERVICES, Version.text(), endpoint);
      Membership membership = Blocking.await(
          Clustering.join(config, metrics, endpoint, peers(roles.edge(), self)), START_LIMIT);
      vertx = membership.vertx();
      shutdown.push("cluster", Duration.ofSeconds(15), membership::close);
      Database database = database(vertx, roles.edge(), "node");
      beat = new NodeBeat(vertx, database, self, membership::meet);
    } else {
      vertx = early;
      shutdown.push("event loops", STEP_LIMIT, vertx::close);
      Database database = database(vertx, roles.edge(), "node");
      NodeStatus self = new NodeStatus(
          nodeId,
          SERVICES,
          Version.text(),
          "127.0.0.1",
          0,
          System.currentTimeMillis() * 1000,
          0,
          Map.of());
      beat = new NodeBeat(vertx, database, self, peers -> {});
    }
    Database collector = database(vertx, roles.collector(), "collector");
    Database edge = database(vertx, roles.edge(), "edge");
    Trail trail = Blocking.await(
        Trail.open(
            collector,
            TRAIL,
            config.get(StoreConfig.TRAIL_ORIGIN).orElse(null),
            config.get(StoreConfig.PARTITION_SIZE)),
        STEP_LIMIT);
    String trailKey =
        TrailKey.load(folder.resolve("trail.key"), trail.origin()).verifier().vkey();
    ServiceContext context =
        ServiceContext.create(vertx, config, metrics, new Tokens(edge), nodeId, true, clustered);
    beat.put(context.about()::now);
    Blocking.await(beat.start(), STEP_LIMIT);
    shutdown.push("node", STEP_LIMIT, beat::stop);
    context
        .health()
        .register(
            "database",
            () -> collector.up() ? Health.Check.up() : Health.Check.down("does not answer"));
    String token = AdminToken.load(folder.resolve("admin-token"), new Tokens(edge), STEP_LIMIT);

    Map<String, Integer> ports = new TreeMap<>();
    Database analyzer = database(vertx, roles.analyzer(), "analyzer");
    Database alert = database(vertx, roles.alert(), "alert");
    // Consumers before the source of what they consume.
    List<Future<Map<String, Integer>>> consumers = new ArrayList<>();
    consumers.add(begin(context, alert, AlertService::new));
    consumers.add(begin(context, analyzer, AnalyzerService::new));
    consumers.add(begin(context, edge, EdgeService::new));
    for (Future<Map<String, Integer>> consumer : consumers) {
      ports.putAll(Blocking.await(consumer, START_LIMIT));
    }
    ports.putAll(Blocking.await(begin(context, collector, CollectorService::new), START_LIMIT));
    shutdown.push("readiness", STEP_LIMIT, () -> {
      context.health().drain("stopping");
      return Future.succeededFuture();
    });
    ports.forEach((key, port) -> beat.put("port." + key, Integer.toString(port)));
    return new Running(this, ports, token, trailKey, roles.owner().secretText());
  }

  private Future<Map<String, Integer>> begin(
      ServiceContext context,
      Database database,
      BiFunction<ServiceContext, Database, Service> factory) {
    Service service = factory.apply(context, database);
    shutdown.push("stop " + service.name(), STEP_LIMIT, service::stop);
    shutdown.push("drain " + service.name(), STEP_LIMIT, service::drain);
    return service.start();
  }

  private Database database(Vertx vertx, DatabaseUrl url, String service) {
    Database database = Blocking.await(
        Database.connect(
            vertx,
            url,
            StoreConfig.databaseOptions(config, "vedette " + service).withPoolSize(POOL_SIZE),
            metrics),
        START_LIMIT);
    shutdown.push("database of " + service, STEP_LIMIT, database::close);
    return database;
  }

  /** Who is there already. Needs a Vert.x of its own: the clustered one cannot be made without the answer. */
  private List<String> peers(DatabaseUrl url, NodeStatus self) {
    Vertx vertx = Clustering.local(config, metrics);
    try {
      Database database = Blocking.await(
          Database.connect(
              vertx, url, StoreConfig.databaseOptions(config, "vedette start"), metrics),
          START_LIMIT);
      Nodes nodes = new Nodes(database);
      List<String> peers = Blocking.await(
          nodes
              .beat(self)
              .compose(done -> nodes.live())
              .map(live -> NodeBeat.peers(live, self.id())),
          STEP_LIMIT);
      Blocking.await(database.close(), STEP_LIMIT);
      return peers;
    } finally {
      Blocking.await(vertx.close(), STEP_LIMIT);
    }
  }

  private static <T> T join(CompletableFuture<T> future) {
    try {
      return future.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException unchecked) {
        throw unchecked;
      }
      throw e;
    }
  }
}
