package io.vedette.analyzer.window;

import io.vedette.analyzer.rule.GroupKey;
import io.vedette.analyzer.window.KeyState.Status;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A partition's state as it is stored: the keys that are not quiet.
 *
 * <pre>
 * state := 0x01 ruleCount:int rule*
 * rule  := hash:utf late:long refused:long keyCount:int key*
 * key   := labelCount:int (name:utf value:utf)* status:byte since:long lastHeld:long lastSeen:long firstPane:long
 * </pre>
 */
final class Snapshot {
  private static final int VERSION = 1;

  private Snapshot() {}

  static byte[] encode(Map<String, RuleState> rules) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      out.writeInt(rules.size());
      for (Map.Entry<String, RuleState> rule : rules.entrySet()) {
        out.writeUTF(rule.getKey());
        out.writeLong(rule.getValue().late());
        out.writeLong(rule.getValue().refused());
        var keys = rule.getValue().toStore();
        out.writeInt(keys.size());
        for (KeyState key : keys) {
          encode(out, key);
        }
      }
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return bytes.toByteArray();
  }

  private static void encode(DataOutputStream out, KeyState key) throws IOException {
    out.writeInt(key.key.labels().size());
    for (Map.Entry<String, String> label : key.key.labels().entrySet()) {
      text(out, label.getKey());
      text(out, label.getValue());
    }
    out.writeByte(key.status.code);
    out.writeLong(key.sinceUs);
    out.writeLong(key.lastHeldUs);
    out.writeLong(key.lastSeenUs);
    out.writeLong(key.firstPane);
  }

  /** Rules that are no longer known are skipped. */
  static void decode(byte[] state, Map<String, RuleState> rules) {
    if (state.length == 0) {
      return;
    }
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(state))) {
      int version = in.readUnsignedByte();
      if (version != VERSION) {
        throw new IllegalArgumentException(
            "partition state: version " + version + " (expected: " + VERSION + ")");
      }
      for (int n = in.readInt(); n > 0; n--) {
        RuleState rule = rules.get(in.readUTF());
        long late = in.readLong();
        long refused = in.readLong();
        if (rule != null) {
          rule.restoreCounts(late, refused);
        }
        for (int keys = in.readInt(); keys > 0; keys--) {
          decodeKey(in, rule);
        }
      }
    } catch (IOException broken) {
      throw new IllegalArgumentException("partition state: broken", broken);
    }
  }

  private static void decodeKey(
      DataInputStream in, @org.jspecify.annotations.Nullable RuleState rule) throws IOException {
    SortedMap<String, String> labels = new TreeMap<>();
    for (int n = in.readInt(); n > 0; n--) {
      String name = text(in);
      labels.put(name, text(in));
    }
    Status status = Status.of(in.readUnsignedByte());
    long sinceUs = in.readLong();
    long lastHeldUs = in.readLong();
    long lastSeenUs = in.readLong();
    long firstPane = in.readLong();
    if (rule != null) {
      KeyState key = rule.restore(GroupKey.of(rule.compiled().rule().name(), labels));
      key.status = status;
      key.sinceUs = sinceUs;
      key.lastHeldUs = lastHeldUs;
      key.lastSeenUs = lastSeenUs;
      key.firstPane = firstPane;
    }
  }

  /** Values of labels may be longer than writeUTF allows. */
  private static void text(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static String text(DataInputStream in) throws IOException {
    return new String(in.readNBytes(in.readInt()), java.nio.charset.StandardCharsets.UTF_8);
  }
}
