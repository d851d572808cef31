package io.vedette.collector.integrate.verify;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongPredicate;

/**
 * Why an entry may be without its payload: a record of the trail names it, as erased or as expired. Looked for when the first payload is missing, since a trail that lost nothing has nothing to find, and
 * again when the trail has grown since. Such a record counts only if it belongs to its own entry.
 */
final class Excuses implements LongPredicate {
  private final StoredTrail trail;
  private final Acts acts = new Acts();
  private long scanned = -1;

  Excuses(StoredTrail trail) {
    this.trail = trail;
  }

  @Override
  public boolean test(long index) {
    if (acts.name(index)) {
      return true;
    }
    try {
      long size = trail.head().size();
      long from = scanned < 0 ? index + 1 : scanned; // an act comes after what it names
      List<StoredTrail.Payload> page = trail.acts(from, size);
      while (!page.isEmpty()) {
        for (StoredTrail.Payload candidate : page) {
          if (isItself(candidate)) {
            acts.add(candidate.index(), candidate.canonical());
          }
          from = candidate.index() + 1;
        }
        page = trail.acts(from, size);
      }
      scanned = Math.max(from, size);
      return acts.name(index);
    } catch (SQLException e) {
      throw new IllegalStateException(
          "records of what was erased and what expired cannot be read: " + e.getMessage(), e);
    }
  }

  private boolean isItself(StoredTrail.Payload candidate) throws SQLException {
    byte[] commitments = trail.entries(candidate.index(), 1).commitments();
    return Arrays.equals(commitments, commitment(candidate.salt(), candidate.canonical()));
  }

  static byte[] commitment(byte[] salt, byte[] record) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      sha256.update(salt);
      return sha256.digest(record);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java has no SHA-256, which every Java must have", e);
    }
  }
}
