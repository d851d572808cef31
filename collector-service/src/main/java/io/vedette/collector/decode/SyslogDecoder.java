package io.vedette.collector.decode;

import io.vedette.model.Decoded;
import io.vedette.model.Flags;
import io.vedette.model.RecordDraft;
import io.vedette.model.Rejection;
import io.vedette.model.Times;
import io.vedette.model.Utf8;
import java.time.Instant;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One syslog message, RFC 5424 or RFC 3164, to a record. Thread safe. A message without {@code <PRI>} is taken as RFC 3164 takes it (user.notice) when it is text; what is neither text nor marked
 * as syslog is rejected.
 *
 * <p>kind is {@code syslog}; severity by OpenTelemetry's table; attributes facility, host, app, procid, msgid, structured_data and peer (the sender's address) where known.
 */
public final class SyslogDecoder {

  public static final String KIND = "syslog";

  private static final String[] FACILITIES = {
    "kern",
    "user",
    "mail",
    "daemon",
    "auth",
    "syslog",
    "lpr",
    "news",
    "uucp",
    "cron",
    "authpriv",
    "ftp",
    "ntp",
    "audit",
    "alert",
    "clock",
    "local0",
    "local1",
    "local2",
    "local3",
    "local4",
    "local5",
    "local6",
    "local7"
  };

  /** OpenTelemetry severity numbers of syslog's emergency to debug (OpenTelemetry logs data model, appendix B). */
  private static final int[] SEVERITIES = {21, 19, 18, 17, 13, 10, 9, 5};

  private static final int MAX_PRIORITY = 191;
  private static final int USER_NOTICE = 13;

  private final ZoneId zone;

  /** @param zone of senders that write no zone (RFC 3164) */
  public SyslogDecoder(ZoneId zone) {
    this.zone = zone;
  }

  public Decoded decode(byte[] bytes, int from, int to, long observedUs, @Nullable String peer) {
    int end = to;
    while (end > from
        && (bytes[end - 1] == '\n' || bytes[end - 1] == '\r' || bytes[end - 1] == 0)) {
      end--;
    }
    boolean valid = Utf8.valid(bytes, from, end);
    String text = Utf8.text(bytes, from, end);
    RecordDraft.Builder draft = RecordDraft.builder().kind(KIND).observedUs(observedUs);
    if (!valid) {
      draft.flag(Flags.INVALID_UTF8);
    }
    if (peer != null) {
      draft.attribute("peer", peer);
    }
    int mark = priorityEnd(text);
    if (mark < 0) {
      if (text.isEmpty() || !valid || binary(text)) {
        return new Rejection(
            Rejection.Reason.UNDECODABLE,
            "syslog",
            text.isEmpty() ? "nothing" : text,
            "a message that begins with <0>..<191>, or text");
      }
      priority(draft, USER_NOTICE);
      legacy(draft, text, observedUs);
      return draft.build();
    }
    priority(draft, Integer.parseInt(text.substring(1, mark)));
    String rest = text.substring(mark + 1);
    if (rest.startsWith("1 ") && modern(draft, rest.substring(2))) {
      return draft.build();
    }
    legacy(draft, rest, observedUs);
    return draft.build();
  }

