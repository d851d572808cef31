package io.vedette.store.host;

import io.micrometer.core.instrument.MeterRegistry;
import io.vedette.model.NodeStatus;
import io.vedette.runtime.Blocking;
import io.vedette.runtime.Health;
import io.vedette.runtime.Logs;
import io.vedette.runtime.Service;
import io.vedette.runtime.ServiceContext;
import io.vedette.runtime.Shutdown;
import io.vedette.runtime.cluster.Clustering;
import io.vedette.runtime.cluster.Membership;
import io.vedette.runtime.config.Config;
import io.vedette.runtime.config.ConfigException;
import io.vedette.runtime.metrics.Metrics;
import io.vedette.store.Database;
import io.vedette.store.DatabaseException;
import io.vedette.store.DatabaseUrl;
import io.vedette.store.Migrations;
import io.vedette.store.SqlFailure;
import io.vedette.store.StoreConfig;
import io.vedette.store.auth.Tokens;
import io.vedette.store.node.Nodes;
import io.vedette.store.trail.Trail;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One service as a process of the cluster: configuration, database (waiting for it and for its migration, behind a door that says so), live row, cluster, service; and backwards at SIGTERM. Called by
 * {@code main} alone; blocks while starting.
 */
public final class ServiceHost {
  private static final Logger LOG = LoggerFactory.getLogger(ServiceHost.class);
  private static final int TRAIL = 1;
  private static final Duration START_LIMIT = Duration.ofMinutes(2);
  private static final Duration STEP_LIMIT = Duration.ofSeconds(10);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(25); // below Kubernetes' 30 s
  private static final long RETRY_MS = 1_000;

  private final Config config;
  private final String name;
  private final BiFunction<ServiceContext, Database, Service> factory;
  private final Shutdown shutdown = new Shutdown();
  private final String nodeId = UUID.randomUUID().toString();
  private final MeterRegistry metrics = Metrics.registry();

  private ServiceHost(
      Config config, String name, BiFunction<ServiceContext, Database, Service> factory) {
    this.config = config;
    this.name = name;
    this.factory = factory;
  }

  /** A process that runs: closed by {@link #stop}, or by SIGTERM. */
  public final class Running {
    private final Map<String, Integer> ports;

    private Running(Map<String, Integer> ports) {
      this.ports = Map.copyOf(ports);
    }

    /** Bound ports by configuration key, for example {@code edge.http}. */
    public Map<String, Integer> ports() {
      return ports;
    }

    public String nodeId() {
      return nodeId;
    }

    /** Stops everything, backwards; answers what did not go well. */
    public List<String> stop() {
      return shutdown.runAndWait(STOP_LIMIT);
    }
  }

  /** For {@code main}: {@code --config FILE} and {@code --set key=value}. Returns when the service runs; exits with 1 when it cannot. */
  public static void main(
      String name, BiFunction<ServiceContext, Database, Service> factory, String[] arguments) {
    try {
      Config config = arguments(arguments);
      Running running = start(config, name, factory);
      Runtime.getRuntime().addShutdownHook(new Thread(running::stop, "vedette-stop"));
    } catch (ConfigException | DatabaseException | IllegalStateException e) {
      LOG.error("{} does not start: {}", name, e.getMessage());
      System.exit(1);
    } catch (RuntimeException e) {
      LOG.error("{} does not start", name, e);
      System.exit(1);
    }
  }

  /** Starts a service in this process. Blocks until it is useful; stops what was started when it fails. */
  public static Running start(
      Config config, String name, BiFunction<ServiceContext, Database, Service> factory) {
    Logs.configure(config);
    ServiceHost host = new ServiceHost(config, name, factory);
    try {
      return host.start();
    } catch (RuntimeException e) {
      List<String> also = host.shutdown.runAndWait(STOP_LIMIT);
      also.forEach(problem -> LOG.warn("{}", problem));
      throw e;
    }
  }

