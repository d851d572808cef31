package io.vedette.collector;

import io.micrometer.core.instrument.Gauge;
import io.vedette.collector.integrate.Coverage;
import io.vedette.collector.process.Pipeline;
import io.vedette.model.RecordParser;
import io.vedette.runtime.ServiceContext;
import io.vedette.runtime.auth.Access;
import io.vedette.runtime.auth.Principal;
import io.vedette.runtime.auth.Role;
import io.vedette.runtime.http.Problem;
import io.vedette.runtime.metrics.StageTimer;
import io.vedette.store.MicroClock;
import io.vedette.store.audit.Act;
import io.vedette.store.audit.Audit;
import io.vedette.store.audit.HttpActs;
import io.vedette.store.trail.Cursors;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Records by HTTP: who may send, how many at a time, and until when they are answered. Each request is an {@link IngestRequest} on this verticle's event loop. */
final class HttpIngestVerticle extends VerticleBase {
  private static final long SWEEP_MS = 1_000;
  private static final long SHUTDOWN_SECONDS = 5;
  private static final int MAX_KEY_CHARS = 200;
  private static final int CHUNK_BYTES = 64 * 1024;

  private final ServiceContext service;
  private final AppendVerticle append;
  private final Cursors cursors;
  private final Coverage coverage;
  private final Audit audit;
  private final SourceMeters meters;
  private final StageTimer stages;
  private final MicroClock clock;
  private final RecordParser parser = new RecordParser();
  private final Pipeline pipeline = new Pipeline(List.of());
  private final SourceNames names;
  private final boolean trustLoopback;
  private final int maxRequests;
  private final Set<IngestRequest> open = new LinkedHashSet<>();
  private volatile int openCount;
  private @Nullable HttpServer server;
  private long sweeper = -1;

  HttpIngestVerticle(
      ServiceContext service,
      AppendVerticle append,
      Cursors cursors,
      Coverage coverage,
      Audit audit,
      StageTimer stages,
      MicroClock clock) {
    this.service = service;
    this.append = append;
    this.cursors = cursors;
    this.coverage = coverage;
    this.audit = audit;
    this.stages = stages;
    this.clock = clock;
    this.meters = new SourceMeters(service.metrics(), "http");
    this.names = SourceNames.of(service.config());
    this.trustLoopback = service.config().isSet(CollectorConfig.TRUST_LOOPBACK)
        ? service.config().get(CollectorConfig.TRUST_LOOPBACK)
        : service.standalone();
    this.maxRequests = service.config().get(CollectorConfig.HTTP_MAX_REQUESTS);
    Gauge.builder("vedette_collector_http_requests", this, verticle -> verticle.openCount)
        .description("Ingest requests at work")
        .register(service.metrics());
  }

  @Override
  public Future<?> start() {
    Router router = service.http().router("collector");
    router
        .post("/v1/records")
        .handler(ctx -> HttpActs.watch(ctx, audit, HttpIngestVerticle::refusal))
        .handler(this::refuseForeign)
        .handler(this::authenticate)
        .handler(this::ingest);
    long limitUs = service.config().get(CollectorConfig.HTTP_ANSWER_LIMIT).toMillis() * 1_000;
    sweeper = vertx.setPeriodic(SWEEP_MS, id -> new ArrayList<>(open)
        .forEach(request -> request.expire(clock.nowUs(), limitUs)));
    return service
        .http()
        .listen(
            router,
            service.http().options().setMaxChunkSize(CHUNK_BYTES).setDecompressionSupported(true),
            service.http().bindHost(),
            service.config().get(CollectorConfig.HTTP_PORT),
            CollectorConfig.HTTP_PORT.path())
        .onSuccess(listening -> server = listening);
  }

  Coverage coverage() {
    return coverage;
  }

  int port() {
    HttpServer listening = server;
    return listening == null ? -1 : listening.actualPort();
  }

