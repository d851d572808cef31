package io.vedette.alert.lifecycle;

import java.util.Locale;

/** What happened to an alert, by whom: {@code actor} is {@code vedette} when a rule or time did it. */
public record Change(Kind kind, Alert alert, String actor) {
  public static final String VEDETTE = "vedette";

  /** What happened. */
  public enum Kind {
    FIRED,
    UPDATED,
    ACKNOWLEDGED,
    RESOLVED,
    MUTED,
    UNMUTED;

    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** Whether it goes into the trail. New measurements of an alert that still holds do not: the records behind them are there already. */
    public boolean recorded() {
      return this != UPDATED;
    }
  }
}
