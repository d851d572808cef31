package io.vedette.edge.api;

import io.vedette.edge.resume.StatisticMemory;
import io.vedette.runtime.Addresses;
import io.vedette.runtime.auth.Access;
import io.vedette.runtime.auth.Principal;
import io.vedette.runtime.auth.Role;
import io.vedette.runtime.http.Problem;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** {@code /api/v1}: reads go to the store and to the edge's own memory, changes to the owning service. Every answer but records' bytes is JSON, every error problem+json. */
public final class Api {
  /** The one trail behind this API until there are several. */
  public static final int TRAIL = 1;

  private static final int MAX_BODY = 64 << 10;

  private final Access access;
  private final OpenApi document = new OpenApi();
  private final RecordsResource records;
  private final StatisticsResource statistics;
  private final AlertsResource alerts;
  private final ClusterResource cluster;
  private final SessionResource session;
  private final Changes changes;

  public Api(
      Vertx vertx, EdgeStore store, StatisticMemory memory, Access access, LongSupplier clockUs) {
    Answers answers = new Answers();
    this.access = access;
    this.records = new RecordsResource(store, answers);
    this.statistics = new StatisticsResource(store, memory, clockUs, answers);
    this.alerts = new AlertsResource(store, answers);
    this.cluster = new ClusterResource(store, answers);
    this.session = new SessionResource(access);
    this.changes = new Changes(vertx);
  }

  public void mount(Router router) {
    read(router, "/api/v1/records", records::records);
    read(router, "/api/v1/records/:index", records::record);
    read(router, "/api/v1/records/:index/canonical", records::canonical);
    read(router, "/api/v1/statistics", statistics::statistics);
    read(router, "/api/v1/statistics/:name", statistics::statistic);
    read(router, "/api/v1/alerts", alerts::alerts);
    read(router, "/api/v1/alerts/:fingerprint", alerts::alert);
    read(router, "/api/v1/notifications", ctx -> alerts.publications(ctx, "notifications"));
    read(router, "/api/v1/findings", ctx -> alerts.publications(ctx, "findings"));
    read(router, "/api/v1/sources", cluster::sources);
    read(router, "/api/v1/rules", cluster::rules);
    read(router, "/api/v1/cluster", cluster::cluster);
    read(router, "/api/v1/session", session::session);
    router
        .get("/api/v1/openapi.json")
        .handler(ctx -> Answers.send(ctx, document.json().toBuffer()));
    router
        .post("/api/v1/session")
        .handler(BodyHandler.create(false).setBodyLimit(MAX_BODY))
        .handler(session::login);
    router.delete("/api/v1/session").handler(session::logout);
    change(
        router,
        "/api/v1/alerts/:fingerprint/acknowledge",
        Role.OPERATOR,
        Addresses.ALERT_ACKNOWLEDGE,
        "fingerprint");
    change(router, "/api/v1/silences", Role.OPERATOR, Addresses.SILENCE_CREATE, null);
    router
        .delete("/api/v1/silences/:silenceID")
        .handler(access.require(Role.OPERATOR))
        .handler(Api::ofThisTrail)
        .handler(ctx -> changes.request(
            ctx,
            Addresses.SILENCE_EXPIRE,
            new JsonObject().put("silenceID", ctx.pathParam("silenceID"))));
    router
        .route("/api/*")
        .handler(ctx -> Problem.send(
            ctx,
            404,
            "not-found",
            "Not found",
            "no such resource; /api/v1/openapi.json lists them"));
  }

  private void read(Router router, String path, Handler<RoutingContext> handler) {
    router
        .get(path)
        .handler(access.require(Role.VIEWER))
        .handler(Api::ofThisTrail)
        .handler(ctx -> {
          try {
            handler.handle(ctx);
          } catch (BadParameter bad) {
            Problem.send(
                ctx, 400, "bad-parameter", "Bad parameter", String.valueOf(bad.getMessage()));
          }
        });
  }

  /** Reads and changes alike need a token of the trail. */
  private static void ofThisTrail(RoutingContext ctx) {
    if (Access.principal(ctx).maySee(TRAIL)) {
      ctx.next();
    } else {
      Problem.send(ctx, 403, "not-allowed", "Not allowed", "this token may not see trail " + TRAIL);
    }
  }

  private void change(
      Router router, String path, Role role, String address, @Nullable String parameter) {
    router.post(path).handler(access.require(role));
    router.post(path).handler(BodyHandler.create(false).setBodyLimit(MAX_BODY));
    router.post(path).handler(Api::ofThisTrail).handler(ctx -> {
      JsonObject body = Answers.body(ctx);
      if (body == null) {
        return;
      }
      if (parameter != null) {
        body.put(parameter, ctx.pathParam(parameter));
      }
      changes.request(ctx, address, body);
    });
  }

  /** How a request on the bus names who makes it; the acting service judges again. */
  public static DeliveryOptions options(Principal principal) {
    return Changes.options(principal);
  }
}
