package io.vedette.edge;

import io.vedette.edge.api.Api;
import io.vedette.edge.api.EdgeStore;
import io.vedette.edge.filter.FilterParser;
import io.vedette.edge.hub.Limits;
import io.vedette.edge.metric.EdgeMetrics;
import io.vedette.edge.protocol.FrameParser;
import io.vedette.edge.resume.StatisticMemory;
import io.vedette.edge.trail.TrailSide;
import io.vedette.runtime.Health;
import io.vedette.runtime.Service;
import io.vedette.runtime.ServiceContext;
import io.vedette.runtime.config.Config;
import io.vedette.runtime.metrics.StageTimer;
import io.vedette.store.Database;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The edge: one hub per node, one door per event loop. Started and stopped by whoever runs the process. */
public final class EdgeService implements Service {
  private static final Logger log = LoggerFactory.getLogger(EdgeService.class);

  /** What a chart shows at once, and a little more. */
  private static final long MEMORY_US = 16L * 60 * 1_000_000;

  private final ServiceContext ctx;
  private final EdgeStore store;
  private final TrailSide trail;
  private final EdgeMetrics metrics;
  private final BiFunction<Vertx, SharedFrames, Future<Void>> trial;
  private final List<DoorVerticle> doors = new ArrayList<>();
  private final List<String> deployed = new ArrayList<>();
  private @Nullable SharedFrames frames;
  private @Nullable Runnable healthCheck;

  public EdgeService(ServiceContext ctx, Database database) {
    this(ctx, new StoreReads(database), TrailSide.of(ctx, database));
  }

  /** On another store: tests, benchmarks. */
  public EdgeService(ServiceContext ctx, EdgeStore store, TrailSide trail) {
    this(ctx, store, trail, FrameTrial::run);
  }

  EdgeService(
      ServiceContext ctx,
      EdgeStore store,
      TrailSide trail,
      BiFunction<Vertx, SharedFrames, Future<Void>> trial) {
    this.trial = trial;
    this.ctx = ctx;
    this.store = store;
    this.trail = trail;
    this.metrics = new EdgeMetrics(ctx.metrics(), new StageTimer(ctx.metrics()));
  }

  @Override
  public String name() {
    return "edge";
  }

  @Override
  public Future<Map<String, Integer>> start() {
    Config config = ctx.config();
    Limits limits = EdgeConfig.limits(config);
    StatisticMemory memory = new StatisticMemory(config.get(EdgeConfig.MEMORY_BYTES), MEMORY_US);
    HubVerticle hub = new HubVerticle(ctx, store, memory, metrics, limits);
    Api api = new Api(ctx.vertx(), store, memory, ctx.access(), VertxLoop::nowMicros);
    trail.start();
    metrics.load().forEach(ctx.about()::put);
    healthCheck = ctx.health()
        .register(
            "edge.history",
            () -> hub.isOpen()
                ? Health.Check.up()
                : Health.Check.degraded("the store was not reached yet: no resume, no API"));
    return ctx.vertx()
        .executeBlocking(
            () -> {
              FilterParser.warmUp();
              return new Pages(ctx.vertx());
            },
            false)
        .compose(pages -> sharedFrames(config)
            .compose(ready -> ctx.vertx().deployVerticle(hub).onSuccess(deployed::add))
            .compose(up -> open(
                shared(config, limits, hub),
                router -> {
                  trail.mount(router);
                  api.mount(router);
                  pages.mount(router);
                },
                config.get(EdgeConfig.PORT),
                EdgeConfig.loops(config))))
        .map(port -> Map.of("edge.http", port));
  }

  private Future<Void> sharedFrames(Config config) {
    SharedFrames tried = new SharedFrames(
        config.get(EdgeConfig.COMPRESSION),
        config.get(EdgeConfig.COMPRESSION_LEVEL),
        config.get(EdgeConfig.MAX_MESSAGE),
        metrics::wire);
    return trial
        .apply(ctx.vertx(), tried)
        .onSuccess(works -> {
          frames = tried;
          metrics.frameBytes(tried::heldBytes);
        })
        .recover(failure -> {
          log.warn(
              "shared frames do not work with this Vert.x, using its public API: slower with many sessions, no compression; cause: {}",
              failure.toString());
          tried.close();
          return Future.succeededFuture();
        });
  }

  private SocketDoor.Shared shared(Config config, Limits limits, HubVerticle hub) {
    return new SocketDoor.Shared(
        ctx.vertx(),
        ctx.nodeId(),
        hub.hub(),
        trail.watched(new BusActions(ctx.vertx())),
        ctx.access(),
        ctx.health(),
        metrics,
        limits,
        new FrameParser(config.get(EdgeConfig.MAX_ADDRESS)),
        frames,
        config.get(EdgeConfig.ANONYMOUS_ROLE) == EdgeConfig.AnonymousRole.VIEWER,
        config.get(EdgeConfig.MAX_MESSAGE));
  }

  /** The first door finds the port, the others share it: of servers on a free port Vert.x joins those that ask for the same negative number. */
  private Future<Integer> open(
      SocketDoor.Shared shared, Consumer<Router> routes, int configured, int loops) {
    int port = configured != 0 ? configured : -1 - ThreadLocalRandom.current().nextInt(1 << 20);
    DoorVerticle first = new DoorVerticle(ctx, shared, routes, trail.subscriptions(), port);
    return ctx.vertx().deployVerticle(first).onSuccess(deployed::add).compose(up -> {
      doors.add(first);
      List<Future<String>> others = new ArrayList<>();
      for (int i = 1; i < loops; i++) {
        DoorVerticle door = new DoorVerticle(ctx, shared, routes, trail.subscriptions(), port);
        others.add(ctx.vertx().deployVerticle(door).onSuccess(id -> {
          synchronized (doors) {
            deployed.add(id);
            doors.add(door);
          }
        }));
      }
      return Future.all(others).map(all -> first.actualPort());
    });
  }

  /** Null where the public API is used. */
  @Nullable
  SharedFrames frames() {
    return frames;
  }

  @Override
  public Future<Void> drain() {
    List<Future<Void>> drained = new ArrayList<>();
    doors.forEach(door -> drained.add(door.drain()));
    return Future.join(drained).mapEmpty();
  }

  @Override
  public Future<Void> stop() {
    if (healthCheck != null) {
      healthCheck.run();
    }
    Future<Void> closed = Future.succeededFuture();
    for (int i = deployed.size() - 1; i >= 0; i--) {
      String id = deployed.get(i);
      closed = closed.eventually(() -> ctx.vertx().undeploy(id));
    }
    deployed.clear();
    doors.clear();
    return closed.eventually(trail::stop).eventually(() -> {
      if (frames != null) {
        frames.close();
      }
      return Future.succeededFuture();
    });
  }
}
