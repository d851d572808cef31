package io.vedette.collector.decode;

import io.vedette.model.Decoded;
import io.vedette.model.Flags;
import io.vedette.model.RecordDraft;
import io.vedette.model.RecordParser;
import io.vedette.model.Severity;
import io.vedette.model.Utf8;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One line of a text log to a record; every line is one. Thread safe. Understands lines of syslog daemons, a JSON record, {@code [Sun Dec 04 04:47:44 2005] [level] text} (Apache's error log) and a
 * leading {@code 2026-01-31 12:00:00[,.]123}; of others the whole line is the message. kind is {@code log}.
 */
public final class LineDecoder {

  public static final String KIND = "log";

  private static final DateTimeFormatter APACHE = new java.time.format.DateTimeFormatterBuilder()
      .appendPattern("EEE MMM dd HH:mm:ss")
      .optionalStart()
      .appendFraction(java.time.temporal.ChronoField.NANO_OF_SECOND, 1, 9, true)
      .optionalEnd()
      .appendPattern(" yyyy")
      .toFormatter(Locale.ENGLISH);

  private static final List<String> WARNINGS = List.of("warning");
  private static final List<String> ERRORS = List.of("err", "severe");
  private static final List<String> FATALS = List.of("critical", "crit", "emerg", "alert", "panic");

  private final ZoneId zone;
  private final RecordParser parser = new RecordParser();

  /** @param zone of times that name none */
  public LineDecoder(ZoneId zone) {
    this.zone = zone;
  }

  /** A line without its end. */
  public RecordDraft decode(byte[] bytes, int from, int to, long observedUs) {
    if (to > from && bytes[from] == '{') {
      Decoded json = parser.parse(bytes, from, to, observedUs);
      if (json instanceof RecordDraft record) {
        return record;
      }
    }
    String text = Utf8.text(bytes, from, to);
    RecordDraft.Builder draft = RecordDraft.builder().kind(KIND).observedUs(observedUs);
    if (!Utf8.valid(bytes, from, to)) {
      draft.flag(Flags.INVALID_UTF8);
    }
    SyslogLine line = SyslogLine.read(text, observedUs, zone);
    if (line != null) {
      line.fill(draft);
    } else if (!apache(draft, text) && !dated(draft, text)) {
      draft.message(text);
    }
    return draft.build();
  }

  private boolean apache(RecordDraft.Builder draft, String text) {
    int close = text.indexOf("] ");
    if (!text.startsWith("[") || close < 0 || close > 40) {
      return false;
    }
    Instant time = local(text.substring(1, close), APACHE);
    if (time == null) {
      return false;
    }
    String rest = text.substring(close + 2);
    draft.time(time).attribute("app", "apache");
    int level = rest.indexOf(']');
    if (rest.startsWith("[") && level > 0 && level < 40) {
      String word = rest.substring(
          rest.indexOf(':') > 0 && rest.indexOf(':') < level ? rest.indexOf(':') + 1 : 1, level);
      draft.severity(severity(word));
      rest = rest.substring(level + 1).strip();
    }
    draft.message(rest);
    return true;
  }

  /** {@code yyyy-mm-dd hh:mm:ss} with an optional fraction, then perhaps a severity. */
  private boolean dated(RecordDraft.Builder draft, String text) {
    if (text.length() < 20
        || text.charAt(4) != '-'
        || text.charAt(7) != '-'
        || (text.charAt(10) != ' ' && text.charAt(10) != 'T')) {
      return false;
    }
    int end = 19;
    if (text.charAt(19) == ',' || text.charAt(19) == '.') {
      end = 20;
      while (end < text.length() && end < 29 && Character.isDigit(text.charAt(end))) {
        end++;
      }
    }
    Instant time;
    try {
      time = LocalDateTime.parse(text.substring(0, end).replace(' ', 'T').replace(',', '.'))
          .atZone(zone)
          .toInstant();
    } catch (DateTimeException none) {
      return false;
    }
    String rest = text.substring(end).strip();
    int space = rest.indexOf(' ');
    if (space > 0 && space < 12) {
      draft.severity(severity(rest.substring(0, space)));
    }
    draft.time(time).message(rest);
    return true;
  }

  private static @Nullable Severity severity(String word) {
    String bare =
        word.toLowerCase(Locale.ROOT).replace("[", "").replace("]", "").replace(":", "");
    Severity severity = Severity.ofText(bare);
    if (severity != null) {
      return severity;
    }
    if (bare.equals("notice")) {
      return Severity.INFO;
    }
    if (WARNINGS.contains(bare)) {
      return Severity.WARN;
    }
    if (ERRORS.contains(bare)) {
      return Severity.ERROR;
    }
    return FATALS.contains(bare) ? Severity.FATAL : null;
  }

  private @Nullable Instant local(String text, DateTimeFormatter format) {
    try {
      return LocalDateTime.parse(text, format).atZone(zone).toInstant();
    } catch (DateTimeException none) {
      return null;
    }
  }
}
