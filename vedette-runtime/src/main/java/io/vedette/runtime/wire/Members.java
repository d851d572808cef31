package io.vedette.runtime.wire;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The members of a JSON object, read by type: what is missing or of another type is named with its path. */
final class Members {
  private final String type;
  private final String path;
  private final JsonNode node;

  Members(String type, String path, @Nullable JsonNode node) {
    this.type = type;
    this.path = path;
    if (node == null || !node.isObject()) {
      throw new WireFormatException(
          type, (path.isEmpty() ? "" : path + ": ") + found(node) + " (expected: an object)");
    }
    this.node = node;
  }

  List<String> names() {
    List<String> names = new ArrayList<>();
    Iterator<String> fields = node.fieldNames();
    fields.forEachRemaining(names::add);
    return names;
  }

  String text(String name) {
    JsonNode value = node.get(name);
    if (value == null || !value.isTextual()) {
      throw wrong(name, "a text");
    }
    return value.textValue();
  }

  int integer(String name) {
    JsonNode value = node.get(name);
    if (value == null || !value.isIntegralNumber() || !value.canConvertToInt()) {
      throw wrong(name, "a whole number of 32 bits");
    }
    return value.intValue();
  }

  long number(String name) {
    JsonNode value = node.get(name);
    if (value == null || !value.isIntegralNumber() || !value.canConvertToLong()) {
      throw wrong(name, "a whole number of 64 bits");
    }
    return value.longValue();
  }

  double decimal(String name) {
    JsonNode value = node.get(name);
    if (value != null && value.isNumber()) {
      return value.doubleValue();
    }
    return switch (value == null ? "" : value.asText()) {
      case "NaN" -> Double.NaN;
      case "Infinity" -> Double.POSITIVE_INFINITY;
      case "-Infinity" -> Double.NEGATIVE_INFINITY;
      default -> throw wrong(name, "a number, NaN, Infinity or -Infinity");
    };
  }

  Members object(String name) {
    return new Members(type, in(name), node.get(name));
  }

  List<Members> objects(String name) {
    List<Members> objects = new ArrayList<>();
    for (JsonNode item : array(name)) {
      objects.add(new Members(type, in(name) + "[" + objects.size() + "]", item));
    }
    return objects;
  }

  List<String> list(String name) {
    List<String> texts = new ArrayList<>();
    for (JsonNode item : array(name)) {
      if (!item.isTextual()) {
        throw wrong(name, "texts only");
      }
      texts.add(item.textValue());
    }
    return texts;
  }

  List<Long> numbers(String name) {
    List<Long> numbers = new ArrayList<>();
    for (JsonNode item : array(name)) {
      if (!item.canConvertToLong() || !item.isIntegralNumber()) {
        throw wrong(name, "whole numbers only");
      }
      numbers.add(item.longValue());
    }
    return numbers;
  }

  SortedMap<String, String> texts(String name) {
    SortedMap<String, String> texts = new TreeMap<>();
    Members written = object(name);
    written.names().forEach(member -> texts.put(member, written.text(member)));
    return texts;
  }

  private JsonNode array(String name) {
    JsonNode value = node.get(name);
    if (value == null || !value.isArray()) {
      throw wrong(name, "a list");
    }
    return value;
  }

  WireFormatException wrong(String name, String expected) {
    return new WireFormatException(
        type, in(name) + ": " + found(node.get(name)) + " (expected: " + expected + ")");
  }

  private String in(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  private static String found(@Nullable JsonNode value) {
    if (value == null) {
      return "missing";
    }
    String text = value.toString();
    return text.length() > 80 ? text.substring(0, 80) + "..." : text;
  }
}
