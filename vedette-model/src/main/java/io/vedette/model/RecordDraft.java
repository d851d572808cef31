package io.vedette.model;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A record before it has a source, a sequence and an index: what a decoder made and processing steps change (by {@link #toBuilder}). Immutable. Attribute values are {@link String},
 * {@link Long} (within 2^53), {@link Double} (finite), {@link Boolean}, null, {@link List} and {@link Map} of these.
 */
public final class RecordDraft implements Decoded {

  /** Attribute that holds what a later member of the same name replaced: a list of {@code {"field": <JSON pointer>, "value": ...}} in the order received. */
  public static final String SHADOWED = "vedette.shadowed";

  /** Attribute that keeps an OpenTelemetry severity number finer than the six words. */
  public static final String SEVERITY_NUMBER = "severity_number";

  final @Nullable Instant time;
  final @Nullable Severity severity;
  final @Nullable String kind;
  final @Nullable String actor;
  final @Nullable String action;
  final @Nullable String target;
  final @Nullable Outcome outcome;
  final @Nullable String origin;
  final @Nullable String session;
  final @Nullable String message;
  final Map<String, @Nullable Object> attributes;
  final SortedSet<String> flags;
  final long observedUs;

  private RecordDraft(Builder from) {
    time = from.time;
    severity = from.severity;
    kind = from.kind;
    actor = from.actor;
    action = from.action;
    target = from.target;
    outcome = from.outcome;
    origin = from.origin;
    session = from.session;
    message = from.message;
    attributes = from.attributes.isEmpty()
        ? Map.of()
        : Collections.unmodifiableMap(new LinkedHashMap<>(from.attributes));
    flags = from.flags == null
        ? Collections.emptySortedSet()
        : Collections.unmodifiableSortedSet(new TreeSet<>(from.flags));
    observedUs = from.observedUs;
  }

  public static Builder builder() {
    return new Builder();
  }

  public Builder toBuilder() {
    return new Builder(this);
  }

  public @Nullable Instant time() {
    return time;
  }

  public @Nullable Severity severity() {
    return severity;
  }

  public @Nullable String kind() {
    return kind;
  }

  public @Nullable String actor() {
    return actor;
  }

  public @Nullable String action() {
    return action;
  }

  public @Nullable String target() {
    return target;
  }

  public @Nullable Outcome outcome() {
    return outcome;
  }

  public @Nullable String origin() {
    return origin;
  }

  public @Nullable String session() {
    return session;
  }

  public @Nullable String message() {
    return message;
  }

  public Map<String, @Nullable Object> attributes() {
    return attributes;
  }

  public SortedSet<String> flags() {
    return flags;
  }

  /** Collector's clock when it was received, microseconds; 0 where not yet known. */
  public long observedUs() {
    return observedUs;
  }

  /** Collects a record; not thread safe. Texts are cleaned on entry: what cannot be written as JSON is escaped and flagged. */
  public static final class Builder {
    private @Nullable Instant time;
    private @Nullable Severity severity;
    private @Nullable String kind;
    private @Nullable String actor;
    private @Nullable String action;
    private @Nullable String target;
    private @Nullable Outcome outcome;
    private @Nullable String origin;
    private @Nullable String session;
    private @Nullable String message;
    private final Map<String, @Nullable Object> attributes;
    private @Nullable TreeSet<String> flags;
    private long observedUs;

    private Builder() {
      attributes = new LinkedHashMap<>();
    }

    private Builder(RecordDraft from) {
      time = from.time;
      severity = from.severity;
      kind = from.kind;
      actor = from.actor;
      action = from.action;
      target = from.target;
      outcome = from.outcome;
      origin = from.origin;
      session = from.session;
      message = from.message;
      attributes = new LinkedHashMap<>(from.attributes);
      flags = from.flags.isEmpty() ? null : new TreeSet<>(from.flags);
      observedUs = from.observedUs;
    }

    public Builder time(@Nullable Instant value) {
      if (value != null && !Times.canonical(value)) {
        throw new IllegalArgumentException(
            "time: " + value + " (expected: a year from 0000 to 9999)");
      }
      time = value;
      return this;
    }

    public Builder severity(@Nullable Severity value) {
      severity = value;
      return this;
    }

    /** An OpenTelemetry number; one that is finer than the six words is kept as an attribute too. */
    public Builder severityNumber(long number) {
      severity = Severity.parse(number);
      if (severity.number() != number) {
        attributes.put(SEVERITY_NUMBER, number);
      }
      return this;
    }

    public Builder kind(@Nullable String value) {
      kind = clean(value);
      return this;
    }

    public Builder actor(@Nullable String value) {
      actor = clean(value);
      return this;
    }

    public Builder action(@Nullable String value) {
      action = clean(value);
      return this;
    }

    public Builder target(@Nullable String value) {
      target = clean(value);
      return this;
    }

    public Builder outcome(@Nullable Outcome value) {
      outcome = value;
      return this;
    }

    public Builder origin(@Nullable String value) {
      origin = clean(value);
      return this;
    }

    public Builder session(@Nullable String value) {
      session = clean(value);
      return this;
    }

    public Builder message(@Nullable String value) {
      message = clean(value);
      return this;
    }

    /** Sets an attribute, replacing one of the same name. Any JSON-like value; a number that a double does not hold exactly becomes text, NaN and infinities too. */
    public Builder attribute(String name, @Nullable Object value) {
      attributes.put(cleanName(name), tidy(value));
      return this;
    }

    public Builder withoutAttribute(String name) {
      attributes.remove(name);
      return this;
    }

    public Builder flag(String flag) {
      if (flags == null) {
        flags = new TreeSet<>();
      }
      flags.add(flag);
      return this;
    }

    public Builder observedUs(long us) {
      observedUs = us;
      return this;
    }

    boolean hasAttribute(String name) {
      return attributes.containsKey(name);
    }

    @Nullable
    Object rawAttribute(String name) {
      return attributes.get(name);
    }

    /** For values the parser made: known to be tidy. */
    void tidyAttribute(String name, @Nullable Object value) {
      attributes.put(name, value);
    }

    public RecordDraft build() {
      if (message == null && action == null) {
        throw new IllegalArgumentException(
            "record: neither message nor action (expected: at least one of them)");
      }
      return new RecordDraft(this);
    }

    private @Nullable Object tidy(@Nullable Object value) {
      if (value == null || value instanceof Boolean) {
        return value;
      }
      if (value instanceof String text) {
        return clean(text);
      }
      if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
        return ((Number) value).longValue();
      }
      if (value instanceof Long || value instanceof BigInteger) {
        return number(value.toString());
      }
      if (value instanceof Double || value instanceof Float) {
        double number = ((Number) value).doubleValue();
        return Double.isFinite(number)
            ? number(Numbers.shortest(number))
            : asText(value.toString());
      }
      if (value instanceof BigDecimal decimal) {
        return number(decimal.toString());
      }
      if (value instanceof Instant instant) {
        return Times.canonical(instant) ? Times.format(instant) : instant.toString();
      }
      if (value instanceof Map<?, ?> map) {
        Map<String, @Nullable Object> copy = new LinkedHashMap<>();
        map.forEach((name, member) -> copy.put(cleanName(String.valueOf(name)), tidy(member)));
        return Collections.unmodifiableMap(copy);
      }
      if (value instanceof Iterable<?> elements) {
        List<@Nullable Object> copy = new ArrayList<>();
        elements.forEach(element -> copy.add(tidy(element)));
        return Collections.unmodifiableList(copy);
      }
      return clean(value.toString());
    }

    private Object number(String digits) {
      Object number = Numbers.exact(digits);
      return number == null ? asText(digits) : number;
    }

    private String asText(String digits) {
      flag(Flags.NUMBER_AS_TEXT);
      return digits;
    }

    String cleanName(String name) {
      String cleaned = clean(name);
      return cleaned == null ? "" : cleaned;
    }

    @Nullable
    String clean(@Nullable String text) {
      if (text == null) {
        return null;
      }
      int length = text.length();
      boolean lone = false;
      for (int i = 0; i < length; i++) {
        char c = text.charAt(i);
        if (c == 0) {
          flag(Flags.NUL);
        } else if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
          if (Character.isHighSurrogate(c)
              && i + 1 < length
              && Character.isLowSurrogate(text.charAt(i + 1))) {
            i++;
          } else {
            lone = true;
          }
        }
      }
      if (!lone) {
        return text;
      }
      flag(Flags.LONE_SURROGATE);
      StringBuilder escaped = new StringBuilder(length + 16);
      for (int i = 0; i < length; i++) {
        char c = text.charAt(i);
        if (!Character.isSurrogate(c)) {
          escaped.append(c);
        } else if (Character.isHighSurrogate(c)
            && i + 1 < length
            && Character.isLowSurrogate(text.charAt(i + 1))) {
          escaped.append(c).append(text.charAt(++i));
        } else {
          escaped.append("\\u").append(Integer.toHexString(c));
        }
      }
      return escaped.toString();
    }
  }
}
