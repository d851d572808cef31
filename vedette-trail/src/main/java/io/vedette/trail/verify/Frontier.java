package io.vedette.trail.verify;

import org.jspecify.annotations.Nullable;

/** A tree's compact range as a binary counter: at height h the hash of the complete subtree that stands for bit h of the size. */
final class Frontier {
  private final byte[] @Nullable [] bits = new byte[63][];
  private final Sha sha;
  private long size;

  /** Told of each complete subtree a tile stores: of heights 8, 16, 24... */
  interface Complete {
    void subtree(int level, long index, byte[] hash);
  }

  static final Complete NOBODY = (level, index, hash) -> {};

  Frontier(Sha sha) {
    this.sha = sha;
  }

  Frontier copy() {
    Frontier copy = new Frontier(sha);
    System.arraycopy(bits, 0, copy.bits, 0, bits.length);
    copy.size = size;
    return copy;
  }

  long size() {
    return size;
  }

  /** Appends a complete subtree of 2^height leaves; the size must be a multiple of that. */
  void add(int height, byte[] hash, Complete listener) {
    size = Math.addExact(size, 1L << height);
    byte[] carry = hash;
    int h = height;
    while (true) {
      if (h > 0 && h % 8 == 0) {
        listener.subtree(h / 8, (size >>> h) - 1, carry);
      }
      byte[] left = bits[h];
      if (left == null) {
        break;
      }
      carry = sha.node(left, carry);
      bits[h++] = null;
    }
    bits[h] = carry;
  }

  byte[] root() {
    byte[] root = null;
    for (byte[] hash : bits) {
      if (hash != null) {
        root = root == null ? hash : sha.node(hash, root);
      }
    }
    return root == null ? sha.empty() : root;
  }

  /** The hash at this height, null where the size has no bit. */
  byte @Nullable [] at(int height) {
    return bits[height];
  }
}
