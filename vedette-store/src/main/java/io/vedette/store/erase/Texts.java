package io.vedette.store.erase;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.vedette.model.CanonicalRecord;
import io.vedette.model.RecordView;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What records say that may be quoted elsewhere: the texts of their actors, targets, messages and attributes, as JSON writes them. */
final class Texts {
  /** Shorter ones say nothing of anybody, and are in everything. */
  private static final int MIN_LENGTH = 3;

  private static final List<String> MEMBERS =
      List.of("actor", "target", "origin", "session", "message");

  private Texts() {}

  static void collect(RecordView record, Set<String> texts) {
    for (String member : MEMBERS) {
      add(record.text(member), texts);
    }
    values(record.attributes(), texts);
  }

  private static void values(Object value, Set<String> texts) {
    if (value instanceof String text) {
      add(text, texts);
    } else if (value instanceof Map<?, ?> map) {
      map.values().forEach(member -> {
        if (member != null) {
          values(member, texts);
        }
      });
    } else if (value instanceof List<?> list) {
      list.forEach(element -> {
        if (element != null) {
          values(element, texts);
        }
      });
    }
  }

  static void add(@Nullable String text, Set<String> texts) {
    if (text != null && text.length() >= MIN_LENGTH) {
      // U+0000 is no text for PostgreSQL; escaped it is one.
      texts.add(escaped(text));
      // What was derived is written by another hand, which writes rare escapes in other letters.
      texts.add(new String(JsonStringEncoder.getInstance().quoteAsString(text)));
    }
  }

  /** As a canonical record has it between its quotes: whole characters only, see {@link #isWhole}. */
  static String escaped(String text) {
    byte[] json = CanonicalRecord.json(Map.of("", text)); // {"":"..."}
    return new String(json, 5, json.length - 7, StandardCharsets.UTF_8);
  }

  /** Whether every surrogate has its other half: what has not is in no record. */
  static boolean isWhole(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)
          && (!Character.isHighSurrogate(c)
              || i + 1 == text.length()
              || !Character.isLowSurrogate(text.charAt(++i)))) {
        return false;
      }
    }
    return true;
  }
}
