package io.vedette.model;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The canonical form of a record (RFC 8785 JSON), complete but for its sequence: {@link #seal} puts the digits into the hole, so a moved cursor costs a copy and no encoding.
 * Immutable. Members, in canonical order:
 *
 * <pre>{@code
 * {"action","actor","attributes":{...},"flags":[...],"kind","message","observed","origin","outcome",
 *  "sequence":<digits>,"session","severity","source","target","time","v":1}
 * }</pre>
 *
 * <p>{@code observed}, {@code sequence}, {@code source} and {@code v} are always there, the others when the record has them; times are RFC 3339 UTC with nine decimals. The format is
 * stored for ever: a new one gets another {@code v}.
 */
public final class CanonicalRecord {

  /** Bytes that every record has besides what its sender gave: observed, sequence, source, v, punctuation. */
  private static final int OVERHEAD_BYTES = 256;

  private final byte[] prefix;
  private final byte[] suffix;
  private final String source;
  private final long timeUs;

  private CanonicalRecord(byte[] prefix, byte[] suffix, String source, long timeUs) {
    this.prefix = prefix;
    this.suffix = suffix;
    this.source = source;
    this.timeUs = timeUs;
  }

  /** The draft must say when it was observed. */
  public static CanonicalRecord of(RecordDraft draft, String source) {
    if (draft.observedUs <= 0) {
      throw new IllegalArgumentException(
          "observedUs: " + draft.observedUs + " (expected: the collector's clock)");
    }
    int messageChars = draft.message == null ? 0 : draft.message.length();
    CanonicalWriter out =
        new CanonicalWriter(OVERHEAD_BYTES + messageChars * 3 + draft.attributes.size() * 48);
    out.ascii("{");
    text(out, "action", draft.action);
    text(out, "actor", draft.actor);
    if (!draft.attributes.isEmpty()) {
      out.ascii("\"attributes\":");
      out.object(draft.attributes);
      out.ascii(",");
    }
    if (!draft.flags.isEmpty()) {
      String separator = "\"flags\":[";
      for (String flag : draft.flags) {
        out.ascii(separator).string(flag);
        separator = ",";
      }
      out.ascii("],");
    }
    text(out, "kind", draft.kind);
    text(out, "message", draft.message);
    long observedUs = draft.observedUs;
    out.ascii("\"observed\":")
        .time(observedUs / 1_000_000, (int) (observedUs % 1_000_000) * 1_000)
        .ascii(",");
    text(out, "origin", draft.origin);
    text(out, "outcome", draft.outcome == null ? null : draft.outcome.text());
    out.ascii("\"sequence\":");
    int hole = out.length();
    out.ascii(",");
    text(out, "session", draft.session);
    text(out, "severity", draft.severity == null ? null : draft.severity.text());
    text(out, "source", source);
    text(out, "target", draft.target);
    Instant time = draft.time;
    if (time != null) {
      out.ascii("\"time\":").time(time.getEpochSecond(), time.getNano()).ascii(",");
    }
    out.ascii("\"v\":1}");
    return new CanonicalRecord(
        out.range(0, hole),
        out.range(hole, out.length()),
        source,
        time == null ? observedUs : Times.toUs(time));
  }

  private static void text(CanonicalWriter out, String name, @Nullable String value) {
    if (value != null) {
      out.ascii("\"").ascii(name).ascii("\":").string(value).ascii(",");
    }
  }

  /** The final bytes under a sequence of the source, from 1 to 2^53. */
  public byte[] seal(long sequence) {
    if (sequence < 1 || !Numbers.exactLong(sequence)) {
      throw new IllegalArgumentException("sequence: " + sequence + " (expected: 1..2^53)");
    }
    String digits = Long.toString(sequence);
    int count = digits.length();
    byte[] sealed = new byte[prefix.length + count + suffix.length];
    System.arraycopy(prefix, 0, sealed, 0, prefix.length);
    for (int i = 0; i < count; i++) {
      sealed[prefix.length + i] = (byte) digits.charAt(i);
    }
    System.arraycopy(suffix, 0, sealed, prefix.length + count, suffix.length);
    return sealed;
  }

  /** The source that will count it. */
  public String source() {
    return source;
  }

  /** Event time, microseconds; when it was observed where the record names none. */
  public long timeUs() {
    return timeUs;
  }

  /** Bytes without the digits of the sequence. */
  public int bytes() {
    return prefix.length + suffix.length;
  }

  /** Canonical JSON (RFC 8785) of any tidy value, for those who write more than records. */
  public static byte[] json(Map<String, ?> members) {
    CanonicalWriter out = new CanonicalWriter(OVERHEAD_BYTES);
    out.object(members);
    return out.range(0, out.length());
  }
}
