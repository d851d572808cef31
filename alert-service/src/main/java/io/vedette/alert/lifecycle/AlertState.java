package io.vedette.alert.lifecycle;

import java.util.Locale;

/** An acknowledged alert still holds; somebody said that they look after it, so it is not repeated. */
public enum AlertState {
  FIRING,
  ACKNOWLEDGED,
  RESOLVED;

  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static AlertState parse(String text) {
    for (AlertState state : values()) {
      if (state.text().equals(text)) {
        return state;
      }
    }
    throw new IllegalArgumentException(
        "alert state: " + text + " (expected: firing, acknowledged or resolved)");
  }
}
