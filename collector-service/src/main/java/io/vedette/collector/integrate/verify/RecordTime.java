package io.vedette.collector.integrate.verify;

import io.vedette.model.RecordView;
import io.vedette.model.Times;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The event time that a canonical record states. Its members are in order, so {@code time} is the last but one and what follows {@code observed} has no depth: both are found from the end, without
 * reading the record. No string can pretend to be one: within a string a quote follows a backslash, never a comma.
 */
final class RecordTime {
  /** Of a record that states no time that can be read. */
  static final long NONE = Long.MIN_VALUE;

  private static final byte[] TIME = ascii(",\"time\":\"");
  private static final byte[] OBSERVED = ascii(",\"observed\":\"");
  private static final byte[] END = ascii("\",\"v\":1}");
  private static final int LENGTH = 30;

  private RecordTime() {}

  /** Microseconds; that of its observation where the record names none, {@link #NONE} where it is no record. */
  static long us(byte[] canonical) {
    int end = canonical.length - END.length;
    Instant time = isAt(canonical, end, END) ? timeBefore(canonical, end) : null;
    return time != null ? Times.toUs(time) : slowly(canonical);
  }

  private static @Nullable Instant timeBefore(byte[] canonical, int end) {
    int from = end - LENGTH;
    return isAt(canonical, from - TIME.length, TIME) ? parse(canonical, from) : observed(canonical);
  }

  private static @Nullable Instant observed(byte[] canonical) {
    for (int at = canonical.length - OBSERVED.length - LENGTH; at >= 0; at--) {
      if (canonical[at] == ',' && isAt(canonical, at, OBSERVED)) {
        return parse(canonical, at + OBSERVED.length);
      }
    }
    return null;
  }

  private static @Nullable Instant parse(byte[] canonical, int from) {
    return Times.parse(new String(canonical, from, LENGTH, StandardCharsets.ISO_8859_1));
  }

  private static long slowly(byte[] canonical) {
    try {
      RecordView record = new RecordView(canonical);
      return record.text("time") == null && record.text("observed") == null
          ? NONE
          : record.timeUs();
    } catch (IllegalArgumentException | UncheckedIOException unreadable) {
      return NONE; // its entry says whether it is what was appended
    }
  }

  private static boolean isAt(byte[] canonical, int at, byte[] wanted) {
    return at >= 0
        && at + wanted.length <= canonical.length
        && Arrays.equals(canonical, at, at + wanted.length, wanted, 0, wanted.length);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
