package io.vedette.model;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How an action ended. */
public enum Outcome {
  SUCCESS,
  FAILURE,
  DENIED,
  UNKNOWN;

  public static final String EXPECTED = "success, failure, denied, unknown";

  private static final Outcome[] ALL = values();

  private final String text = name().toLowerCase(Locale.ROOT);

  /** The canonical word, lower case. */
  public String text() {
    return text;
  }

  /** The outcome of a word in any case, null when there is none. */
  public static @Nullable Outcome ofText(String word) {
    for (Outcome outcome : ALL) {
      if (outcome.text.equalsIgnoreCase(word)) {
        return outcome;
      }
    }
    return null;
  }
}
