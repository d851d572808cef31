package io.vedette.edge.trail;

import io.vedette.store.erase.RecordFilter;
import io.vedette.store.erase.Wish;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads what is to be erased: {@code {"reason", "indices": [..], "ranges": [[first, last], ..], "filter": {member: value, "text"}, "purge"}}. What it does not know it refuses: a typing error must not erase more. */
final class WishParser {
  private static final Set<String> KNOWN = Set.of("reason", "indices", "ranges", "filter", "purge");
  private static final String FORM = "reason, and indices, ranges or filter; optionally purge";

  private WishParser() {}

  /** @throws IllegalArgumentException naming what was found and what was expected */
  static Wish parse(JsonObject body) {
    for (String name : body.fieldNames()) {
      if (!KNOWN.contains(name)) {
        throw new IllegalArgumentException(name + " (expected: " + FORM + ")");
      }
    }
    List<Wish.Range> ranges = new ArrayList<>();
    for (Object index : list(body, "indices")) {
      long at = whole(index, "indices");
      ranges.add(new Wish.Range(at, at));
    }
    for (Object range : list(body, "ranges")) {
      if (!(range instanceof JsonArray pair) || pair.size() != 2) {
        throw new IllegalArgumentException("ranges: " + range + " (expected: [first, last])");
      }
      ranges.add(
          new Wish.Range(whole(pair.getValue(0), "ranges"), whole(pair.getValue(1), "ranges")));
    }
    if (!(body.getValue("reason") instanceof String reason)) {
      throw new IllegalArgumentException(
          "reason: " + body.getValue("reason") + " (expected: why, without naming what is erased)");
    }
    Object purge = body.getValue("purge", true);
    if (!(purge instanceof Boolean atOnce)) {
      throw new IllegalArgumentException("purge: " + purge + " (expected: true or false)");
    }
    return new Wish(ranges, filter(body.getValue("filter")), reason, atOnce);
  }

  private static RecordFilter filter(@Nullable Object value) {
    if (value == null) {
      return RecordFilter.NONE;
    }
    if (!(value instanceof JsonObject wanted)) {
      throw new IllegalArgumentException("filter: " + value + " (expected: a JSON object)");
    }
    Map<String, String> members = new HashMap<>();
    for (String name : wanted.fieldNames()) {
      if (!(wanted.getValue(name) instanceof String text)) {
        throw new IllegalArgumentException(
            "filter." + name + ": " + wanted.getValue(name) + " (expected: a text)");
      }
      members.put(name, text);
    }
    String text = members.getOrDefault("text", "");
    members.remove("text");
    return new RecordFilter(members, text);
  }

  private static JsonArray list(JsonObject body, String name) {
    Object value = body.getValue(name);
    if (value == null) {
      return new JsonArray();
    }
    if (value instanceof JsonArray array) {
      return array;
    }
    throw new IllegalArgumentException(name + ": " + value + " (expected: a list)");
  }

  private static long whole(@Nullable Object value, String name) {
    if (value instanceof Integer || value instanceof Long) {
      return ((Number) value).longValue();
    }
    throw new IllegalArgumentException(name + ": " + value + " (expected: whole numbers from 0)");
  }
}
