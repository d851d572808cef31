package io.vedette.analyzer.rule;

import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as Prometheus writes them ({@code 1h30m}, {@code 250ms}) and sizes ({@code 64MiB}). */
final class Quantities {
  private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(ms|s|m|h|d)");
  private static final Pattern SIZE = Pattern.compile("([0-9]{1,9})(B|KiB|MiB|GiB)");

  private Quantities() {}

  static OptionalLong durationUs(String text) {
    Matcher part = DURATION.matcher(text);
    long us = 0;
    int end = 0;
    while (part.find() && part.start() == end) {
      us += Long.parseLong(part.group(1)) * unitUs(part.group(2));
      end = part.end();
    }
    return end == text.length() && end > 0 ? OptionalLong.of(us) : OptionalLong.empty();
  }

  private static long unitUs(String unit) {
    return switch (unit) {
      case "ms" -> 1_000L;
      case "s" -> 1_000_000L;
      case "m" -> 60_000_000L;
      case "h" -> 3_600_000_000L;
      default -> 86_400_000_000L;
    };
  }

  static OptionalLong bytes(String text) {
    Matcher size = SIZE.matcher(text);
    if (!size.matches()) {
      return OptionalLong.empty();
    }
    int shift =
        switch (size.group(2)) {
          case "B" -> 0;
          case "KiB" -> 10;
          case "MiB" -> 20;
          default -> 30;
        };
    return OptionalLong.of(Long.parseLong(size.group(1)) << shift);
  }
}
