package io.vedette.runtime.http;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vedette.runtime.Health;
import io.vedette.runtime.RuntimeConfig;
import io.vedette.runtime.auth.Access;
import io.vedette.runtime.auth.Role;
import io.vedette.runtime.config.Config;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.net.BindException;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** Makes routers and listeners that behave alike for every service. Safe for use by any thread; what it listens on belongs to the caller, who closes it. */
public final class HttpDoors {
  /** Key of the request's id in a {@link RoutingContext}, and its header. */
  public static final String REQUEST_ID = "vedette.request";

  private static final String REQUEST_ID_HEADER = "X-Request-Id";
  private static final Pattern REQUEST_ID_FORM = Pattern.compile("[A-Za-z0-9._-]{1,64}");
  // What a connection may do nothing for: longer than the clients' keep-alive of a minute.
  private static final int IDLE_SECONDS = 75;
  private static final String PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8";

  private final Vertx vertx;
  private final Config config;
  private final MeterRegistry metrics;
  private final Health health;
  private final Access access;
  private final HostCheck hosts;

  public HttpDoors(
      Vertx vertx, Config config, MeterRegistry metrics, Health health, Access access) {
    this.vertx = vertx;
    this.config = config;
    this.metrics = metrics;
    this.health = health;
    this.access = access;
    this.hosts = new HostCheck(config.get(RuntimeConfig.HTTP_HOSTS));
  }

  /**
   * A router with what every door has, in this order: request id, security headers, Host check, {@code /health/live}, {@code /health/ready}, {@code /metrics}; and every failure as problem+json.
   *
   * @param service named by the health answers, for example {@code edge}
   */
  public Router router(String service) {
    Router router = Router.router(vertx);
    for (int status = 400; status < 600; status++) {
      router.errorHandler(status, Problem.onFailure(status));
    }
    router.route().failureHandler(Problem::cutOff);
    router.route().handler(this::identify);
    router.route().handler(this::secure);
    router.route().handler(hosts);
    router.get("/health/live").handler(ctx -> ctx.response()
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
        .end(new JsonObject().put("status", "up").put("service", service).toBuffer()));
    router.get("/health/ready").handler(ctx -> ready(ctx, service));
    router.get("/metrics").handler(this::admitScrape).handler(this::scrape);
    return router;
  }

  private void identify(RoutingContext ctx) {
    String given = ctx.request().getHeader(REQUEST_ID_HEADER);
    String id = given != null && REQUEST_ID_FORM.matcher(given).matches()
        ? given
        : UUID.randomUUID().toString();
    ctx.put(REQUEST_ID, id);
    ctx.response().putHeader(REQUEST_ID_HEADER, id);
    ctx.next();
  }

  /** The strictest that holds for an API; whoever serves pages or cacheable content puts others in their place. */
  private void secure(RoutingContext ctx) {
    HttpServerResponse response = ctx.response();
    response.putHeader("X-Content-Type-Options", "nosniff");
    response.putHeader("X-Frame-Options", "DENY");
    response.putHeader("Referrer-Policy", "no-referrer");
    response.putHeader("Cross-Origin-Opener-Policy", "same-origin");
    response.putHeader("Cross-Origin-Resource-Policy", "same-origin");
    response.putHeader("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    response.putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    if (ctx.request().isSSL()) {
      response.putHeader("Strict-Transport-Security", "max-age=31536000");
    }
    ctx.next();
  }

  private void ready(RoutingContext ctx, String service) {
    JsonArray degraded = new JsonArray();
    JsonObject checks = new JsonObject();
    boolean ready = true;
    for (Map.Entry<String, Health.Check> check : health.report().entrySet()) {
      Health.Check answer = check.getValue();
      JsonObject shown =
          new JsonObject().put("state", answer.state().name().toLowerCase(java.util.Locale.ROOT));
      if (!answer.detail().isEmpty()) {
        shown.put("detail", answer.detail());
      }
      checks.put(check.getKey(), shown);
      if (answer.state() != Health.State.UP) {
        degraded.add(check.getKey());
      }
      ready &= answer.state() != Health.State.DOWN;
    }
    JsonObject body = new JsonObject()
        .put("status", ready ? degraded.isEmpty() ? "up" : "degraded" : "down")
        .put("service", service)
        .put("degraded", degraded)
        .put("checks", checks);
    ctx.response()
        .setStatusCode(ready ? 200 : 503)
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
        .end(body.toBuffer());
  }

