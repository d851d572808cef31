package io.vedette.alert.wire;

import io.vedette.alert.lifecycle.Posted;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/** Alerts as they are posted from outside: an array of {@code {labels, annotations, startsAt, endsAt, generatorURL}}. */
public final class PostedJson {
  /** More alerts in one post than this are refused. */
  static final int MAX_ALERTS = 1000;

  private static final int MAX_LABELS = 64;
  private static final int MAX_CHARS = 16 * 1024;

  private PostedJson() {}

  /** Throws IllegalArgumentException that says which alert is wrong and why. Labels without a value do not count, as in Prometheus. */
  public static List<Posted> parse(JsonArray array, String principal) {
    if (array.size() > MAX_ALERTS) {
      throw new IllegalArgumentException(
          array.size() + " alerts (expected: at most " + MAX_ALERTS + ")");
    }
    List<Posted> posted = new ArrayList<>();
    for (int i = 0; i < array.size(); i++) {
      if (!(array.getValue(i) instanceof JsonObject alert)) {
        throw Fields.wrong(
            "[" + i + "]", String.valueOf(array.getValue(i)), "an object with labels");
      }
      try {
        posted.add(one(alert, principal));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("[" + i + "]." + e.getMessage(), e);
      }
    }
    return posted;
  }

  private static Posted one(JsonObject alert, String principal) {
    SortedMap<String, String> labels = Fields.strings(alert, "labels");
    labels.values().removeIf(String::isEmpty);
    SortedMap<String, String> annotations = Fields.strings(alert, "annotations");
    bounded("labels", labels);
    bounded("annotations", annotations);
    if (labels.isEmpty()) {
      throw Fields.wrong("labels", "nothing", "at least one label with a value");
    }
    long startsUs = Fields.time(alert, "startsAt");
    long endsUs = Fields.time(alert, "endsAt");
    if (startsUs != 0 && endsUs != 0 && endsUs < startsUs) {
      throw Fields.wrong("endsAt", Times.text(endsUs), "not before startsAt");
    }
    return new Posted(
        labels, annotations, startsUs, endsUs, Fields.text(alert, "generatorURL", ""), principal);
  }

  private static void bounded(String field, SortedMap<String, String> strings) {
    int chars = 0;
    for (var entry : strings.entrySet()) {
      chars += entry.getKey().length() + entry.getValue().length();
    }
    if (strings.size() > MAX_LABELS || chars > MAX_CHARS) {
      throw Fields.wrong(
          field,
          strings.size() + " with " + chars + " characters",
          "at most " + MAX_LABELS + " with " + MAX_CHARS);
    }
  }

  public static JsonObject encode(Posted posted) {
    return new JsonObject()
        .put("labels", AlertJson.map(posted.labels()))
        .put("annotations", AlertJson.map(posted.annotations()))
        .put("startsUs", posted.startsUs())
        .put("endsUs", posted.endsUs())
        .put("generatorURL", posted.generatorUrl())
        .put("principal", posted.principal());
  }

  public static Posted decode(JsonObject json) {
    return new Posted(
        AlertJson.strings(json.getJsonObject("labels")),
        AlertJson.strings(json.getJsonObject("annotations")),
        json.getLong("startsUs"),
        json.getLong("endsUs"),
        json.getString("generatorURL"),
        json.getString("principal"));
  }
}
