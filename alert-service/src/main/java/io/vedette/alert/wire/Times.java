package io.vedette.alert.wire;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;

/** Microseconds since the epoch as RFC 3339 text and back. */
public final class Times {
  private Times() {}

  public static String text(long us) {
    return DateTimeFormatter.ISO_INSTANT.format(Instant.EPOCH.plus(us, ChronoUnit.MICROS));
  }

  /** Throws IllegalArgumentException naming the field. Finer digits than microseconds are cut off. */
  public static long parse(String field, String text) {
    try {
      return ChronoUnit.MICROS.between(Instant.EPOCH, OffsetDateTime.parse(text).toInstant());
    } catch (DateTimeParseException | ArithmeticException e) {
      throw new IllegalArgumentException(
          field + ": " + text + " (expected: an RFC 3339 time such as 2026-01-31T12:00:00Z)", e);
    }
  }

  public static long micros(Duration duration) {
    return duration.toNanos() / 1000;
  }
}
