package io.vedette.store.trail;

import java.nio.ByteBuffer;
import java.util.SortedMap;

/**
 * Moves the cursor over a request under an Idempotency-Key: so many of its records are done, and this is the hash of the body up to there. A key not seen before stands at 0.
 *
 * @param first place of the request's first record in the batch, -1 where it has none there
 * @param last place of its last one
 */
public record IdempotencyMove(
    String principal,
    String key,
    long fromDone,
    long toDone,
    byte[] prefixHash,
    int first,
    int last) {
  private static final int HASH_BYTES = 32;

  public IdempotencyMove {
    if (fromDone < 0 || toDone < fromDone) {
      throw new IllegalArgumentException("idempotency key moves from " + fromDone + " to " + toDone
          + " (expected: not backwards)");
    }
  }

  public IdempotencyMove(
      String principal, String key, long fromDone, long toDone, byte[] prefixHash) {
    this(principal, key, fromDone, toDone, prefixHash, -1, -1);
  }

  /** The same, with its records at these places of the batch. */
  public IdempotencyMove at(int firstPlace, int lastPlace) {
    return new IdempotencyMove(principal, key, fromDone, toDone, prefixHash, firstPlace, lastPlace);
  }

  /** This move and then another one of the same request, in one batch. */
  public IdempotencyMove then(IdempotencyMove next) {
    return new IdempotencyMove(
        principal,
        key,
        fromDone,
        next.toDone,
        next.prefixHash,
        first < 0 ? next.first : first,
        next.last < 0 ? last : next.last);
  }

  /** The same where records of the batch are left out. */
  IdempotencyMove without(SortedMap<Integer, ?> places) {
    if (first < 0) {
      return this;
    }
    int from = first - places.headMap(first).size();
    int until = last + 1 - places.headMap(last + 1).size();
    return until > from ? at(from, until - 1) : at(-1, -1);
  }

  /** What the database keeps: see the migration {@code V8__receipt}. */
  byte[] cursor() {
    return first < 0 || prefixHash.length != HASH_BYTES
        ? prefixHash
        : ByteBuffer.allocate(HASH_BYTES + 8)
            .put(prefixHash)
            .putInt(first)
            .putInt(last)
            .array();
  }
}
