package io.vedette.trail.verify;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Checks a C2SP {@code tlog-proof} file offline: its checkpoint's signature, then RFC 6962, section 2.1.1. */
public final class ProofCheck {
  private static final String MAGIC = "c2sp.org/tlog-proof@v1";
  private static final int MAX_BYTES = 2 << 20;
  private static final int MAX_HASHES = 63;

  private final Sha sha = new Sha();
  private final List<byte[]> path = new ArrayList<>();
  private byte[] salt = {};
  private long index;
  private byte[] checkpoint = {};

  private ProofCheck() {}

  /**
   * What a proof showed.
   *
   * @param index the entry's index
   * @param checkpoint the signed tree it is in
   */
  public record Proven(long index, SignedCheckpoint checkpoint) {}

  /** Shows that {@code entry} is in the log. */
  public static Proven entry(byte[] proof, byte[] entry, String origin, Collection<LogKey> keys) {
    ProofCheck check = new ProofCheck();
    check.read(proof);
    return check.prove(entry, origin, keys);
  }

  /** Shows that the log committed to {@code record}, its canonical bytes, whose salt the proof carries in its extra line. */
  public static Proven record(byte[] proof, byte[] record, String origin, Collection<LogKey> keys) {
    ProofCheck check = new ProofCheck();
    check.read(proof);
    if (check.salt.length != VedetteEntry.SALT_SIZE) {
      throw FaultException.of(
          Reason.PROOF, "extra line", check.salt.length + " bytes", "a salt of 16 bytes");
    }
    byte[] commitment = new byte[Sha.SIZE];
    check.sha.commitment(check.salt, record, commitment);
    return check.prove(VedetteEntry.of(commitment, 0), origin, keys);
  }

  private Proven prove(byte[] entry, String origin, Collection<LogKey> keys) {
    SignedCheckpoint tree = SignedCheckpoint.open(checkpoint, origin, keys);
    if (index >= tree.size()) {
      throw FaultException.of(
          Reason.PROOF, "proof", "index " + index, "less than the tree's size, " + tree.size());
    }
    byte[] root = root(sha.leaf(entry), index, tree.size(), path.size());
    if (!tree.hasRoot(root)) {
      throw FaultException.of(
          Reason.PROOF, "proof of index " + index, "root " + Exact.base64(root), tree.toString());
    }
    return new Proven(index, tree);
  }

  /** MTH(D[n]) by the recursion that defines PATH(m, D[n]), its last hashes first. */
  private byte[] root(byte[] leaf, long m, long n, int hashes) {
    if ((n == 1) != (hashes == 0)) {
      throw FaultException.of(
          Reason.PROOF,
          "proof of index " + index,
          path.size() + " hashes",
          n == 1 ? "fewer" : "more");
    }
    if (n == 1) {
      return leaf;
    }
    long k = Long.highestOneBit(n - 1);
    byte[] sibling = path.get(hashes - 1);
    return m < k
        ? sha.node(root(leaf, m, k, hashes - 1), sibling)
        : sha.node(sibling, root(leaf, m - k, n - k, hashes - 1));
  }

  private void read(byte[] file) {
    String text = file.length > MAX_BYTES ? "" : Exact.text(file, "proof");
    int blank = text.indexOf("\n\n");
    List<String> lines =
        blank < 0 ? List.of() : List.of(text.substring(0, blank).split("\n", -1));
    int line = 0;
    if (lines.size() < 2 || !lines.get(line++).equals(MAGIC)) {
      throw FaultException.of(
          Reason.PROOF, "proof", text, MAGIC + ", index, hashes, an empty line, a checkpoint");
    }
    if (lines.get(line).startsWith("extra ")) {
      salt = Exact.base64(lines.get(line++).substring(6), "extra line");
      if (salt.length == 0) {
        throw FaultException.of(Reason.PROOF, "extra line", "nothing", "base64, or no such line");
      }
    }
    if (line >= lines.size()
        || !lines.get(line).startsWith("index ")
        || lines.size() - line - 1 > MAX_HASHES) {
      throw FaultException.of(Reason.PROOF, "proof", text, "an index line and at most 63 hashes");
    }
    index = Exact.decimal(lines.get(line++).substring(6), "index");
    for (String hash : lines.subList(line, lines.size())) {
      path.add(Exact.hash(hash, "proof hash"));
    }
    checkpoint = text.substring(blank + 2).getBytes(StandardCharsets.UTF_8);
  }
}
