package io.vedette.alert.api;

import io.vedette.alert.mute.Silence;
import io.vedette.alert.route.Matcher;
import io.vedette.alert.wire.SilenceJson;
import io.vedette.runtime.Addresses;
import io.vedette.runtime.auth.Access;
import io.vedette.runtime.auth.Principal;
import io.vedette.runtime.auth.Role;
import io.vedette.store.alert.SilenceReader;
import io.vedette.store.alert.SilenceRow;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code /api/v2/silences}: read from the store, changed by the service that holds the trail's lease. */
final class SilenceRoutes {
  private static final int MAX_SILENCES = 10_000;
  private static final long SHOW_EXPIRED_US = 5L * 24 * 3600 * 1_000_000;
  private static final long REQUEST_MS = 5_000;

  private final Vertx vertx;
  private final SilenceReader silences;
  private final AlertmanagerApi.Surroundings around;

  SilenceRoutes(Vertx vertx, SilenceReader silences, AlertmanagerApi.Surroundings around) {
    this.vertx = vertx;
    this.silences = silences;
    this.around = around;
  }

  void list(RoutingContext ctx) {
    List<Matcher> filter;
    try {
      filter = AlertFilter.matchers(ctx.queryParams());
    } catch (IllegalArgumentException wrong) {
      Answers.refuse(ctx, 400, String.valueOf(wrong.getMessage()));
      return;
    }
    long nowUs = around.nowUs().get();
    silences
        .endingAfter(around.trail(), nowUs - SHOW_EXPIRED_US, MAX_SILENCES)
        .onSuccess(rows -> {
          JsonArray list = new JsonArray();
          rows.stream()
              .filter(row -> concerns(row, filter))
              .sorted(Comparator.comparing((SilenceRow row) -> order(row.state(nowUs)))
                  .thenComparing(SilenceRow::endsUs))
              .forEach(row -> list.add(view(row, nowUs)));
          Answers.json(ctx, list.toBuffer());
        })
        .onFailure(lost -> Answers.unavailable(ctx));
  }

  /** As Alertmanager: each filter must match the value of the silence's matcher of that name. */
  private static boolean concerns(SilenceRow row, List<Matcher> filter) {
    if (filter.isEmpty()) {
      return true;
    }
    Silence silence = SilenceJson.decode(row);
    Map<String, String> values = new LinkedHashMap<>();
    silence.matchers().forEach(matcher -> values.put(matcher.name(), matcher.value()));
    return filter.stream().allMatch(matcher -> matcher.matches(values));
  }

  private static int order(String state) {
    return switch (state) {
      case "active" -> 0;
      case "pending" -> 1;
      default -> 2;
    };
  }

  private static JsonObject view(SilenceRow row, long nowUs) {
    return new JsonObject(row.json())
        .put("status", new JsonObject().put("state", row.state(nowUs)));
  }

  void get(RoutingContext ctx) {
    silences
        .byId(around.trail(), ctx.pathParam("id"))
        .onSuccess(row -> {
          if (row.isPresent()) {
            Answers.json(ctx, view(row.get(), around.nowUs().get()).toBuffer());
          } else {
            Answers.refuse(ctx, 404, "silence " + ctx.pathParam("id") + " not found");
          }
        })
        .onFailure(lost -> Answers.unavailable(ctx));
  }

  void post(RoutingContext ctx) {
    JsonObject body;
    try {
      body = new JsonObject(Answers.body(ctx));
    } catch (DecodeException | ClassCastException noObject) {
      Answers.refuse(
          ctx, 400, "body: no JSON object (expected: a silence with matchers and endsAt)");
      return;
    }
    request(Addresses.SILENCE_CREATE, body, Access.principal(ctx))
        .onSuccess(reply -> Answers.json(ctx, reply.toBuffer()))
        .onFailure(failed -> Answers.refuse(ctx, failed));
  }

  void delete(RoutingContext ctx) {
    request(
            Addresses.SILENCE_EXPIRE,
            new JsonObject().put("silenceID", ctx.pathParam("id")),
            Access.principal(ctx))
        .onSuccess(reply -> ctx.response().end())
        .onFailure(failed -> Answers.refuse(ctx, failed));
  }

  private Future<JsonObject> request(String address, JsonObject body, Principal principal) {
    DeliveryOptions options = new DeliveryOptions()
        .setSendTimeout(REQUEST_MS)
        .addHeader(Addresses.PRINCIPAL, principal.name())
        .addHeader(
            Addresses.ROLE,
            principal.roles().stream()
                .filter(role -> role.allows(Role.OPERATOR))
                .findFirst()
                .orElse(Role.VIEWER)
                .text())
        .addHeader(Addresses.TRAIL, Integer.toString(around.trail()));
    return vertx.eventBus().<JsonObject>request(address, body, options).map(reply -> reply.body());
  }
}
