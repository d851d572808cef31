package io.vedette.trail.verify;

import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256 as RFC 6962, section 2.1, and Vedette's entries use it. One digest, for one thread. */
final class Sha {
  static final int SIZE = 32;

  private final MessageDigest digest;
  private final byte[] pair = new byte[1 + 2 * SIZE];

  Sha() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
    pair[0] = 1;
  }

  byte[] empty() {
    return digest.digest();
  }

  void leaf(byte[] entry, byte[] hashes, int offset) {
    digest.update((byte) 0);
    digest.update(entry);
    finish(hashes, offset);
  }

  byte[] leaf(byte[] entry) {
    byte[] hash = new byte[SIZE];
    leaf(entry, hash, 0);
    return hash;
  }

  byte[] node(byte[] left, byte[] right) {
    byte[] hash = new byte[SIZE];
    node(left, 0, right, 0, hash, 0);
    return hash;
  }

  private void node(byte[] left, int leftAt, byte[] right, int rightAt, byte[] out, int outAt) {
    System.arraycopy(left, leftAt, pair, 1, SIZE);
    System.arraycopy(right, rightAt, pair, 1 + SIZE, SIZE);
    digest.update(pair);
    finish(out, outAt);
  }

  /** The hash over a power of two of neighbouring hashes. */
  byte[] complete(byte[] hashes, int offset, int count) {
    byte[] row = new byte[count * SIZE];
    System.arraycopy(hashes, offset, row, 0, row.length);
    for (int width = count / 2; width > 0; width /= 2) {
      for (int i = 0; i < width; i++) {
        node(row, 2 * i * SIZE, row, (2 * i + 1) * SIZE, row, i * SIZE);
      }
    }
    byte[] root = new byte[SIZE];
    System.arraycopy(row, 0, root, 0, SIZE);
    return root;
  }

  /** {@code SHA-256(salt || record)}. */
  void commitment(byte[] salt, byte[] record, byte[] out) {
    digest.update(salt);
    digest.update(record);
    finish(out, 0);
  }

  byte[] of(byte[] first, byte[] second) {
    digest.update(first);
    return digest.digest(second);
  }

  private void finish(byte[] out, int offset) {
    try {
      digest.digest(out, offset, SIZE);
    } catch (DigestException e) {
      throw new IllegalStateException("no room for a hash", e);
    }
  }
}
