package io.vedette.trail;

import static io.vedette.trail.Hash.SIZE;

import java.security.MessageDigest;

/**
 * Vedette's log entry: 33 bytes that commit to a record without telling it, so that the log stays whole when the record is erased.
 *
 * <pre>
 *   commitment = SHA-256(salt || record)       salt: 16 random bytes, one per record; record: its canonical bytes as stored
 *   entry      = 0x01 || commitment            0x01: this form
 *   leaf hash  = SHA-256(0x00 || entry)        RFC 6962, section 2.1
 * </pre>
 *
 * <p>Keeps one digest, allocates nothing per entry and belongs to one thread.
 */
public final class EntryHasher {
  /** Bytes of a salt. Fixed, because a salt of another length could take bytes from the record without changing the entry. */
  public static final int SALT_SIZE = 16;

  /** Bytes of an entry. */
  public static final int ENTRY_SIZE = 1 + SIZE;

  static final byte FORM = 1;

  private final MessageDigest sha256 = TreeHasher.sha256();
  private final byte[] leaf = new byte[1 + ENTRY_SIZE];

  public EntryHasher() {
    leaf[1] = FORM;
  }

  /** Writes the commitment to a record into the {@code position}-th place of {@code commitments}. */
  public void commit(byte[] salt, byte[] record, byte[] commitments, int position) {
    if (salt.length != SALT_SIZE) {
      throw new IllegalArgumentException(
          "salt: " + salt.length + " bytes (expected: " + SALT_SIZE + ")");
    }
    sha256.update(salt);
    sha256.update(record);
    TreeHasher.digest(sha256, commitments, position);
  }

  public byte[] entry(byte[] salt, byte[] record) {
    byte[] commitment = new byte[SIZE];
    commit(salt, record, commitment, 0);
    return entry(commitment, 0);
  }

  /** The entry with the {@code position}-th of these commitments. */
  public static byte[] entry(byte[] commitments, int position) {
    byte[] entry = new byte[ENTRY_SIZE];
    entry[0] = FORM;
    System.arraycopy(commitments, position * SIZE, entry, 1, SIZE);
    return entry;
  }

  /** The leaf hashes of entries with these commitments (32 bytes each, concatenated), ready for {@link TreeBuilder#append}. */
  public byte[] leafHashes(byte[] commitments) {
    if (commitments.length % SIZE != 0) {
      throw new IllegalArgumentException(
          "commitments: " + commitments.length + " bytes (expected: a multiple of 32)");
    }
    byte[] hashes = new byte[commitments.length];
    for (int i = 0; i < commitments.length / SIZE; i++) {
      System.arraycopy(commitments, i * SIZE, leaf, 2, SIZE);
      sha256.update(leaf);
      TreeHasher.digest(sha256, hashes, i);
    }
    return hashes;
  }
}
