package io.vedette.trail;

import static io.vedette.trail.RefusedException.malformed;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Entry bundles of C2SP {@code tlog-tiles}, section "Log entries": up to 256 entries, each after its length.
 *
 * <pre>
 *   bundle = { length: uint16, big-endian; entry: length bytes }
 * </pre>
 */
public final class EntryBundle {
  /** The longest entry a bundle can hold. */
  public static final int MAX_ENTRY = 0xffff;

  private EntryBundle() {}

  public static byte[] encode(List<byte[]> entries) {
    ByteBuffer bundle =
        ByteBuffer.allocate(entries.stream().mapToInt(entry -> 2 + entry.length).sum());
    for (byte[] entry : entries) {
      if (entry.length > MAX_ENTRY) {
        throw new IllegalArgumentException(
            "entry: " + entry.length + " bytes (expected: at most " + MAX_ENTRY + ")");
      }
      bundle.putShort((short) entry.length).put(entry);
    }
    return bundle.array();
  }

  /** The bundle of {@code count} of Vedette's entries, given their commitments (see {@link EntryHasher}). */
  public static byte[] encode(byte[] commitments, int first, int count) {
    ByteBuffer bundle = ByteBuffer.allocate(count * (2 + EntryHasher.ENTRY_SIZE));
    for (int i = first; i < first + count; i++) {
      bundle
          .putShort((short) EntryHasher.ENTRY_SIZE)
          .put(EntryHasher.FORM)
          .put(commitments, i * Hash.SIZE, Hash.SIZE);
    }
    return bundle.array();
  }

  /** Takes a bundle apart and refuses it unless it holds exactly {@code width} entries and nothing else. */
  public static List<byte[]> decode(byte[] bundle, int width) {
    ByteBuffer rest = ByteBuffer.wrap(bundle);
    List<byte[]> entries = new ArrayList<>(width);
    while (entries.size() < width) {
      int length = rest.remaining() < 2 ? Integer.MAX_VALUE : rest.getShort() & MAX_ENTRY;
      if (length > rest.remaining()) {
        throw malformed("entry bundle", "its end in entry " + entries.size(), width + " entries");
      }
      byte[] entry = new byte[length];
      rest.get(entry);
      entries.add(entry);
    }
    if (rest.hasRemaining()) {
      throw malformed(
          "entry bundle",
          rest.remaining() + " bytes after entry " + (width - 1),
          width + " entries and nothing else");
    }
    return entries;
  }
}