  /** Position of the {@code >} of a valid priority, -1 when there is none. */
  private static int priorityEnd(String text) {
    int close = text.indexOf('>');
    if (!text.startsWith("<") || close < 2 || close > 4) {
      return -1;
    }
    int value = 0;
    for (int i = 1; i < close; i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        return -1;
      }
      value = value * 10 + c - '0';
    }
    return value <= MAX_PRIORITY ? close : -1;
  }

  private static boolean binary(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != 0x1b) {
        return true;
      }
    }
    return false;
  }

  private static void priority(RecordDraft.Builder draft, int priority) {
    draft.severityNumber(SEVERITIES[priority & 7]);
    draft.attribute("facility", FACILITIES[priority >> 3]);
  }

  /** {@code TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA [MSG]}; false when it is none and nothing was set. */
  private static boolean modern(RecordDraft.Builder draft, String text) {
    String[] fields = new String[5];
    int at = 0;
    for (int i = 0; i < fields.length; i++) {
      int space = text.indexOf(' ', at);
      if (space < 0) {
        return false;
      }
      fields[i] = text.substring(at, space);
      at = space + 1;
    }
    Instant time = fields[0].equals("-") ? null : Times.parse(fields[0]);
    if (time == null && !fields[0].equals("-")) {
      return false;
    }
    StructuredData data = StructuredData.read(text, at);
    if (data == null) {
      return false;
    }
    draft.time(time);
    attribute(draft, "host", fields[1]);
    attribute(draft, "app", fields[2]);
    attribute(draft, "procid", fields[3]);
    attribute(draft, "msgid", fields[4]);
    if (!data.elements.isEmpty()) {
      draft.attribute("structured_data", data.elements);
    }
    String message = data.end < text.length() ? text.substring(data.end + 1) : "";
    draft.message(message.startsWith("\ufeff") ? message.substring(1) : message);
    return true;
  }

  private static void attribute(RecordDraft.Builder draft, String name, String value) {
    if (!value.equals("-")) {
      draft.attribute(name, value);
    }
  }

  /** {@code Mmm dd hh:mm:ss HOST TAG[PID]: text} or the same with an RFC 3339 time; whatever is missing is left out, the rest is the message. */
  private void legacy(RecordDraft.Builder draft, String text, long observedUs) {
    SyslogLine line = SyslogLine.read(text, observedUs, zone);
    if (line == null) {
      draft.message(text);
    } else {
      line.fill(draft);
    }
  }

  /** STRUCTURED-DATA of RFC 5424: elements by SD-ID; a parameter given more than once is a list. */
  private record StructuredData(Map<String, Object> elements, int end) {

    static @Nullable StructuredData read(String text, int from) {
      Map<String, Object> elements = new LinkedHashMap<>();
      int at = from;
      if (at < text.length() && text.charAt(at) == '-') {
        at++;
      } else {
        while (at < text.length() && text.charAt(at) == '[') {
          int next = element(text, at + 1, elements);
          if (next < 0) {
            return null;
          }
          at = next;
        }
        if (elements.isEmpty()) {
          return null;
        }
      }
      return at == text.length() || text.charAt(at) == ' '
          ? new StructuredData(elements, at)
          : null;
    }

    private static int element(String text, int from, Map<String, Object> elements) {
      int at = from;
      while (at < text.length() && text.charAt(at) != ' ' && text.charAt(at) != ']') {
        at++;
      }
      if (at == from || at >= text.length()) {
        return -1;
      }
      String id = text.substring(from, at);
      Map<String, Object> parameters = new LinkedHashMap<>();
      while (at < text.length() && text.charAt(at) == ' ') {
        int equals = text.indexOf("=\"", at);
        if (equals < 0) {
          return -1;
        }
        String name = text.substring(at + 1, equals);
        StringBuilder value = new StringBuilder();
        at = equals + 2;
        while (at < text.length() && text.charAt(at) != '"') {
          if (text.charAt(at) == '\\'
              && at + 1 < text.length()
              && "\\\"]".indexOf(text.charAt(at + 1)) >= 0) {
            at++;
          }
          value.append(text.charAt(at++));
        }
        at++;
        parameters.merge(name, value.toString(), StructuredData::both);
      }
      if (at >= text.length() || text.charAt(at) != ']') {
        return -1;
      }
      elements.merge(id, parameters, StructuredData::both);
      return at + 1;
    }

    private static Object both(Object first, Object second) {
      java.util.List<Object> list = new java.util.ArrayList<>();
      if (first instanceof java.util.List<?> many) {
        list.addAll(many);
      } else {
        list.add(first);
      }
      list.add(second);
      return list;
    }
  }
}
