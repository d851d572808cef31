package io.vedette.trail;

import java.util.Arrays;
import java.util.Base64;

/** A SHA-256 hash as an immutable value: a leaf, a node, a root. Bulk work uses plain arrays of 32 bytes per hash instead. */
public final class Hash {
  /** Bytes of a SHA-256 hash. */
  public static final int SIZE = 32;

  private final byte[] bytes;

  private Hash(byte[] bytes) {
    this.bytes = bytes;
  }

  public static Hash of(byte[] bytes) {
    if (bytes.length != SIZE) {
      throw new IllegalArgumentException(
          "hash: " + bytes.length + " bytes (expected: " + SIZE + ")");
    }
    return new Hash(bytes.clone());
  }

  /** The {@code position}-th hash of a run of hashes. */
  public static Hash at(byte[] hashes, int position) {
    return new Hash(Arrays.copyOfRange(hashes, position * SIZE, (position + 1) * SIZE));
  }

  /** Parses the base64 form that checkpoints and proofs use. */
  public static Hash parse(String base64) {
    return new Hash(Strict.base64(base64, SIZE, "hash"));
  }

  public byte[] toBytes() {
    return bytes.clone();
  }

  void copyTo(byte[] hashes, int position) {
    System.arraycopy(bytes, 0, hashes, position * SIZE, SIZE);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Hash hash && Arrays.equals(bytes, hash.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** Base64, as checkpoints and proofs write it. */
  @Override
  public String toString() {
    return Base64.getEncoder().encodeToString(bytes);
  }
}
