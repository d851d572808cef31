package io.vedette.alert.wire;

import io.vedette.alert.mute.Inhibition;
import io.vedette.alert.route.Matcher;
import io.vedette.alert.route.Route;
import io.vedette.alert.route.Routing;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;

/** The routing as a configuration of Alertmanager, for tools that draw or test it. Receivers are named only: what they hold may be secret. */
public final class RoutingJson {
  private RoutingJson() {}

  public static JsonObject encode(Routing routing) {
    JsonArray receivers = new JsonArray();
    routing.receivers().keySet().stream()
        .sorted()
        .forEach(name -> receivers.add(new JsonObject().put("name", name)));
    JsonArray inhibitions = new JsonArray();
    for (Inhibition rule : routing.inhibitions()) {
      inhibitions.add(new JsonObject()
          .put("source_matchers", matchers(rule.source()))
          .put("target_matchers", matchers(rule.target()))
          .put("equal", AlertJson.array(rule.equal())));
    }
    return new JsonObject()
        .put("global", new JsonObject().put("resolve_timeout", duration(routing.resolveTimeout())))
        .put("route", route(routing.root()))
        .put("inhibit_rules", inhibitions)
        .put("receivers", receivers);
  }

  private static JsonObject route(Route route) {
    JsonObject json = new JsonObject().put("receiver", route.receiver());
    if (!route.matchers().isEmpty()) {
      json.put("matchers", matchers(route.matchers()));
    }
    json.put("group_by", AlertJson.array(route.groupByAll() ? List.of("...") : route.groupBy()));
    if (route.continues()) {
      json.put("continue", true);
    }
    json.put("group_wait", duration(route.groupWait()))
        .put("group_interval", duration(route.groupInterval()))
        .put("repeat_interval", duration(route.repeatInterval()));
    JsonArray children = new JsonArray();
    route.children().forEach(child -> children.add(route(child)));
    return children.isEmpty() ? json : json.put("routes", children);
  }

  private static JsonArray matchers(List<Matcher> matchers) {
    JsonArray array = new JsonArray();
    matchers.forEach(matcher -> array.add(matcher.toString()));
    return array;
  }

  private static String duration(Duration duration) {
    return duration.toMillis() % 1000 == 0
        ? duration.toSeconds() + "s"
        : duration.toMillis() + "ms";
  }
}
