package io.vedette.trail;

import static io.vedette.trail.Hash.SIZE;

import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The hashes of RFC 6962, section 2.1 (RFC 9162, section 2.1.1): {@code leaf = SHA-256(0x00 || entry)}, {@code node = SHA-256(0x01
 * || left || right)}. Keeps one digest and its buffers, so it allocates nothing per hash and belongs to one thread.
 */
public final class TreeHasher {
  /** The root of the empty tree: the hash of the empty string. */
  public static final Hash EMPTY_ROOT = Hash.of(sha256().digest());

  private static final byte LEAF = 0;
  private static final byte NODE = 1;

  private final MessageDigest sha256 = sha256();
  private final byte[] node = new byte[1 + 2 * SIZE];
  private final byte[] row = new byte[TileId.MAX_WIDTH * SIZE];

  public TreeHasher() {
    node[0] = NODE;
  }

  public Hash leaf(byte[] entry) {
    byte[] hash = new byte[SIZE];
    leaf(entry, 0, entry.length, hash, 0);
    return Hash.of(hash);
  }

  /** Hashes an entry into the {@code position}-th place of {@code hashes}. */
  public void leaf(byte[] entries, int offset, int length, byte[] hashes, int position) {
    sha256.update(LEAF);
    sha256.update(entries, offset, length);
    digest(sha256, hashes, position);
  }

  public Hash node(Hash left, Hash right) {
    left.copyTo(row, 0);
    right.copyTo(row, 1);
    node(row, 0, row, 0);
    return Hash.at(row, 0);
  }

  /**
   * The root of the subtree over {@code count} (1 to 256) consecutive hashes. Pairs neighbours row by row and carries an odd last
   * one up, which gives the tree of RFC 6962 for any count.
   */
  Hash root(byte[] hashes, int first, int count) {
    System.arraycopy(hashes, first * SIZE, row, 0, count * SIZE);
    for (int width = count; width > 1; width = (width + 1) / 2) {
      for (int pair = 0; pair < width / 2; pair++) {
        node(row, 2 * pair, row, pair);
      }
      if (width % 2 == 1) {
        System.arraycopy(row, (width - 1) * SIZE, row, width / 2 * SIZE, SIZE);
      }
    }
    return Hash.at(row, 0);
  }

  private void node(byte[] children, int left, byte[] out, int position) {
    System.arraycopy(children, left * SIZE, node, 1, 2 * SIZE);
    sha256.update(node);
    digest(sha256, out, position);
  }

  static void digest(MessageDigest digest, byte[] hashes, int position) {
    try {
      digest.digest(hashes, position * SIZE, SIZE);
    } catch (DigestException e) {
      throw new IllegalArgumentException(
          "no room for hash " + position + " in " + hashes.length + " bytes", e);
    }
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
