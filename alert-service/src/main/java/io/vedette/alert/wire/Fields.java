package io.vedette.alert.wire;

import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reads fields of JSON that people wrote: what is wrong is named with what was found and what was expected. */
final class Fields {
  private Fields() {}

  static String text(JsonObject json, String field, String fallback) {
    Object value = json.getValue(field);
    if (value == null) {
      return fallback;
    }
    if (value instanceof String text) {
      return text;
    }
    throw wrong(field, value, "a text");
  }

  static String required(JsonObject json, String field) {
    String text = text(json, field, "");
    if (text.isEmpty()) {
      throw wrong(field, "nothing", "a text that is not empty");
    }
    return text;
  }

  static boolean bool(JsonObject json, String field, boolean fallback) {
    Object value = json.getValue(field);
    if (value == null) {
      return fallback;
    }
    if (value instanceof Boolean bool) {
      return bool;
    }
    throw wrong(field, value, "true or false");
  }

  /** 0 where the field is absent or is the zero time of Go's clients. */
  static long time(JsonObject json, String field) {
    String text = text(json, field, "");
    if (text.isEmpty() || text.startsWith("0001-01-01T00:00:00")) {
      return 0;
    }
    return Times.parse(field, text);
  }

  static SortedMap<String, String> strings(JsonObject json, String field) {
    SortedMap<String, String> strings = new TreeMap<>();
    Object value = json.getValue(field);
    if (value == null) {
      return strings;
    }
    if (!(value instanceof JsonObject members)) {
      throw wrong(field, value, "an object of texts");
    }
    for (Map.Entry<String, Object> member : members) {
      if (!(member.getValue() instanceof String text)) {
        throw wrong(field + "." + member.getKey(), member.getValue(), "a text");
      }
      strings.put(member.getKey(), text);
    }
    return strings;
  }

  static IllegalArgumentException wrong(String field, Object found, String expected) {
    String shown = String.valueOf(found);
    return new IllegalArgumentException(
        field + ": " + (shown.length() > 80 ? shown.substring(0, 80) + "..." : shown)
            + " (expected: " + expected + ")");
  }
}
