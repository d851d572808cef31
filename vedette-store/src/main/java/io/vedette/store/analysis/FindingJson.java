package io.vedette.store.analysis;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.vedette.model.Evidence;
import io.vedette.model.Finding;
import io.vedette.model.Stamps;
import io.vedette.model.Transition;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A finding as JSON: the body of its row and of its publication on topic {@code findings}. Times are microseconds since the epoch; a value that is no number (absence) is null.
 */
public final class FindingJson {
  private static final JsonFactory JSON = new JsonFactory();

  private FindingJson() {}

  public static byte[] write(Finding finding) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeNumberField("trail", finding.trail());
      json.writeNumberField("partition", finding.partition());
      json.writeNumberField("number", finding.number());
      json.writeStringField("rule", finding.rule());
      json.writeNumberField("revision", finding.revision());
      json.writeStringField("ruleHash", finding.ruleHash());
      texts(json, "key", finding.key());
      json.writeStringField("transition", finding.transition().name().toLowerCase(Locale.ROOT));
      json.writeNumberField("batch", finding.batch());
      json.writeNumberField("atUs", finding.atUs());
      json.writeNumberField("sinceUs", finding.sinceUs());
      texts(json, "labels", finding.labels());
      texts(json, "annotations", finding.annotations());
      evidence(json, finding.evidence());
      json.writeEndObject();
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return bytes.toByteArray();
  }

  private static void evidence(JsonGenerator json, Evidence evidence) throws IOException {
    json.writeObjectFieldStart("evidence");
    json.writeNumberField("windowStartUs", evidence.windowStartUs());
    json.writeNumberField("windowEndUs", evidence.windowEndUs());
    number(json, "value", evidence.value());
    json.writeStringField("comparison", evidence.comparison());
    number(json, "threshold", evidence.threshold());
    json.writeNumberField("count", evidence.count());
    json.writeNumberField("firstIndex", evidence.firstIndex());
    json.writeNumberField("lastIndex", evidence.lastIndex());
    json.writeArrayFieldStart("sample");
    for (long index : evidence.sample()) {
      json.writeNumber(index);
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void number(JsonGenerator json, String name, double value) throws IOException {
    if (Double.isFinite(value)) {
      json.writeNumberField(name, value);
    } else {
      json.writeNullField(name);
    }
  }

  private static void texts(JsonGenerator json, String name, Map<String, String> texts)
      throws IOException {
    json.writeObjectFieldStart(name);
    for (Map.Entry<String, String> text : texts.entrySet()) {
      json.writeStringField(text.getKey(), text.getValue());
    }
    json.writeEndObject();
  }

  /** Reads what {@link #write} wrote; unknown members are skipped. */
  public static Finding read(byte[] body, Stamps stamps) {
    try (JsonParser json = JSON.createParser(body)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new IllegalArgumentException("finding: no JSON object");
      }
      Members members = new Members(object(json));
      Members evidence = members.object("evidence");
      return new Finding(
          (int) members.integer("trail"),
          (int) members.integer("partition"),
          members.integer("number"),
          members.text("rule"),
          members.integer("revision"),
          members.text("ruleHash"),
          members.object("key").texts(),
          Transition.valueOf(members.text("transition").toUpperCase(Locale.ROOT)),
          members.integer("batch"),
          members.integer("atUs"),
          members.integer("sinceUs"),
          members.object("labels").texts(),
          members.object("annotations").texts(),
          new Evidence(
              evidence.integer("windowStartUs"),
              evidence.integer("windowEndUs"),
              evidence.real("value"),
              evidence.text("comparison"),
              evidence.real("threshold"),
              evidence.integer("count"),
              evidence.integer("firstIndex"),
              evidence.integer("lastIndex"),
              evidence.integers("sample")),
          stamps);
    } catch (IOException broken) {
      throw new IllegalArgumentException("finding: " + broken.getMessage(), broken);
    }
  }

  private record Members(Map<String, @Nullable Object> values) {
    private <T> T member(String name, Class<T> type) {
      Object value = values.get(name);
      if (!type.isInstance(value)) {
        throw new IllegalArgumentException(
            "finding: " + name + ": " + value + " (expected: " + type.getSimpleName() + ")");
      }
      return type.cast(value);
    }

    long integer(String name) {
      return member(name, Number.class).longValue();
    }

    double real(String name) {
      return values.get(name) == null ? Double.NaN : member(name, Number.class).doubleValue();
    }

    String text(String name) {
      return member(name, String.class);
    }

    @SuppressWarnings("unchecked")
    Members object(String name) {
      return new Members((Map<String, @Nullable Object>) member(name, Map.class));
    }

    SortedMap<String, String> texts() {
      SortedMap<String, String> texts = new TreeMap<>();
      values.forEach((name, value) -> texts.put(name, String.valueOf(value)));
      return texts;
    }

    List<Long> integers(String name) {
      List<Long> numbers = new ArrayList<>();
      for (Object value : member(name, List.class)) {
        numbers.add(((Number) value).longValue());
      }
      return numbers;
    }
  }

  private static Map<String, @Nullable Object> object(JsonParser json) throws IOException {
    Map<String, @Nullable Object> members = new HashMap<>();
    for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
      members.put(name, value(json, json.nextToken()));
    }
    return members;
  }

  private static @Nullable Object value(JsonParser json, JsonToken token) throws IOException {
    return switch (token) {
      case START_OBJECT -> object(json);
      case START_ARRAY -> {
        List<@Nullable Object> values = new ArrayList<>();
        for (JsonToken next = json.nextToken();
            next != JsonToken.END_ARRAY;
            next = json.nextToken()) {
          values.add(value(json, next));
        }
        yield values;
      }
      case VALUE_STRING -> json.getText();
      case VALUE_NUMBER_INT -> json.getLongValue();
      case VALUE_NUMBER_FLOAT -> json.getDoubleValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> null;
    };
  }
}
