package io.vedette.model;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How bad a record is. Numbers are OpenTelemetry's: each severity covers four of them, beginning with its base. */
public enum Severity {
  TRACE(1),
  DEBUG(5),
  INFO(9),
  WARN(13),
  ERROR(17),
  FATAL(21);

  /** What a severity may look like, for messages that refuse one. */
  public static final String EXPECTED = "1..24 or trace, debug, info, warn, error, fatal";

  /** In the order of their numbers. */
  private static final Severity[] ALL = values();

  private final int number;
  private final String text = name().toLowerCase(Locale.ROOT);

  Severity(int number) {
    this.number = number;
  }

  /** The canonical word, lower case. */
  public String text() {
    return text;
  }

  /** The base of its OpenTelemetry range: 1, 5, 9, 13, 17, 21. */
  public int number() {
    return number;
  }

  /** The severity an OpenTelemetry number belongs to, null beyond 1..24. */
  public static @Nullable Severity ofNumber(long number) {
    return number >= 1 && number <= 24 ? ALL[(int) (number - 1) / 4] : null;
  }

  /** The severity of a word in any case, null when there is none. */
  public static @Nullable Severity ofText(String word) {
    for (Severity severity : ALL) {
      if (severity.text.equalsIgnoreCase(word)) {
        return severity;
      }
    }
    return null;
  }

  /** The severity of a word or an OpenTelemetry number. */
  public static Severity parse(Object value) {
    Severity severity = null;
    if (value instanceof String word) {
      severity = ofText(word);
    } else if (value instanceof Integer
        || value instanceof Long
        || value instanceof Short
        || value instanceof Byte) {
      severity = ofNumber(((Number) value).longValue());
    }
    if (severity == null) {
      throw new IllegalArgumentException("severity: " + value + " (expected: " + EXPECTED + ")");
    }
    return severity;
  }
}
