package io.vedette.trail.verify;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * How far a verification came, so that it can go on later. Belongs to the verifier: keep it where who can change the log cannot.
 *
 * <pre>
 *   vedette.io/verification@v1
 *   origin
 *   position                        (a multiple of 256: entries before it are verified)
 *   &lt;base64&gt;                        (one per bit of the position, from the lowest: the compact range)
 *                                   (an empty line)
 *   size &lt;base64&gt;                   (roots confirmed on the way, at most 64, the newest)
 * </pre>
 */
final class Progress {
  private static final String MAGIC = "vedette.io/verification@v1";
  private static final int MAX_CONFIRMED = 64;

  final NavigableMap<Long, byte[]> confirmed = new TreeMap<>();
  final Frontier frontier;
  final String origin;

  Progress(String origin, Frontier frontier) {
    this.origin = origin;
    this.frontier = frontier;
  }

  void confirm(long size, byte[] root) {
    confirmed.put(size, root);
    if (confirmed.size() > MAX_CONFIRMED) {
      confirmed.pollFirstEntry();
    }
  }

  /** The greatest size confirmed, 0 if none. */
  long confirmedSize() {
    return confirmed.isEmpty() ? 0 : confirmed.lastKey();
  }

  byte[] write(Frontier range) {
    StringBuilder text = new StringBuilder(MAGIC + "\n" + origin + "\n" + range.size() + "\n");
    for (int height = 0; height < 63; height++) {
      byte[] hash = range.at(height);
      if (hash != null) {
        text.append(Exact.base64(hash)).append('\n');
      }
    }
    text.append('\n');
    for (Map.Entry<Long, byte[]> root : confirmed.entrySet()) {
      text.append(root.getKey())
          .append(' ')
          .append(Exact.base64(root.getValue()))
          .append('\n');
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  static Progress read(byte[] state, Sha sha) {
    String[] lines = Exact.text(state, "verification state").split("\n", -1);
    if (lines.length < 5 || !lines[0].equals(MAGIC)) {
      throw FaultException.of(Reason.CHECKPOINT, "verification state", lines[0], MAGIC);
    }
    long position = Exact.decimal(lines[2], "verification state");
    int hashes = Long.bitCount(position);
    if (position % TileChain.WIDTH != 0
        || lines.length < 5 + hashes
        || !lines[3 + hashes].isEmpty()
        || !lines[lines.length - 1].isEmpty()) {
      throw FaultException.of(
          Reason.CHECKPOINT,
          "verification state",
          "position " + position,
          "a multiple of 256 and its hashes");
    }
    Progress progress = new Progress(lines[1], new Frontier(sha));
    int line = 3 + hashes;
    for (int height = 62; height >= 0; height--) {
      if ((position >>> height & 1) == 1) {
        progress.frontier.add(
            height, Exact.hash(lines[--line], "verification state"), Frontier.NOBODY);
      }
    }
    for (int i = 4 + hashes; i < lines.length - 1; i++) {
      int space = lines[i].indexOf(' ');
      long size = Exact.decimal(lines[i].substring(0, Math.max(space, 0)), "verification state");
      progress.confirm(size, Exact.hash(lines[i].substring(space + 1), "verification state"));
    }
    return progress;
  }
}
