package io.vedette.alert.api;

import io.vedette.alert.lifecycle.Alert;
import io.vedette.alert.lifecycle.Posted;
import io.vedette.alert.route.GroupId;
import io.vedette.alert.route.Route;
import io.vedette.alert.wire.AlertJson;
import io.vedette.alert.wire.PostedJson;
import io.vedette.alert.wire.Times;
import io.vedette.runtime.auth.Access;
import io.vedette.store.alert.AlertReader;
import io.vedette.store.alert.AlertStore;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** {@code /api/v2/alerts}: those that are there, by group too, and those posted from outside. */
final class AlertRoutes {
  private static final int MAX_ALERTS = 10_000;

  private final AlertReader alerts;
  private final AlertStore store;
  private final AlertmanagerApi.Surroundings around;
  private final Runnable wake;

  AlertRoutes(
      AlertReader alerts, AlertStore store, AlertmanagerApi.Surroundings around, Runnable wake) {
    this.alerts = alerts;
    this.store = store;
    this.around = around;
    this.wake = wake;
  }

  void list(RoutingContext ctx) {
    filtered(ctx, found -> {
      JsonArray list = new JsonArray();
      found.forEach(alert -> list.add(view(alert)));
      return list;
    });
  }

  void listGroups(RoutingContext ctx) {
    filtered(ctx, this::groups);
  }

  private JsonArray groups(List<Alert> found) {
    Map<String, JsonObject> groups = new TreeMap<>();
    for (Alert alert : found) {
      for (Route route : around.routing().get().root().take(alert.labels())) {
        GroupId id = route.group(alert.labels());
        groups
            .computeIfAbsent(id.receiver() + "\n" + id.key(), key -> new JsonObject()
                .put("labels", AlertView.strings(id.labels()))
                .put("receiver", new JsonObject().put("name", id.receiver()))
                .put("alerts", new JsonArray()))
            .getJsonArray("alerts")
            .add(view(alert));
      }
    }
    return new JsonArray(new ArrayList<>(groups.values()));
  }

  private void filtered(RoutingContext ctx, Function<List<Alert>, JsonArray> form) {
    AlertFilter filter;
    try {
      filter = AlertFilter.of(ctx.queryParams());
    } catch (IllegalArgumentException wrong) {
      Answers.refuse(ctx, 400, String.valueOf(wrong.getMessage()));
      return;
    }
    alerts
        .current(around.trail(), MAX_ALERTS)
        .map(rows -> rows.stream()
            .map(row -> AlertJson.decode(new JsonObject(row.json())))
            .filter(filter::shows)
            .sorted(Comparator.comparing(Alert::fingerprint))
            .toList())
        .onSuccess(found -> Answers.json(ctx, form.apply(found).toBuffer()))
        .onFailure(lost -> Answers.unavailable(ctx));
  }

  private JsonObject view(Alert alert) {
    long endsUs = alert.expiresUs() != 0
        ? alert.expiresUs()
        : around.nowUs().get() + Times.micros(around.routing().get().resolveTimeout());
    return AlertView.of(alert, endsUs);
  }

  void post(RoutingContext ctx) {
    List<Posted> posted;
    try {
      posted = PostedJson.parse(
          new JsonArray(Answers.body(ctx)), Access.principal(ctx).name());
    } catch (DecodeException | ClassCastException noArray) {
      Answers.refuse(ctx, 400, "body: no JSON array of alerts (expected: [{\"labels\": {...}}])");
      return;
    } catch (IllegalArgumentException wrong) {
      Answers.refuse(ctx, 400, String.valueOf(wrong.getMessage()));
      return;
    }
    if (posted.isEmpty()) {
      ctx.response().end();
      return;
    }
    store
        .post(
            around.trail(),
            around.nowUs().get(),
            posted.stream().map(one -> PostedJson.encode(one).encode()).toList(),
            around.maxInbox())
        .onSuccess(taken -> {
          if (taken) {
            wake.run();
            ctx.response().end();
          } else {
            ctx.response().putHeader("Retry-After", "1");
            Answers.refuse(ctx, 503, "too many posted alerts wait already: try again");
          }
        })
        .onFailure(lost -> Answers.unavailable(ctx));
  }
}
