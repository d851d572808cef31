package io.vedette.store.trail;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * A record ready for the trail. Its arrays are not to be modified.
 *
 * @param canonical the stored bytes
 * @param salt 16 random bytes
 * @param entry SHA-256(salt || canonical), 32 bytes: the log entry without its leading {@code 0x01}
 * @param timeUs event time
 */
public record SealedRecord(
    byte[] canonical, byte[] salt, byte[] entry, long timeUs, int retentionClass) {
  public static final int SALT_BYTES = 16;
  public static final int HASH_BYTES = 32;

  /** To look one up costs as much as to hash a short record. */
  private static final ThreadLocal<MessageDigest> SHA256 =
      ThreadLocal.withInitial(SealedRecord::sha256);

  public SealedRecord {
    if (salt.length != SALT_BYTES) {
      throw new IllegalArgumentException(
          "salt of " + salt.length + " bytes (expected: " + SALT_BYTES + ")");
    }
    if (entry.length == HASH_BYTES + 1 && entry[0] == 1) {
      entry = java.util.Arrays.copyOfRange(entry, 1, HASH_BYTES + 1);
    }
    if (entry.length != HASH_BYTES) {
      throw new IllegalArgumentException(
          "entry of " + entry.length + " bytes (expected: 32, or 33 beginning with 0x01)");
    }
    if (retentionClass < 0 || retentionClass > Short.MAX_VALUE) {
      throw new IllegalArgumentException(
          "retention class: " + retentionClass + " (expected: 0..32767)");
    }
  }

  public static SealedRecord seal(byte[] canonical, byte[] salt, long timeUs, int retentionClass) {
    MessageDigest sha = SHA256.get(); // digest() leaves it as new
    sha.update(salt);
    sha.update(canonical);
    return new SealedRecord(canonical, salt, sha.digest(), timeUs, retentionClass);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java has no SHA-256, which every Java must have", e);
    }
  }
}
