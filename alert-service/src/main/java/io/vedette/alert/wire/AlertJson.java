package io.vedette.alert.wire;

import io.vedette.alert.lifecycle.Alert;
import io.vedette.alert.lifecycle.AlertState;
import io.vedette.alert.lifecycle.Cause;
import io.vedette.model.Evidence;
import io.vedette.model.Stamps;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** An alert as the topic {@code alerts} and the API show it. The same text is its row, so nothing that matters after a restart may be missing here. */
public final class AlertJson {
  private AlertJson() {}

  public static JsonObject encode(Alert alert) {
    Cause cause = alert.cause();
    JsonObject json = new JsonObject()
        .put("fingerprint", alert.fingerprint())
        .put("state", alert.state().text())
        .put("rule", cause.rule())
        .put("revision", cause.revision())
        .put("ruleHash", cause.ruleHash())
        .put("labels", map(alert.labels()))
        .put("annotations", map(alert.annotations()))
        .put("startsAt", Times.text(alert.startsUs()))
        .put("endsAt", alert.endsUs() == 0 ? null : Times.text(alert.endsUs()));
    Evidence evidence = cause.evidence();
    if (evidence != null) {
      json.put("value", number(evidence.value()))
          .put("comparison", evidence.comparison())
          .put("threshold", number(evidence.threshold()))
          .put("count", evidence.count())
          .put(
              "window",
              new JsonObject()
                  .put("start", Times.text(evidence.windowStartUs()))
                  .put("end", Times.text(evidence.windowEndUs())))
          .put("firstIndex", evidence.firstIndex())
          .put("lastIndex", evidence.lastIndex())
          .put("sample", new JsonArray(new ArrayList<>(evidence.sample())));
    }
    if (alert.acknowledgedBy() != null) {
      json.put("acknowledgedBy", alert.acknowledgedBy());
    }
    if (alert.expiresUs() != 0) {
      json.put("expiresAt", Times.text(alert.expiresUs()));
    }
    if (!cause.generatorUrl().isEmpty()) {
      json.put("generatorURL", cause.generatorUrl());
    }
    return json.put("updatedAt", Times.text(alert.updatedUs()))
        .put("receivers", array(alert.receivers()))
        .put("silencedBy", array(alert.silencedBy()))
        .put("inhibitedBy", array(alert.inhibitedBy()));
  }

  public static Alert decode(JsonObject json) {
    JsonObject window = json.getJsonObject("window");
    Evidence evidence = window == null
        ? null
        : new Evidence(
            Times.parse("window.start", window.getString("start")),
            Times.parse("window.end", window.getString("end")),
            real(json, "value"),
            json.getString("comparison"),
            real(json, "threshold"),
            json.getLong("count"),
            json.getLong("firstIndex"),
            json.getLong("lastIndex"),
            indices(json.getJsonArray("sample")));
    return new Alert(
        json.getString("fingerprint"),
        AlertState.parse(json.getString("state")),
        new Cause(
            json.getString("rule"),
            json.getLong("revision"),
            json.getString("ruleHash"),
            evidence,
            json.getString("generatorURL", "")),
        strings(json.getJsonObject("labels")),
        strings(json.getJsonObject("annotations")),
        Times.parse("startsAt", json.getString("startsAt")),
        timeOrZero(json, "endsAt"),
        timeOrZero(json, "expiresAt"),
        json.getString("acknowledgedBy"),
        list(json.getJsonArray("receivers")),
        list(json.getJsonArray("silencedBy")),
        list(json.getJsonArray("inhibitedBy")),
        Times.parse("updatedAt", json.getString("updatedAt")),
        Stamps.UNKNOWN);
  }

  static JsonObject map(Map<String, String> strings) {
    JsonObject json = new JsonObject();
    strings.forEach(json::put);
    return json;
  }

  static SortedMap<String, String> strings(JsonObject json) {
    SortedMap<String, String> strings = new TreeMap<>();
    json.forEach(entry -> strings.put(entry.getKey(), String.valueOf(entry.getValue())));
    return strings;
  }

  static JsonArray array(Iterable<String> strings) {
    JsonArray array = new JsonArray();
    strings.forEach(array::add);
    return array;
  }

  static List<String> list(JsonArray array) {
    return array.stream().map(String::valueOf).toList();
  }

  private static List<Long> indices(JsonArray array) {
    return array.stream().map(index -> ((Number) index).longValue()).toList();
  }

  private static long timeOrZero(JsonObject json, String field) {
    String text = json.getString(field);
    return text == null ? 0 : Times.parse(field, text);
  }

  /** JSON has no word for NaN and infinities: null, as for a value that is absent. */
  private static @Nullable Double number(double value) {
    return Double.isFinite(value) ? value : null;
  }

  private static double real(JsonObject json, String field) {
    Number value = json.getNumber(field);
    return value == null ? Double.NaN : value.doubleValue();
  }
}
