package io.vedette.model;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads a canonical record; parsed at the first question, and once. Not thread safe. Values are String, Long, Double, Boolean, null, List, Map; all unmodifiable. */
public final class RecordView {

  private final byte[] canonical;
  private @Nullable Map<String, @Nullable Object> members;

  /** The bytes are not to be modified. */
  public RecordView(byte[] canonical) {
    this.canonical = canonical;
  }

  /** The stored bytes. */
  public byte[] canonical() {
    return canonical;
  }

  /** The stored bytes as text. */
  public String json() {
    return new String(canonical, StandardCharsets.UTF_8);
  }

  /** All members by name; {@code attributes} is a map in it, {@code flags} a list. */
  public Map<String, @Nullable Object> members() {
    if (members == null) {
      members = parse(canonical);
    }
    return members;
  }

  /** A text member such as {@code message}, null when absent. */
  public @Nullable String text(String name) {
    return members().get(name) instanceof String text ? text : null;
  }

  public String source() {
    String source = text("source");
    return source == null ? "" : source;
  }

  public long sequence() {
    return members().get("sequence") instanceof Long sequence ? sequence : 0;
  }

  public @Nullable Severity severity() {
    String word = text("severity");
    return word == null ? null : Severity.ofText(word);
  }

  public @Nullable Outcome outcome() {
    String word = text("outcome");
    return word == null ? null : Outcome.ofText(word);
  }

  /** Event time, microseconds; when it was observed where the record names none. */
  public long timeUs() {
    long us = us("time");
    return us == Long.MIN_VALUE ? observedUs() : us;
  }

  /** When the collector received it, microseconds. */
  public long observedUs() {
    long us = us("observed");
    return us == Long.MIN_VALUE ? 0 : us;
  }

  @SuppressWarnings("unchecked")
  public Map<String, @Nullable Object> attributes() {
    return members().get("attributes") instanceof Map<?, ?> map
        ? (Map<String, @Nullable Object>) map
        : Map.of();
  }

  public List<String> flags() {
    if (!(members().get("flags") instanceof List<?> list)) {
      return List.of();
    }
    List<String> flags = new ArrayList<>(list.size());
    list.forEach(flag -> flags.add(String.valueOf(flag)));
    return flags;
  }

  /** History read when its source was first seen: it counts in no window. */
  public boolean backfill() {
    return flags().contains(Flags.BACKFILL);
  }

  private long us(String name) {
    String text = text(name);
    Instant time = text == null ? null : Times.parse(text);
    return time == null ? Long.MIN_VALUE : Times.toUs(time);
  }

  private static Map<String, @Nullable Object> parse(byte[] canonical) {
    try (JsonParser parser = RecordParser.JSON.createParser(canonical)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IllegalArgumentException("canonical record: no JSON object");
      }
      return object(parser);
    } catch (IOException broken) {
      throw new UncheckedIOException("canonical record: " + broken.getMessage(), broken);
    }
  }

  private static Map<String, @Nullable Object> object(JsonParser parser) throws IOException {
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      members.put(name, value(parser, parser.nextToken()));
    }
    return Collections.unmodifiableMap(members);
  }

  private static @Nullable Object value(JsonParser parser, JsonToken token) throws IOException {
    return switch (token) {
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(parser.getText());
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      case START_OBJECT -> object(parser);
      case START_ARRAY -> {
        List<@Nullable Object> elements = new ArrayList<>();
        for (JsonToken next = parser.nextToken();
            next != JsonToken.END_ARRAY;
            next = parser.nextToken()) {
          elements.add(value(parser, next));
        }
        yield Collections.unmodifiableList(elements);
      }
      default -> throw new IOException("unexpected token " + token);
    };
  }

  /** Whole numbers within 2^53 are Long, others Double. */
  private static Object number(String digits) {
    if (digits.length() <= 15 && digits.indexOf('.') < 0 && digits.indexOf('e') < 0) {
      return Long.parseLong(digits);
    }
    Object exact = Numbers.exact(digits);
    return exact == null ? (Object) Double.parseDouble(digits) : exact;
  }
}
