package io.vedette.collector.decode;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.vedette.model.Flags;
import io.vedette.model.RecordDraft;
import io.vedette.model.Rejection;
import io.vedette.model.Times;
import io.vedette.model.Utf8;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One line of {@code journalctl -o json} to a record and its cursor. Thread safe. kind is {@code journal}; attributes host, app, procid, unit, transport and, under their own names, fields that are not
 * the journal's (no leading underscore).
 */
public final class JournalDecoder {

  public static final String KIND = "journal";

  private static final JsonFactory JSON = new JsonFactory();
  private static final int[] SEVERITIES = {21, 19, 18, 17, 13, 10, 9, 5};

  /** An entry of the journal. Where it could not be decoded the cursor still leads past it when it could be read. */
  public record Entry(
      @Nullable String cursor,
      @Nullable RecordDraft record,
      @Nullable Rejection rejection) {}

  public Entry decode(byte[] line, int from, int to, long observedUs) {
    Map<String, String> fields = new HashMap<>();
    boolean invalid = false;
    try (JsonParser parser = JSON.createParser(line, from, to - from)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return rejected(fields, line, from, to);
      }
      for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
        JsonToken token = parser.nextToken();
        if (token == JsonToken.START_ARRAY) {
          byte[] bytes = bytes(parser);
          invalid |= !Utf8.valid(bytes, 0, bytes.length);
          fields.put(name, Utf8.text(bytes, 0, bytes.length));
        } else if (token == JsonToken.START_OBJECT) {
          parser.skipChildren();
        } else if (token != JsonToken.VALUE_NULL) {
          fields.put(name, parser.getText());
        }
      }
    } catch (IOException broken) {
      return rejected(fields, line, from, to);
    }
    RecordDraft.Builder draft = RecordDraft.builder().kind(KIND).observedUs(observedUs);
    if (invalid) {
      draft.flag(Flags.INVALID_UTF8);
    }
    String message = fields.remove("MESSAGE");
    draft.message(message == null ? "" : message);
    long timeUs = whole(fields.getOrDefault(
        "_SOURCE_REALTIME_TIMESTAMP", fields.getOrDefault("__REALTIME_TIMESTAMP", "")));
    if (timeUs > 0) {
      draft.time(Times.ofUs(timeUs));
    }
    long priority = whole(fields.getOrDefault("PRIORITY", ""));
    if (priority >= 0 && priority < SEVERITIES.length) {
      draft.severityNumber(SEVERITIES[(int) priority]);
    }
    String cursor = fields.get("__CURSOR");
    attribute(draft, "host", fields.get("_HOSTNAME"));
    String app = fields.get("SYSLOG_IDENTIFIER");
    attribute(draft, "app", app == null ? fields.get("_COMM") : app);
    String pid = fields.get("_PID");
    attribute(draft, "procid", pid == null ? fields.get("SYSLOG_PID") : pid);
    attribute(draft, "unit", fields.get("_SYSTEMD_UNIT"));
    attribute(draft, "transport", fields.get("_TRANSPORT"));
    fields.forEach((name, value) -> {
      if (!name.startsWith("_") && !name.startsWith("SYSLOG_") && !name.equals("PRIORITY")) {
        draft.attribute(name.toLowerCase(java.util.Locale.ROOT), value);
      }
    });
    return new Entry(cursor, draft.build(), null);
  }

  private static Entry rejected(Map<String, String> fields, byte[] line, int from, int to) {
    return new Entry(
        fields.get("__CURSOR"),
        null,
        new Rejection(
            Rejection.Reason.UNDECODABLE,
            "journal",
            Utf8.text(line, from, Math.min(to, from + 200)),
            "one JSON object per line"));
  }

  private static void attribute(RecordDraft.Builder draft, String name, @Nullable String value) {
    if (value != null) {
      draft.attribute(name, value);
    }
  }

  /** Fields that are no UTF-8 come as an array of byte values, repeated fields as an array of texts. */
  private static byte[] bytes(JsonParser parser) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (JsonToken token = parser.nextToken();
        token != JsonToken.END_ARRAY;
        token = parser.nextToken()) {
      if (token == JsonToken.VALUE_NUMBER_INT) {
        bytes.write(parser.getIntValue());
      } else if (token == JsonToken.VALUE_STRING) {
        if (bytes.size() > 0) {
          bytes.write(' ');
        }
        bytes.writeBytes(parser.getText().getBytes(java.nio.charset.StandardCharsets.UTF_8));
      } else if (token == null) {
        throw new IOException("array does not end");
      } else {
        parser.skipChildren();
      }
    }
    return bytes.toByteArray();
  }

  private static long whole(String digits) {
    if (digits.isEmpty() || digits.length() > 18) {
      return -1;
    }
    for (int i = 0; i < digits.length(); i++) {
      if (digits.charAt(i) < '0' || digits.charAt(i) > '9') {
        return -1;
      }
    }
    return Long.parseLong(digits);
  }
}
