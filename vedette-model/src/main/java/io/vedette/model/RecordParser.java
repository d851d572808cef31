package io.vedette.model;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * UTF-8 JSON, as users write records (docs/design/architecture.md, section 5), to a draft or a rejection. Thread safe. Bounded by the bytes it is given and by {@link #MAX_DEPTH}.
 *
 * <p>Nothing given is lost: a member that another of the same name replaces (the last one counts), and a top-level field whose name is also inside {@code attributes} (the one inside
 * counts), are kept in the attribute {@link RecordDraft#SHADOWED}. A null in a known field counts as absent. Control characters may stand unescaped in strings.
 */
public final class RecordParser {

  /** Deepest nesting of objects and arrays, the record itself included. */
  public static final int MAX_DEPTH = 100;

  static final JsonFactory JSON = new JsonFactoryBuilder()
      .enable(JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS)
      .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
      .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
      .streamReadConstraints(StreamReadConstraints.builder()
          .maxNestingDepth(MAX_DEPTH)
          .maxNameLength(Integer.MAX_VALUE)
          .maxNumberLength(Integer.MAX_VALUE)
          .maxStringLength(Integer.MAX_VALUE)
          .build())
      .build();

  /** Integers of at most this many characters are exact. */
  private static final int SHORT_INTEGER = 15;

  private static final byte[] BOM = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  public Decoded parse(byte[] json, long observedUs) {
    return parse(json, 0, json.length, observedUs);
  }

  /** One JSON object in {@code [from, to)} and nothing else but white space. */
  public Decoded parse(byte[] json, int from, int to, long observedUs) {
    int start = to - from >= 3
            && json[from] == BOM[0]
            && json[from + 1] == BOM[1]
            && json[from + 2] == BOM[2]
        ? from + 3
        : from;
    if (Utf8.valid(json, start, to)) {
      return parseValid(json, start, to, observedUs, false);
    }
    byte[] escaped = Utf8.escape(json, start, to, true);
    return parseValid(escaped, 0, escaped.length, observedUs, true);
  }

  private static Decoded parseValid(
      byte[] json, int from, int to, long observedUs, boolean escaped) {
    try (JsonParser parser = JSON.createParser(json, from, to - from)) {
      JsonToken first = parser.nextToken();
      if (first == null) {
        return new Rejection(Rejection.Reason.INVALID_JSON, "record", "nothing", "a JSON object");
      }
      if (first != JsonToken.START_OBJECT) {
        return new Rejection(
            Rejection.Reason.NOT_AN_OBJECT, "record", found(parser), "a JSON object");
      }
      Reading reading = new Reading(parser);
      reading.draft.observedUs(observedUs);
      if (escaped) {
        reading.draft.flag(Flags.INVALID_UTF8);
      }
      Decoded decoded = reading.record();
      if (decoded instanceof RecordDraft && parser.nextToken() != null) {
        return new Rejection(
            Rejection.Reason.INVALID_JSON,
            "record",
            "more after its end: " + found(parser),
            "one JSON object");
      }
      return decoded;
    } catch (StreamConstraintsException tooDeep) {
      return new Rejection(
          Rejection.Reason.TOO_DEEP,
          "record",
          "deeper nesting",
          "at most " + MAX_DEPTH + " levels");
    } catch (JsonProcessingException broken) {
      return broken(broken, from);
    } catch (IOException broken) {
      return new Rejection(
          Rejection.Reason.INVALID_JSON,
          "record",
          String.valueOf(broken.getMessage()),
          "a JSON object in UTF-8");
    }
  }

  private static Rejection broken(JsonProcessingException broken, int from) {
    String message = String.valueOf(broken.getOriginalMessage());
    long offset = broken.getLocation() == null ? -1 : broken.getLocation().getByteOffset() - from;
    String place = offset < 0 ? "" : " at byte " + offset;
    if (message.startsWith("Non-standard token")) {
      int quote = message.indexOf('\'');
      int end = message.indexOf('\'', quote + 1);
      String token = end > quote ? message.substring(quote + 1, end) : "NaN";
      return new Rejection(
          Rejection.Reason.INVALID_JSON,
          "record",
          token + place,
          "JSON, which has no NaN and no Infinity: send null or a string");
    }
    return new Rejection(Rejection.Reason.INVALID_JSON, "record", message + place, "a JSON object");
  }

  /** Type and excerpt of the current token. */
  private static String found(JsonParser parser) throws IOException {
    JsonToken token = parser.currentToken();
    if (token == null) {
      return "nothing";
    }
    return switch (token) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "an array";
      case VALUE_STRING -> "the string \"" + excerpt(parser) + "\"";
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "the number " + excerpt(parser);
      case VALUE_TRUE, VALUE_FALSE, VALUE_NULL -> excerpt(parser);
      default -> token.toString();
    };
  }

  private static String excerpt(JsonParser parser) throws IOException {
    String text = parser.getText();
    return text.length() > Rejection.MAX_FOUND_CHARS
        ? text.substring(0, Rejection.MAX_FOUND_CHARS)
        : text;
  }

  /** The reading of one record. */
  private static final class Reading {
    private final JsonParser parser;
    private final RecordDraft.Builder draft = RecordDraft.builder();
    private final Map<String, Object> known = new LinkedHashMap<>(16); // as received, to shadow
    private @Nullable Map<String, @Nullable Object> explicit;
    private @Nullable List<Object> shadowed;
    private boolean message;
    private boolean action;

    Reading(JsonParser parser) {
      this.parser = parser;
    }

    Decoded record() throws IOException {
      for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
        JsonToken token = parser.nextToken();
        Rejection rejection =
            switch (name) {
              case "message", "action", "actor", "target", "kind", "origin", "session" ->
                text(name, token);
              case "time", "outcome", "severity" -> typed(name, token);
              case "attributes" -> attributes(token);
              default -> {
                loose(name);
                yield null;
              }
            };
        if (rejection != null) {
          return rejection;
        }
      }
      if (!message && !action) {
        return new Rejection(
            Rejection.Reason.MISSING_FIELD,
            "record",
            "neither message nor action",
            "at least one of them, a string");
      }
      if (explicit != null) {
        explicit.forEach((name, value) -> {
          if (draft.hasAttribute(name)) {
            shadow("/" + name, draft.rawAttribute(name));
          }
          draft.tidyAttribute(name, value);
        });
      }
      if (shadowed != null) {
        if (draft.hasAttribute(RecordDraft.SHADOWED)) {
          shadow("/attributes/" + RecordDraft.SHADOWED, draft.rawAttribute(RecordDraft.SHADOWED));
        }
        draft.tidyAttribute(RecordDraft.SHADOWED, shadowed);
        draft.flag(Flags.DUPLICATE_KEYS);
      }
      return draft.build();
    }

    private @Nullable Rejection text(String name, @Nullable JsonToken token) throws IOException {
      String value = null;
      if (token == JsonToken.VALUE_STRING) {
        value = parser.getText();
      } else if (token != JsonToken.VALUE_NULL) {
        return new Rejection(Rejection.Reason.WRONG_TYPE, name, found(parser), "a string");
      }
      remember(name, value);
      switch (name) {
        case "message" -> {
          draft.message(value);
          message = value != null;
        }
        case "action" -> {
          draft.action(value);
          action = value != null;
        }
        case "actor" -> draft.actor(value);
        case "target" -> draft.target(value);
        case "kind" -> draft.kind(value);
        case "origin" -> draft.origin(value);
        default -> draft.session(value);
      }
      return null;
    }

    private @Nullable Rejection typed(String name, @Nullable JsonToken token) throws IOException {
      String value = token == JsonToken.VALUE_NULL ? null : parser.getText();
      Rejection rejection =
          switch (name) {
            case "time" -> time(token, value);
            case "outcome" -> outcome(token, value);
            default -> severity(token, value);
          };
      if (rejection == null) {
        remember(name, value);
      }
      return rejection;
    }

    private @Nullable Rejection time(@Nullable JsonToken token, @Nullable String value)
        throws IOException {
      if (value == null) {
        draft.time(null);
        return null;
      }
      if (token != JsonToken.VALUE_STRING) {
        return new Rejection(Rejection.Reason.WRONG_TYPE, "time", found(parser), Times.EXPECTED);
      }
      Times.Read read = Times.read(value);
      if (read == null) {
        return new Rejection(Rejection.Reason.WRONG_VALUE, "time", value, Times.EXPECTED);
      }
      if (read.cut()) {
        draft.flag(Flags.TIME_CUT);
      }
      draft.time(read.time());
      return null;
    }

    private @Nullable Rejection outcome(@Nullable JsonToken token, @Nullable String value)
        throws IOException {
      if (value == null) {
        draft.outcome(null);
        return null;
      }
      if (token != JsonToken.VALUE_STRING) {
        return new Rejection(
            Rejection.Reason.WRONG_TYPE, "outcome", found(parser), Outcome.EXPECTED);
      }
      Outcome outcome = Outcome.ofText(value);
      if (outcome == null) {
        return new Rejection(Rejection.Reason.WRONG_VALUE, "outcome", value, Outcome.EXPECTED);
      }
      draft.outcome(outcome);
      return null;
    }

    private @Nullable Rejection severity(@Nullable JsonToken token, @Nullable String value)
        throws IOException {
      if (value == null) {
        draft.severity(null);
        return null;
      }
      Severity severity = null;
      if (token == JsonToken.VALUE_STRING) {
        severity = Severity.ofText(value);
      } else if (token != null && token.isNumeric()) {
        if (Numbers.exact(value) instanceof Long number) {
          severity = Severity.ofNumber(number);
          if (severity != null) {
            draft.severityNumber(number);
          }
        }
      } else {
        return new Rejection(
            Rejection.Reason.WRONG_TYPE, "severity", found(parser), Severity.EXPECTED);
      }
      if (severity == null) {
        return new Rejection(Rejection.Reason.WRONG_VALUE, "severity", value, Severity.EXPECTED);
      }
      draft.severity(severity);
      return null;
    }

    private @Nullable Rejection attributes(@Nullable JsonToken token) throws IOException {
      if (token != JsonToken.START_OBJECT && token != JsonToken.VALUE_NULL) {
        return new Rejection(Rejection.Reason.WRONG_TYPE, "attributes", found(parser), "an object");
      }
      if (explicit != null) {
        shadow("/attributes", explicit);
      }
      explicit = token == JsonToken.START_OBJECT ? object() : null;
      return null;
    }

    private void loose(String name) throws IOException {
      String clean = draft.cleanName(name);
      if (draft.hasAttribute(clean)) {
        shadow(parser.getParsingContext().pathAsPointer().toString(), draft.rawAttribute(clean));
      }
      draft.tidyAttribute(clean, value());
    }

    private @Nullable Object value() throws IOException {
      JsonToken token = parser.currentToken();
      return switch (token) {
        case VALUE_STRING -> draft.clean(parser.getText());
        case VALUE_NUMBER_INT ->
          parser.getTextLength() <= SHORT_INTEGER ? (Object) parser.getLongValue() : number();
        case VALUE_NUMBER_FLOAT -> number();
        case VALUE_TRUE -> true;
        case VALUE_FALSE -> false;
        case VALUE_NULL -> null;
        case START_OBJECT -> object();
        case START_ARRAY -> array();
        default -> throw new IllegalStateException("unexpected token " + token);
      };
    }

    private Object number() throws IOException {
      String digits = parser.getText();
      Object number = Numbers.exact(digits);
      if (number == null) {
        draft.flag(Flags.NUMBER_AS_TEXT);
        return digits;
      }
      return number;
    }

    private Map<String, @Nullable Object> object() throws IOException {
      Map<String, @Nullable Object> members = new LinkedHashMap<>();
      for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
        parser.nextToken();
        String clean = draft.cleanName(name);
        if (members.containsKey(clean)) {
          shadow(parser.getParsingContext().pathAsPointer().toString(), members.get(clean));
        }
        members.put(clean, value());
      }
      return members;
    }

    private List<@Nullable Object> array() throws IOException {
      List<@Nullable Object> elements = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        elements.add(value());
      }
      return elements;
    }

    private void remember(String name, @Nullable String value) throws IOException {
      if (known.containsKey(name)) {
        shadow("/" + name, draft.clean((String) known.get(name)));
      }
      if (value != null) {
        known.put(name, value);
      } else {
        known.remove(name);
      }
    }

    private void shadow(String field, @Nullable Object value) {
      if (shadowed == null) {
        shadowed = new ArrayList<>();
      }
      Map<String, @Nullable Object> entry = new LinkedHashMap<>(4);
      entry.put("field", draft.clean(field));
      entry.put("value", value);
      shadowed.add(entry);
    }
  }
}