  private void admitScrape(RoutingContext ctx) {
    if (config.get(RuntimeConfig.METRICS_PUBLIC) || Requests.isDirectLoopback(ctx.request())) {
      ctx.next();
    } else {
      access.require(Role.VIEWER).handle(ctx);
    }
  }

  private void scrape(RoutingContext ctx) {
    if (!(metrics instanceof PrometheusMeterRegistry prometheus)) {
      Problem.send(
          ctx, 404, "not-found", "Not found", "this process keeps no metrics for Prometheus");
      return;
    }
    // Off the event loop: gauges may ask the operating system.
    vertx
        .executeBlocking(() -> prometheus.scrape(PROMETHEUS_TEXT), false)
        .onSuccess(text ->
            ctx.response().putHeader(HttpHeaders.CONTENT_TYPE, PROMETHEUS_TEXT).end(text))
        .onFailure(ctx::fail);
  }

  /** What every door starts from; TLS when configured. */
  public HttpServerOptions options() {
    return new HttpServerOptions()
        .setIdleTimeout(IDLE_SECONDS)
        .setIdleTimeoutUnit(TimeUnit.SECONDS)
        .setHandle100ContinueAutomatically(true)
        .setTcpNoDelay(true);
  }

  /** The address of all doors. */
  public String bindHost() {
    return config.get(RuntimeConfig.HTTP_BIND);
  }

  public boolean isTls() {
    return tls().isPresent();
  }

  public Future<HttpServer> listen(
      Router router, HttpServerOptions base, String host, int port, String portKey) {
    return listen(router, base, host, port, portKey, server -> {});
  }

  /**
   * Opens a door. Fails with {@link PortTakenException}, naming who holds the port, when it is taken.
   *
   * @param port 0 takes a free one
   * @param portKey configuration key that the error names
   * @param prepare called with the server before it listens
   */
  public Future<HttpServer> listen(
      Router router,
      HttpServerOptions base,
      String host,
      int port,
      String portKey,
      Consumer<HttpServer> prepare) {
    HttpServerOptions options = new HttpServerOptions(base).setHost(host).setPort(port);
    tls().ifPresent(pem -> options.setSsl(true).setUseAlpn(true).setKeyCertOptions(pem));
    HttpServer server = vertx
        .createHttpServer(options)
        .requestHandler(router)
        .invalidRequestHandler(Problem::invalidRequest);
    prepare.accept(server);
    return server.listen().recover(failure -> explain(failure, host, port, portKey));
  }

  /** Turns a failed bind, of any kind of door, into an error that says who holds the port; other failures stay. */
  public <T> Future<T> explain(Throwable failure, String host, int port, String portKey) {
    if (!isBindFailure(failure)) {
      return Future.failedFuture(failure);
    }
    return vertx
        .executeBlocking(() -> new PortHolder().of(port), false)
        .compose(holder -> Future.failedFuture(new PortTakenException(
            port, PortTakenException.refusal(failure, host, port, portKey, holder), failure)));
  }

  /** The native transport does not throw Java's own exception: its errors say what failed in their text, {@code bind(..) failed with error(-98): Address already in use}. */
  private static boolean isBindFailure(Throwable failure) {
    return failure instanceof BindException
        || (failure instanceof IOException
            && String.valueOf(failure.getMessage()).startsWith("bind("));
  }

  private Optional<PemKeyCertOptions> tls() {
    Optional<String> cert = config.get(RuntimeConfig.TLS_CERT);
    Optional<String> key = config.get(RuntimeConfig.TLS_KEY);
    if (cert.isPresent() != key.isPresent()) {
      throw config.error(
          cert.isPresent() ? RuntimeConfig.TLS_CERT : RuntimeConfig.TLS_KEY,
          "one of two",
          "http.tls.cert and http.tls.key together");
    }
    return cert.map(
        path -> new PemKeyCertOptions().setCertPath(path).setKeyPath(key.orElseThrow()));
  }
}
