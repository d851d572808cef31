package io.vedette.alert.api;

import io.vedette.alert.lifecycle.Alert;
import io.vedette.alert.wire.AlertJson;
import io.vedette.alert.wire.Times;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;

/** An alert as Alertmanager's API shows it, with a member {@code vedette} that holds all we know. */
final class AlertView {
  private AlertView() {}

  /** {@code endsUs}: until when it is believed unless it is renewed, as clients expect of an alert that fires. */
  static JsonObject of(Alert alert, long endsUs) {
    JsonArray receivers = new JsonArray();
    alert.receivers().forEach(name -> receivers.add(new JsonObject().put("name", name)));
    return new JsonObject()
        .put("annotations", strings(alert.annotations()))
        .put("endsAt", Times.text(endsUs))
        .put("fingerprint", alert.fingerprint())
        .put("receivers", receivers)
        .put("startsAt", Times.text(alert.startsUs()))
        .put(
            "status",
            new JsonObject()
                .put("inhibitedBy", array(alert.inhibitedBy()))
                .put("mutedBy", new JsonArray())
                .put("silencedBy", array(alert.silencedBy()))
                .put("state", alert.muted() ? "suppressed" : "active"))
        .put("updatedAt", Times.text(alert.updatedUs()))
        .put("generatorURL", alert.cause().generatorUrl())
        .put("labels", strings(alert.labels()))
        .put("vedette", AlertJson.encode(alert));
  }

  static JsonObject strings(Map<String, String> strings) {
    JsonObject json = new JsonObject();
    strings.forEach(json::put);
    return json;
  }

  private static JsonArray array(Iterable<String> strings) {
    JsonArray array = new JsonArray();
    strings.forEach(array::add);
    return array;
  }
}