  private Running start() {
    DatabaseUrl url = StoreConfig.databaseUrl(config);
    Runnable unbind = Metrics.bindProcess(metrics);
    shutdown.push("process metrics", STEP_LIMIT, () -> {
      unbind.run();
      return Future.succeededFuture();
    });
    Clustering.Endpoint endpoint = Clustering.endpoint(config);
    NodeStatus self = NodeBeat.member(nodeId, List.of(name), version(), endpoint);
    Vertx early = Vertx.vertx();
    shutdown.push("first Vert.x", STEP_LIMIT, early::close);
    WaitingDoor door = Blocking.await(WaitingDoor.open(early, config, name), START_LIMIT);
    List<String> peers = peers(early, door, url, self);
    door.waitsFor("joining the cluster");

    Membership membership =
        Blocking.await(Clustering.join(config, metrics, endpoint, peers), START_LIMIT);
    Vertx vertx = membership.vertx();
    shutdown.push("cluster", Duration.ofSeconds(15), membership::close);
    Database database = Blocking.await(connect(vertx, url), START_LIMIT);
    shutdown.push("database", STEP_LIMIT, database::close);

    ServiceContext context =
        ServiceContext.create(vertx, config, metrics, new Tokens(database), nodeId, false, true);
    context
        .health()
        .register(
            "database",
            () -> database.up() ? Health.Check.up() : Health.Check.down("does not answer"));

    NodeBeat beat = new NodeBeat(vertx, database, self, membership::meet);
    beat.put(context.about()::now);
    Blocking.await(beat.start(), STEP_LIMIT);
    shutdown.push("node", STEP_LIMIT, beat::stop);

    Service service = factory.apply(context, database);
    shutdown.push("stop " + name, STEP_LIMIT, service::stop);
    Blocking.await(door.close(), STEP_LIMIT);
    Blocking.await(
        early.close(), STEP_LIMIT); // not composed: no answer comes on a loop that is gone
    Map<String, Integer> ports = Blocking.await(service.start(), START_LIMIT);
    shutdown.push("drain " + name, STEP_LIMIT, () -> {
      context.health().drain("stopping");
      return service.drain();
    });
    ports.forEach((key, port) -> beat.put("port." + key, Integer.toString(port)));
    LOG.info("{} runs version={} node={} ports={}", name, version(), nodeId, new TreeMap<>(ports));
    return new Running(ports);
  }

  /** Who is there already. Needs a Vert.x of its own: the clustered one cannot be made without the answer. */
  private List<String> peers(Vertx vertx, WaitingDoor door, DatabaseUrl url, NodeStatus self) {
    door.waitsFor("waiting for the database " + url);
    Database database = Blocking.awaitHoweverLong(reach(vertx, door, url, ""));
    Blocking.awaitHoweverLong(Migrations.awaitMigrated(
        database,
        missing ->
            door.waitsFor("waiting for the database, run: vedette db migrate missing=" + missing)));
    door.waitsFor("waiting for a collector to open trail " + TRAIL);
    Blocking.awaitHoweverLong(trail(database));
    Nodes nodes = new Nodes(database);
    // First say where we are, then look: of two that start together at least one sees the other.
    List<String> peers = Blocking.await(
        nodes.beat(self).compose(done -> nodes.live()).map(live -> NodeBeat.peers(live, self.id())),
        START_LIMIT);
    Blocking.await(database.close(), STEP_LIMIT);
    return peers;
  }

  private Future<Trail> trail(Database database) {
    if (!name.equals("collector")) {
      return Trail.await(database, TRAIL);
    }
    String origin = config
        .get(StoreConfig.TRAIL_ORIGIN)
        .orElseThrow(() -> config.error(
            StoreConfig.TRAIL_ORIGIN,
            "nothing",
            "a name below a domain of yours, for example example.org/audit, fixed for ever"));
    return Trail.open(database, TRAIL, origin, config.get(StoreConfig.PARTITION_SIZE));
  }

  private Future<Database> connect(Vertx vertx, DatabaseUrl url) {
    return Database.connect(
        vertx, url, StoreConfig.databaseOptions(config, "vedette " + name), metrics);
  }

  /** Tries until the server answers. What it says against us or itself, for example a wrong password or fsync off, is final. */
  private Future<Database> reach(Vertx vertx, WaitingDoor door, DatabaseUrl url, String said) {
    return Database.connect(vertx, url, StoreConfig.databaseOptions(config, "vedette " + name))
        .recover(failure -> {
          Throwable cause = failure.getCause();
          if (cause == null || SqlFailure.of(cause) != SqlFailure.TRANSIENT) {
            return Future.failedFuture(failure);
          }
          String message = String.valueOf(failure.getMessage());
          if (!message.equals(said)) {
            door.waitsFor("waiting for the database: " + message);
            LOG.warn("waiting for the database cause={}", message);
          }
          return vertx
              .timer(RETRY_MS, TimeUnit.MILLISECONDS)
              .compose(ignored -> reach(vertx, door, url, message));
        });
  }

  private static Config arguments(String[] arguments) {
    Path file = null;
    Map<String, String> sets = new TreeMap<>();
    for (int i = 0; i < arguments.length; i += 2) {
      String option = arguments[i];
      String value = i + 1 < arguments.length ? arguments[i + 1] : "";
      int equals = value.indexOf('=');
      if (option.equals("--config") && !value.isEmpty()) {
        file = Path.of(value);
      } else if (option.equals("--set") && equals > 0) {
        sets.put(value.substring(0, equals), value.substring(equals + 1));
      } else {
        throw new ConfigException(
            "argument " + option + " " + value + " (expected: --config FILE or --set key=value)");
      }
    }
    return Config.load(file, System.getenv(), sets);
  }

  private static String version() {
    return Optional.ofNullable(ServiceHost.class.getPackage().getImplementationVersion())
        .orElse("development");
  }
}
