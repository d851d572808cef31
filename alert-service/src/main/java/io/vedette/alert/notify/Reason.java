package io.vedette.alert.notify;

import java.util.Locale;

/** Why a group speaks. */
public enum Reason {
  FIRST_NOTIFICATION,
  NEW_ALERTS_IN_GROUP,
  SOME_ALERTS_RESOLVED,
  ALL_ALERTS_RESOLVED,
  REPEAT_INTERVAL_ELAPSED;

  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Reason parse(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT));
  }
}
