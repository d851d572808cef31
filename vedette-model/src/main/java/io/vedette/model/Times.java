package io.vedette.model;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/** RFC 3339 times: read with any offset, written in UTC with nine decimals. */
public final class Times {

  public static final String EXPECTED = "an RFC 3339 time such as 2026-01-31T12:00:00Z";

  private static final long MIN_SECONDS =
      LocalDate.of(0, 1, 1).atStartOfDay().toEpochSecond(ZoneOffset.UTC);
  private static final long MAX_SECONDS =
      LocalDate.of(10_000, 1, 1).atStartOfDay().toEpochSecond(ZoneOffset.UTC) - 1;

  private Times() {}

  /** A time that was read, and whether a part finer than a nanosecond or a leap second had to be cut. */
  record Read(Instant time, boolean cut) {}

  /** Whether RFC 3339 can write it: years 0000 to 9999. */
  public static boolean canonical(Instant time) {
    return time.getEpochSecond() >= MIN_SECONDS && time.getEpochSecond() <= MAX_SECONDS;
  }

  public static long toUs(Instant time) {
    return time.getEpochSecond() * 1_000_000 + time.getNano() / 1_000;
  }

  public static Instant ofUs(long us) {
    return Instant.ofEpochSecond(
        Math.floorDiv(us, 1_000_000L), Math.floorMod(us, 1_000_000L) * 1_000L);
  }

  /** {@code 2026-01-31T12:00:00.000000000Z}: always 30 characters. */
  public static String format(Instant time) {
    byte[] text = new byte[30];
    write(time.getEpochSecond(), time.getNano(), text, 0);
    return new String(text, StandardCharsets.ISO_8859_1);
  }

  public static String formatUs(long us) {
    byte[] text = new byte[30];
    write(Math.floorDiv(us, 1_000_000L), (int) Math.floorMod(us, 1_000_000L) * 1_000, text, 0);
    return new String(text, StandardCharsets.ISO_8859_1);
  }

  static void write(long epochSecond, int nano, byte[] to, int at) {
    if (epochSecond < MIN_SECONDS || epochSecond > MAX_SECONDS) {
      throw new IllegalArgumentException(
          "time: second " + epochSecond + " (expected: a year from 0000 to 9999)");
    }
    LocalDate date = LocalDate.ofEpochDay(Math.floorDiv(epochSecond, 86_400L));
    int second = (int) Math.floorMod(epochSecond, 86_400L);
    digits(date.getYear(), 4, to, at);
    to[at + 4] = '-';
    digits(date.getMonthValue(), 2, to, at + 5);
    to[at + 7] = '-';
    digits(date.getDayOfMonth(), 2, to, at + 8);
    to[at + 10] = 'T';
    digits(second / 3600, 2, to, at + 11);
    to[at + 13] = ':';
    digits(second / 60 % 60, 2, to, at + 14);
    to[at + 16] = ':';
    digits(second % 60, 2, to, at + 17);
    to[at + 19] = '.';
    digits(nano, 9, to, at + 20);
    to[at + 29] = 'Z';
  }

  private static void digits(int value, int count, byte[] to, int at) {
    int rest = value;
    for (int i = at + count - 1; i >= at; i--) {
      to[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
  }

  /** The instant of an RFC 3339 text, null when it is none. */
  public static @Nullable Instant parse(String text) {
    Read read = read(text);
    return read == null ? null : read.time;
  }

  static @Nullable Read read(String text) {
    int length = text.length();
    if (length < 20
        || text.charAt(4) != '-'
        || text.charAt(7) != '-'
        || text.charAt(13) != ':'
        || text.charAt(16) != ':') {
      return null;
    }
    char separator = text.charAt(10);
    if (separator != 'T' && separator != 't' && separator != ' ') {
      return null;
    }
    int year = number(text, 0, 4);
    int month = number(text, 5, 7);
    int day = number(text, 8, 10);
    int hour = number(text, 11, 13);
    int minute = number(text, 14, 16);
    int second = number(text, 17, 19);
    if (year < 0
        || month < 1
        || day < 1
        || hour < 0
        || hour > 23
        || minute < 0
        || minute > 59
        || second < 0
        || second > 60) {
      return null;
    }
    int at = 19;
    int nano = 0;
    boolean cut = false;
    if (text.charAt(at) == '.') {
      int start = ++at;
      int scale = 100_000_000;
      while (at < length && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
        int digit = text.charAt(at++) - '0';
        nano += digit * scale;
        cut |= scale == 0 && digit != 0;
        scale /= 10;
      }
      if (at == start) {
        return null;
      }
    }
    int offset = offset(text, at);
    if (offset == Integer.MIN_VALUE) {
      return null;
    }
    if (second == 60) { // a leap second: the last nanosecond before it
      second = 59;
      nano = 999_999_999;
      cut = true;
    }
    try {
      long seconds = LocalDate.of(year, month, day).toEpochDay() * 86_400
          + hour * 3600L
          + minute * 60L
          + second
          - offset;
      Instant time = Instant.ofEpochSecond(seconds, nano);
      return canonical(time) ? new Read(time, cut) : null;
    } catch (DateTimeException noSuchDay) {
      return null;
    }
  }

  /** Seconds east of UTC of {@code Z} or {@code +hh:mm} that ends the text, MIN_VALUE when there is none. */
  private static int offset(String text, int at) {
    int rest = text.length() - at;
    if (rest == 1 && (text.charAt(at) == 'Z' || text.charAt(at) == 'z')) {
      return 0;
    }
    if (rest != 6 || text.charAt(at + 3) != ':') {
      return Integer.MIN_VALUE;
    }
    int hours = number(text, at + 1, at + 3);
    int minutes = number(text, at + 4, at + 6);
    char sign = text.charAt(at);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || (sign != '+' && sign != '-')) {
      return Integer.MIN_VALUE;
    }
    int seconds = hours * 3600 + minutes * 60;
    return sign == '+' ? seconds : -seconds;
  }

  /** Digits only, else -1. */
  private static int number(String text, int from, int to) {
    int value = 0;
    for (int i = from; i < to; i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = value * 10 + digit;
    }
    return value;
  }
}
