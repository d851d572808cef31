package io.vedette.runtime.config;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as {@code 250ms} or {@code 1h30m} and sizes as {@code 1MiB}: read and written. */
public final class Units {
  private static final Pattern DURATION = Pattern.compile("([0-9]{1,12})(us|ms|s|m|h|d|w)");
  private static final Pattern SIZE =
      Pattern.compile("([0-9]{1,12})(B|KiB|MiB|GiB|TiB|kB|MB|GB|TB)?");
  private static final Map<String, Long> MICROS = new LinkedHashMap<>();
  private static final Map<String, Long> BYTES = new LinkedHashMap<>();

  static {
    MICROS.put("w", 604_800_000_000L);
    MICROS.put("d", 86_400_000_000L);
    MICROS.put("h", 3_600_000_000L);
    MICROS.put("m", 60_000_000L);
    MICROS.put("s", 1_000_000L);
    MICROS.put("ms", 1_000L);
    MICROS.put("us", 1L);
    BYTES.put("TiB", 1L << 40);
    BYTES.put("GiB", 1L << 30);
    BYTES.put("MiB", 1L << 20);
    BYTES.put("KiB", 1L << 10);
    BYTES.put("TB", 1_000_000_000_000L);
    BYTES.put("GB", 1_000_000_000L);
    BYTES.put("MB", 1_000_000L);
    BYTES.put("kB", 1_000L);
    BYTES.put("B", 1L);
  }

  private Units() {}

  /** Empty when the text is no duration; a bare {@code 0} is one. */
  public static Optional<Duration> duration(String text) {
    if (text.equals("0")) {
      return Optional.of(Duration.ZERO);
    }
    Matcher part = DURATION.matcher(text);
    long us = 0;
    int end = 0;
    while (end < text.length() && part.find(end) && part.start() == end) {
      try {
        us = Math.addExact(
            us, Math.multiplyExact(Long.parseLong(part.group(1)), micros(part.group(2))));
      } catch (ArithmeticException tooLong) {
        return Optional.empty();
      }
      end = part.end();
    }
    return text.isEmpty() || end < text.length()
        ? Optional.empty()
        : Optional.of(Duration.of(us, java.time.temporal.ChronoUnit.MICROS));
  }

  /** Empty when the text is no size; a number without a unit is bytes. */
  public static Optional<Long> size(String text) {
    Matcher size = SIZE.matcher(text);
    if (!size.matches()) {
      return Optional.empty();
    }
    String unit = size.group(2);
    try {
      return Optional.of(
          Math.multiplyExact(Long.parseLong(size.group(1)), unit == null ? 1L : bytes(unit)));
    } catch (ArithmeticException tooLarge) {
      return Optional.empty();
    }
  }

  public static String text(Duration duration) {
    long us = Math.addExact(
        Math.multiplyExact(duration.getSeconds(), 1_000_000L), duration.getNano() / 1_000L);
    if (us == 0) {
      return "0s";
    }
    StringBuilder text = new StringBuilder();
    for (Map.Entry<String, Long> unit : MICROS.entrySet()) {
      if (us >= unit.getValue()) {
        text.append(us / unit.getValue()).append(unit.getKey());
        us %= unit.getValue();
      }
    }
    return text.toString();
  }

  /** The largest binary unit that leaves no rest. */
  public static String text(long size) {
    for (Map.Entry<String, Long> unit : BYTES.entrySet()) {
      if (unit.getKey().endsWith("iB") && size >= unit.getValue() && size % unit.getValue() == 0) {
        return size / unit.getValue() + unit.getKey();
      }
    }
    return size + "B";
  }

  private static long micros(String unit) {
    Long us = MICROS.get(unit);
    return us == null ? 0 : us;
  }

  private static long bytes(String unit) {
    Long size = BYTES.get(unit);
    return size == null ? 0 : size;
  }
}
