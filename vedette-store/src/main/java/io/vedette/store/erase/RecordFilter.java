package io.vedette.store.erase;

import io.vedette.model.RecordView;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a record must say to be erased: members equal to these values, and a text anywhere in it.
 *
 * @param members name to value, of {@link #MEMBERS}
 * @param text empty, or what its canonical bytes must hold, as JSON writes it
 */
public record RecordFilter(Map<String, String> members, String text) {
  /** Members of a record a filter may name. */
  public static final List<String> MEMBERS =
      List.of("source", "kind", "actor", "action", "target", "origin", "session");

  public static final RecordFilter NONE = new RecordFilter(Map.of(), "");

  /** Shorter ones are in nearly every record. */
  private static final int MIN_TEXT = 3;

  private static final String HALF = ": half a surrogate pair (expected: whole characters)";

  public RecordFilter {
    members = Map.copyOf(members);
    for (Map.Entry<String, String> member : new TreeMap<>(members).entrySet()) {
      if (!MEMBERS.contains(member.getKey())) {
        throw new IllegalArgumentException("filter: " + member.getKey() + " (expected: "
            + String.join(", ", MEMBERS) + " or text)");
      }
      if (member.getValue().isEmpty()) {
        throw new IllegalArgumentException(
            "filter." + member.getKey() + ": empty (expected: the value to erase)");
      }
      if (!Texts.isWhole(member.getValue())) {
        throw new IllegalArgumentException("filter." + member.getKey() + HALF);
      }
    }
    if (!Texts.isWhole(text)) {
      throw new IllegalArgumentException("filter.text" + HALF);
    }
    if (!text.isEmpty() && text.length() < MIN_TEXT) {
      throw new IllegalArgumentException(
          "filter.text: " + text.length() + " characters (expected: at least " + MIN_TEXT + ")");
    }
  }

  public boolean isEmpty() {
    return members.isEmpty() && text.isEmpty();
  }

  /** Bytes that every record of this filter holds: so that the database need not send the others. */
  List<byte[]> needles() {
    List<byte[]> needles = new java.util.ArrayList<>();
    members.forEach(
        (name, value) -> needles.add(bytes('"' + name + "\":\"" + Texts.escaped(value) + '"')));
    if (!text.isEmpty()) {
      needles.add(bytes(Texts.escaped(text)));
    }
    return needles;
  }

  /** What it looks for, without names: parts of texts that may stand elsewhere too. */
  List<String> values() {
    List<String> values = new java.util.ArrayList<>();
    for (String name : List.of("actor", "target", "origin", "session")) {
      String value = members.get(name);
      if (value != null) {
        values.add(value);
      }
    }
    if (!text.isEmpty()) {
      values.add(text);
    }
    return values;
  }

  boolean matches(RecordView record) {
    for (Map.Entry<String, String> member : members.entrySet()) {
      if (!member.getValue().equals(record.text(member.getKey()))) {
        return false;
      }
    }
    return text.isEmpty() || record.json().contains(Texts.escaped(text));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