  /** Takes no more requests; those at work get their answer. */
  @Override
  public Future<?> stop() {
    HttpServer listening = server;
    Future<?> shut = listening == null
        ? Future.succeededFuture()
        : listening.shutdown(SHUTDOWN_SECONDS, TimeUnit.SECONDS);
    return shut.onComplete(done -> vertx.cancelTimer(sweeper));
  }

  /** What was taken is in the trail as records; who was refused is said there too. */
  private static Optional<Act> refusal(RoutingContext answered) {
    return HttpActs.isRefused(answered)
        ? Optional.of(HttpActs.of(answered, "record.send", "/v1"))
        : Optional.empty();
  }

  /** A web page of another origin must not write into the trail through its visitor's browser. */
  private void refuseForeign(RoutingContext ctx) {
    if (service.access().origins().isForeign(ctx.request())) {
      Problem.send(
          ctx,
          403,
          "foreign-origin",
          "Not allowed",
          "a page of another origin may not send records; list it in http.origins if it may");
    } else {
      ctx.next();
    }
  }

  private void authenticate(RoutingContext ctx) {
    if (trustLoopback && ctx.request().getHeader(HttpHeaders.AUTHORIZATION) == null) {
      Optional<Principal> local = Access.loopbackSender(ctx.request());
      if (local.isPresent()) {
        Access.setPrincipal(ctx, local.get());
        ctx.next();
        return;
      }
    }
    service.access().require(Role.INGEST).handle(ctx);
  }

  private void ingest(RoutingContext ctx) {
    Principal principal = Access.principal(ctx);
    Optional<String> owner = names.owner(principal.name());
    if (owner.isPresent()) {
      Problem.send(
          ctx,
          403,
          "source-name-taken",
          "Not allowed",
          "the sender is named " + principal.name() + ", which is the name of " + owner.get()
              + " (expected: a token or a subject with a name of its own)");
      return;
    }
    int trail = trail(principal);
    if (trail < 0) {
      Problem.send(
          ctx,
          403,
          "trail-not-allowed",
          "Not allowed",
          "the token names no trail this collector appends to (collector.trail: " + ownTrail()
              + ")");
      return;
    }
    if (open.size() >= maxRequests) {
      ctx.response().putHeader(HttpHeaders.RETRY_AFTER, "1");
      Problem.send(
          ctx,
          503,
          "too-many-requests-at-work",
          "Not available now",
          maxRequests + " requests are at work; try again");
      return;
    }
    String key = ctx.request().getHeader("Idempotency-Key");
    if (key != null && (key.isEmpty() || key.length() > MAX_KEY_CHARS)) {
      Problem.send(
          ctx,
          400,
          "bad-idempotency-key",
          "Bad request",
          "Idempotency-Key: " + key.length() + " characters (expected: 1.." + MAX_KEY_CHARS + ")",
          new JsonObject().put("field", "Idempotency-Key"));
      return;
    }
    IngestRequest request = new IngestRequest(ctx, vertx, append, this, principal, trail, key);
    open.add(request);
    openCount = open.size();
    request.begin(key == null ? null : cursors.progress(trail, principal.name(), key));
  }

  private int trail(Principal principal) {
    int own = ownTrail();
    if (principal.maySee(own)) {
      return own;
    }
    return principal.trails().size() == 1 ? principal.trails().iterator().next() : -1;
  }

  private int ownTrail() {
    return service.config().get(CollectorConfig.TRAIL);
  }

  void finished(IngestRequest request) {
    open.remove(request);
    openCount = open.size();
  }

  RecordParser parser() {
    return parser;
  }

  Pipeline pipeline() {
    return pipeline;
  }

  int maxRecordBytes() {
    return (int)
        Math.min(Integer.MAX_VALUE, service.config().get(CollectorConfig.RECORD_MAX_BYTES));
  }

  SourceMeters meters() {
    return meters;
  }

  StageTimer stages() {
    return stages;
  }

  MicroClock clock() {
    return clock;
  }
}
