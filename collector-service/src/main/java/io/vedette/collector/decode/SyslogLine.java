package io.vedette.collector.decode;

import io.vedette.model.RecordDraft;
import io.vedette.model.Times;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A line as syslog daemons write it to files and as RFC 3164 sends it: time, host, tag, text. The BSD time names neither year nor zone: the zone is the reader's, the year the one that brings it
 * nearest before tomorrow.
 */
record SyslogLine(
    Instant time,
    @Nullable String host,
    @Nullable String app,
    @Nullable String procid,
    String message) {

  private static final List<String> MONTHS =
      List.of("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec");
  private static final int BSD_LENGTH = 15; // Mmm dd hh:mm:ss
  private static final int MAX_TAG = 64;

  /** Null when it does not begin with such a time. */
  static @Nullable SyslogLine read(String text, long observedUs, ZoneId zone) {
    Instant time = null;
    int at = 0;
    if (text.length() > BSD_LENGTH && text.charAt(3) == ' ' && text.charAt(BSD_LENGTH) == ' ') {
      time = bsd(text, observedUs, zone);
      at = BSD_LENGTH + 1;
    }
    if (time == null) {
      int space = text.indexOf(' ');
      if (space < 20 || space > 35) {
        return null;
      }
      time = Times.parse(text.substring(0, space));
      at = space + 1;
    }
    return time == null ? null : tagged(time, text, at);
  }

  private static SyslogLine tagged(Instant time, String text, int from) {
    int space = text.indexOf(' ', from);
    String first = space < 0 ? text.substring(from) : text.substring(from, space);
    if (space < 0) {
      return new SyslogLine(time, null, null, null, first);
    }
    if (isTag(first)) { // some senders leave the host out
      return withTag(time, null, first, text.substring(space + 1));
    }
    int next = tagEnd(text, space + 1);
    if (next < 0) {
      return new SyslogLine(time, first, null, null, text.substring(space + 1));
    }
    String message = next + 1 < text.length() && text.charAt(next + 1) == ' '
        ? text.substring(next + 2)
        : text.substring(next + 1);
    return withTag(time, first, text.substring(space + 1, next + 1), message);
  }

  private static boolean isTag(String word) {
    return word.length() > 1 && word.endsWith(":");
  }

  /** Position of the colon that ends a tag which begins here, -1 when there is none. */
  private static int tagEnd(String text, int from) {
    int limit = Math.min(text.length(), from + MAX_TAG);
    int bracket = -1;
    for (int i = from; i < limit; i++) {
      char c = text.charAt(i);
      if (c == '[') {
        bracket = i;
      } else if (c == ':' && i > from && (i + 1 == text.length() || text.charAt(i + 1) == ' ')) {
        return i;
      } else if (c == ' ' && bracket < 0) {
        return -1;
      }
    }
    return -1;
  }

  private static SyslogLine withTag(
      Instant time, @Nullable String host, String tag, String message) {
    String name = tag.substring(0, tag.length() - 1);
    int open = name.indexOf('[');
    if (open > 0 && name.endsWith("]")) {
      return new SyslogLine(
          time,
          host,
          name.substring(0, open),
          name.substring(open + 1, name.length() - 1),
          message);
    }
    return new SyslogLine(time, host, name, null, message);
  }

  private static @Nullable Instant bsd(String text, long observedUs, ZoneId zone) {
    int month = MONTHS.indexOf(text.substring(0, 3)) + 1;
    int day = number(text, 4, 6);
    int hour = number(text, 7, 9);
    int minute = number(text, 10, 12);
    int second = number(text, 13, 15);
    if (month == 0
        || day < 1
        || hour < 0
        || minute < 0
        || second < 0
        || text.charAt(9) != ':'
        || text.charAt(12) != ':') {
      return null;
    }
    Instant tomorrow = Times.ofUs(observedUs).plusSeconds(86_400);
    int year = tomorrow.atZone(zone).getYear();
    // February 29 may need up to eight years back.
    for (int back = 0; back <= 8; back++) {
      YearMonth candidate = YearMonth.of(year - back, month);
      if (candidate.isValidDay(day)) {
        Instant time = candidate
            .atDay(day)
            .atTime(hour, minute, Math.min(second, 59))
            .atZone(zone)
            .toInstant();
        if (!time.isAfter(tomorrow)) {
          return time;
        }
      }
    }
    return null;
  }

  /** Digits after an optional leading space, else -1. */
  private static int number(String text, int from, int to) {
    int value = 0;
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (c == ' ' && i == from) {
        continue;
      }
      if (c < '0' || c > '9') {
        return -1;
      }
      value = value * 10 + c - '0';
    }
    return value;
  }

  void fill(RecordDraft.Builder draft) {
    draft.time(time).message(message);
    if (host != null) {
      draft.attribute("host", host);
    }
    if (app != null) {
      draft.attribute("app", app);
    }
    if (procid != null) {
      draft.attribute("procid", procid);
    }
  }
}
