package io.vedette.edge.filter;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.vedette.runtime.expression.BadExpression;
import io.vedette.runtime.expression.Expressions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Text of {@code headers.filter} to a {@link Filter}. Text that begins with a brace is a JSON object of field to value, or to a list of values of which one must be there; other text is CEL. Bounded by length,
 * fields, combinations of values and the expression's cost. Pure functions.
 */
public final class FilterParser {
  private static final int MAX_LENGTH = 2_000;
  private static final int MAX_FIELDS = 8;
  private static final int MAX_COMBINATIONS = 64;

  /** Two comprehensions within each other, of ordinary length, are too much; one is not. */
  private static final long MAX_COST = 20_000;

  private static final String RECORDS = "records";
  private static final Set<String> RECORD_FIELDS = new LinkedHashSet<>(List.of(
      "severity",
      "kind",
      "actor",
      "action",
      "target",
      "outcome",
      "origin",
      "session",
      "message",
      "source"));
  private static final String INNER = "attributes.";
  private static final JsonFactory JSON = JsonFactory.builder()
      .enable(com.fasterxml.jackson.core.StreamReadFeature.STRICT_DUPLICATE_DETECTION)
      .build();

  private FilterParser() {}

  /** Loads what the first expression needs, which takes a moment: not to be done on an event loop. */
  public static void warmUp() {
    try {
      of(RECORDS, "severity == 'error' && attributes.exists(name, name.startsWith('x'))");
    } catch (BadWish impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** Whether the text is an expression, which has to be compiled and evaluated, and not an object of fields. */
  public static boolean isExpression(String text) {
    return !text.stripLeading().startsWith("{");
  }

  /** The filter of a subscription to {@code topic}. */
  public static Filter of(String topic, String text) throws BadWish {
    if (text.length() > MAX_LENGTH) {
      throw new BadWish("headers.filter: " + text.length() + " characters (expected: at most "
          + MAX_LENGTH + ")");
    }
    if (text.isBlank()) {
      throw new BadWish(
          "headers.filter: empty (expected: a JSON object of field to value, or a CEL expression)");
    }
    return isExpression(text) ? condition(topic, text) : equality(topic, text);
  }

  /** Whether a topic's expressions are over records; those of all other topics are over publications. */
  static boolean isOfRecords(String topic) {
    return topic.equals(RECORDS);
  }

  private static Filter condition(String topic, String text) throws BadWish {
    boolean records = isOfRecords(topic);
    try {
      return new Filter.Condition(
          text,
          records
              ? Expressions.recordCondition(text, MAX_COST)
              : Expressions.publicationCondition(text, MAX_COST),
          records);
    } catch (BadExpression bad) {
      throw new BadWish("headers.filter: line " + bad.line() + ", column " + bad.column() + ": "
          + bad.getMessage() + " (expected: CEL that is true or false, over "
          + (records ? Expressions.RECORD_VARIABLES : Expressions.PUBLICATION_VARIABLES) + ")");
    }
  }

  private static Filter equality(String topic, String text) throws BadWish {
    SortedMap<String, List<@Nullable Object>> wanted = new TreeMap<>();
    long combinations = 1;
    try (JsonParser json = JSON.createParser(text)) {
      json.nextToken();
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String field = json.currentName();
        int column = json.currentTokenLocation().getColumnNr();
        known(topic, field, column);
        json.nextToken();
        List<@Nullable Object> values = values(json, field);
        combinations *= values.size();
        wanted.put(field, values);
        if (wanted.size() > MAX_FIELDS || combinations > MAX_COMBINATIONS) {
          throw new BadWish(at(column) + field + ": " + wanted.size() + " fields, " + combinations
              + " combinations of values (expected: at most " + MAX_FIELDS + " and "
              + MAX_COMBINATIONS + ")");
        }
      }
      if (json.nextToken() != null) {
        throw new BadWish(at(json.currentTokenLocation().getColumnNr())
            + "more behind the object (expected: one JSON object)");
      }
    } catch (JsonProcessingException broken) {
      int column = broken.getLocation() == null ? 1 : broken.getLocation().getColumnNr();
      throw new BadWish(at(column) + broken.getOriginalMessage()
          + " (expected: a JSON object of field to value)");
    } catch (IOException neverInMemory) {
      throw new IllegalStateException(neverInMemory);
    }
    if (wanted.isEmpty()) {
      throw new BadWish(
          "headers.filter: {} (expected: at least one field; leave the filter out to get all)");
    }
    return new Filter.Equality(wanted);
  }

  private static void known(String topic, String field, int column) throws BadWish {
    if (isOfRecords(topic)
        && !RECORD_FIELDS.contains(field)
        && !(field.startsWith(INNER) && field.length() > INNER.length())) {
      throw new BadWish(at(column) + "no field " + field + " (expected: "
          + String.join(", ", RECORD_FIELDS) + " or attributes.<name>)");
    }
    if (field.isEmpty()) {
      throw new BadWish(at(column) + "empty name (expected: <member> or <member>.<name>)");
    }
  }

  private static List<@Nullable Object> values(JsonParser json, String field)
      throws IOException, BadWish {
    List<@Nullable Object> values = new ArrayList<>();
    if (json.currentToken() != JsonToken.START_ARRAY) {
      values.add(value(json, field));
      return values;
    }
    int column = json.currentTokenLocation().getColumnNr();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      Object value = value(json, field);
      if (!values.contains(value)) {
        values.add(value);
      }
    }
    if (values.isEmpty() || values.size() > MAX_COMBINATIONS) {
      throw new BadWish(at(column) + field + ": a list of " + values.size()
          + " values (expected: 1 to " + MAX_COMBINATIONS + ")");
    }
    return values;
  }

  private static @Nullable Object value(JsonParser json, String field) throws IOException, BadWish {
    return switch (json.currentToken()) {
      case VALUE_STRING -> json.getText();
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> Path.plain(json.getDoubleValue());
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      default ->
        throw new BadWish(at(json.currentTokenLocation().getColumnNr()) + field + ": "
            + (json.currentToken() == JsonToken.START_OBJECT ? "an object" : "a list in a list")
            + " (expected: a text, a number, true, false, null, or a list of these)");
    };
  }

  private static String at(int column) {
    return "headers.filter: column " + column + ": ";
  }
}
