package io.vedette.analyzer;

import io.vedette.runtime.Health;
import io.vedette.runtime.Health.Check;
import io.vedette.runtime.Service;
import io.vedette.runtime.ServiceContext;
import io.vedette.store.Database;
import io.vedette.store.analysis.RuleRevisions;
import io.vedette.store.trail.Appender;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.http.HttpServer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.function.Supplier;

/** The analyzer: rules, analysis, and a door for its health and metrics. */
public final class AnalyzerService implements Service {
  private static final long MUCH_LAG = 1_000;

  private final ServiceContext ctx;
  private final Database database;
  private final Appender appender;
  private final AnalyzeVerticle analyze;
  private final Deque<Supplier<Future<Void>>> opened = new ArrayDeque<>();

  public AnalyzerService(ServiceContext ctx, Database database) {
    this.ctx = ctx;
    this.database = database;
    this.appender = new Appender(database, ctx.vertx().eventBus());
    this.analyze = new AnalyzeVerticle(
        database,
        new RuleRevisions(database, appender),
        AnalyzeSettings.of(ctx.config(), ctx.nodeId()));
  }

  @Override
  public String name() {
    return "analyzer";
  }

  @Override
  public Future<Map<String, Integer>> start() {
    Runnable unregister = ctx.health().register("analyzer", this::check);
    opened.push(() -> {
      unregister.run();
      return appender.close();
    });
    RulesVerticle rules = new RulesVerticle(
        new RuleRevisions(database, appender),
        ctx.config().get(AnalyzerConfig.TRAIL),
        Path.of(ctx.config().get(AnalyzerConfig.RULES)));
    return listen().compose(server -> deploy(rules, new DeploymentOptions())
        .compose(ruled -> deploy(
            analyze,
            new DeploymentOptions()
                .setThreadingModel(ThreadingModel.WORKER)
                .setWorkerPoolName("vedette-analyze")
                .setWorkerPoolSize(1)))
        .map(analyzing -> Map.of("analyzer.http", server.actualPort())));
  }

  private Future<HttpServer> listen() {
    return ctx.http()
        .listen(
            ctx.http().router("analyzer"),
            ctx.http().options(),
            ctx.http().bindHost(),
            ctx.config().get(AnalyzerConfig.HTTP_PORT),
            AnalyzerConfig.HTTP_PORT.path())
        .onSuccess(server -> opened.push(server::close));
  }

  private Future<Void> deploy(io.vertx.core.Deployable verticle, DeploymentOptions options) {
    return ctx.vertx()
        .deployVerticle(verticle, options)
        .onSuccess(id -> opened.push(() -> ctx.vertx().undeploy(id)))
        .mapEmpty();
  }

  private Check check() {
    if (!database.up()) {
      return new Check(Health.State.DOWN, "the database does not answer");
    }
    String trouble = analyze.trouble();
    if (!trouble.isEmpty()) {
      return Check.degraded(trouble);
    }
    return analyze.lag() > MUCH_LAG
        ? Check.degraded(analyze.lag() + " batches behind")
        : Check.up();
  }

  /** Stores state and hands partitions over; the door stays open until {@link #stop}. */
  @Override
  public Future<Void> drain() {
    Future<Void> drained = Future.succeededFuture();
    while (opened.size() > 2) {
      drained = drained.eventually(opened.pop());
    }
    return drained;
  }

  @Override
  public Future<Void> stop() {
    Future<Void> stopped = Future.succeededFuture();
    while (!opened.isEmpty()) {
      stopped = stopped.eventually(opened.pop());
    }
    return stopped;
  }
}
