package io.vedette.alert.api;

import io.vedette.alert.route.Routing;
import io.vedette.alert.wire.RoutingJson;
import io.vedette.alert.wire.Times;
import io.vedette.runtime.auth.Access;
import io.vedette.runtime.auth.Role;
import io.vedette.store.alert.AlertReader;
import io.vedette.store.alert.AlertStore;
import io.vedette.store.alert.SilenceReader;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.function.Supplier;

/** Alertmanager's API, version 2: reads go to the store, changes to the service that holds the trail's lease. Errors have Alertmanager's form, a JSON text. */
public final class AlertmanagerApi {
  private static final int MAX_BODY = 4 * 1024 * 1024;

  /** What the API needs to know of the service around it. */
  public record Surroundings(
      int trail,
      String version,
      long startedUs,
      boolean clustered,
      Supplier<Routing> routing,
      Supplier<Boolean> ready,
      Supplier<Future<Void>> reload,
      Supplier<Long> nowUs,
      int maxInbox) {}

  private final Access access;
  private final Surroundings around;
  private final AlertRoutes alerts;
  private final SilenceRoutes silences;

  public AlertmanagerApi(
      Vertx vertx,
      Access access,
      AlertReader alerts,
      SilenceReader silences,
      AlertStore store,
      Surroundings around,
      Runnable wake) {
    this.access = access;
    this.around = around;
    this.alerts = new AlertRoutes(alerts, store, around, wake);
    this.silences = new SilenceRoutes(vertx, silences, around);
  }

  public void mount(Router router) {
    router.get("/-/healthy").handler(ctx -> ctx.response().end("OK"));
    router.get("/-/ready").handler(ctx -> ctx.response()
        .setStatusCode(around.ready().get() ? 200 : 503)
        .end(around.ready().get() ? "OK" : "not ready, see /health/ready"));
    router.post("/-/reload").handler(access.require(Role.OPERATOR)).handler(this::reload);
    router.get("/api/v2/*").handler(access.require(Role.VIEWER)).handler(this::admitTrail);
    router.post("/api/v2/*").handler(access.require(Role.OPERATOR)).handler(this::admitTrail);
    router.delete("/api/v2/*").handler(access.require(Role.OPERATOR)).handler(this::admitTrail);
    router.post("/api/v2/*").handler(BodyHandler.create(false).setBodyLimit(MAX_BODY));
    router.get("/api/v2/status").handler(this::status);
    router.get("/api/v2/receivers").handler(this::receivers);
    router.get("/api/v2/alerts").handler(alerts::list);
    router.post("/api/v2/alerts").handler(alerts::post);
    router.get("/api/v2/alerts/groups").handler(alerts::listGroups);
    router.get("/api/v2/silences").handler(silences::list);
    router.post("/api/v2/silences").handler(silences::post);
    router.get("/api/v2/silence/:id").handler(silences::get);
    router.delete("/api/v2/silence/:id").handler(silences::delete);
  }

  private void admitTrail(RoutingContext ctx) {
    if (Access.principal(ctx).maySee(around.trail())) {
      ctx.next();
    } else {
      Answers.refuse(ctx, 403, "the token does not see trail " + around.trail());
    }
  }

  private void reload(RoutingContext ctx) {
    around
        .reload()
        .get()
        .onSuccess(done -> ctx.response().end())
        .onFailure(wrong ->
            Answers.refuse(ctx, 500, "not reloaded, the old setup stays: " + wrong.getMessage()));
  }

  private void status(RoutingContext ctx) {
    Answers.json(
        ctx,
        new JsonObject()
            .put(
                "cluster",
                new JsonObject()
                    .put("status", around.clustered() ? "ready" : "disabled")
                    .put("peers", new JsonArray()))
            .put(
                "config",
                new JsonObject()
                    .put("original", RoutingJson.encode(around.routing().get()).encodePrettily()))
            .put("uptime", Times.text(around.startedUs()))
            .put(
                "versionInfo",
                new JsonObject()
                    .put("version", around.version())
                    .put("branch", "")
                    .put("buildDate", "")
                    .put("buildUser", "")
                    .put("goVersion", "")
                    .put("revision", "vedette"))
            .toBuffer());
  }

  private void receivers(RoutingContext ctx) {
    JsonArray all = new JsonArray();
    around.routing().get().receivers().keySet().stream()
        .sorted()
        .forEach(name -> all.add(new JsonObject().put("name", name)));
    Answers.json(ctx, all.toBuffer());
  }
}
