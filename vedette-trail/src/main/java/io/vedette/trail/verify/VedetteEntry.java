package io.vedette.trail.verify;

import java.util.Arrays;

/** The form of Vedette's log entries: {@code 0x01 || SHA-256(salt || record)}, with a salt of exactly 16 bytes. */
final class VedetteEntry {
  static final int SALT_SIZE = 16;

  private VedetteEntry() {}

  static boolean hasForm(byte[] entry) {
    return entry.length == 1 + Sha.SIZE && entry[0] == 1;
  }

  static byte[] of(byte[] commitments, int position) {
    byte[] entry = new byte[1 + Sha.SIZE];
    entry[0] = 1;
    System.arraycopy(commitments, position * Sha.SIZE, entry, 1, Sha.SIZE);
    return entry;
  }

  static boolean commitsTo(byte[] entry, byte[] salt, byte[] record, Sha sha, byte[] scratch) {
    if (!hasForm(entry) || salt.length != SALT_SIZE) {
      return false;
    }
    sha.commitment(salt, record, scratch);
    return Arrays.equals(entry, 1, entry.length, scratch, 0, Sha.SIZE);
  }
}
