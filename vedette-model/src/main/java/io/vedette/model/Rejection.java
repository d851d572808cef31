package io.vedette.model;

import java.util.Locale;

/**
 * Why something is no record: which field, what was found there and what was expected. The reason is also the metric's tag; {@code found} is a bounded excerpt.
 *
 * @param field the field concerned, or {@code record} for the whole
 */
public record Rejection(Reason reason, String field, String found, String expected)
    implements Decoded {

  /** Longest excerpt of what was found. */
  public static final int MAX_FOUND_CHARS = 120;

  public Rejection {
    found = excerpt(found);
  }

  /** A closed set: a metric tag. */
  public enum Reason {
    INVALID_JSON,
    NOT_AN_OBJECT,
    WRONG_TYPE,
    WRONG_VALUE,
    MISSING_FIELD,
    TOO_DEEP,
    TOO_LARGE,
    UNDECODABLE;

    private final String text = name().toLowerCase(Locale.ROOT).replace('_', '-');

    public String text() {
      return text;
    }
  }

  /** One line: {@code severity: 42 (expected: 1..24 or trace, debug, info, warn, error, fatal)}. */
  public String text() {
    return field + ": " + found + " (expected: " + expected + ")";
  }

  private static String excerpt(String text) {
    boolean cut = text.length() > MAX_FOUND_CHARS;
    int length = cut ? MAX_FOUND_CHARS : text.length();
    StringBuilder clean = new StringBuilder(length + 3);
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      clean.append(c < ' ' || c == 0x7f || Character.isSurrogate(c) ? '?' : c);
    }
    return cut ? clean.append("...").toString() : clean.toString();
  }
}
