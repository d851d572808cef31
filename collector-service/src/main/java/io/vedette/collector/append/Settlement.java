package io.vedette.collector.append;

import org.jspecify.annotations.Nullable;

/** What became of an offer. Only {@link Appended} changed anything. */
public sealed interface Settlement {

  /**
   * Durable: the offer's records have the indices from {@code firstIndex} on, in order and without others between them.
   *
   * @param batch number of the batch
   * @param count records in the trail
   * @param quarantined records the database refused and that are set aside
   * @param epoch the trail's incarnation that the indices are of
   */
  record Appended(long batch, long firstIndex, int count, int quarantined, String epoch)
      implements Settlement {}

  /** Another owner of the source was here: this is where its cursor stands. */
  record CursorMoved(@Nullable String position) implements Settlement {}

  /** Another request under the same key was here: so much of it is done. */
  record IdempotencyMoved(long done) implements Settlement {}

  /** The trail does not take it, now or ever; the reason says why. */
  record Refused(String reason) implements Settlement {}
}
