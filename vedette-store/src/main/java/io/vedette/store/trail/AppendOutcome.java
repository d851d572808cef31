package io.vedette.store.trail;

import io.vedette.model.Batch;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What became of an append. Whatever is not {@link Appended} changed nothing. */
public sealed interface AppendOutcome {

  /**
   * Durable.
   *
   * @param repeated it had been committed before; {@code batch} is that one
   * @param quarantined records of the request that the database refused and that are not in the batch
   */
  record Appended(Batch batch, boolean repeated, List<RefusedRecord> quarantined)
      implements AppendOutcome {
    public Appended {
      quarantined = List.copyOf(quarantined);
    }
  }

  /** @param position in the request's list of records */
  record RefusedRecord(int position, String reason) {}

  /** Another owner of the source was here: this is where it stands. */
  record CursorMoved(String source, @Nullable String position, long sequence)
      implements AppendOutcome {}

  /** Another request under the same key was here: so much of it is done, with that hash of the body up to there (empty when none is). */
  record IdempotencyMoved(String principal, String key, long done, byte[] prefixHash)
      implements AppendOutcome {}

  /** The database's clock is more than 10 s behind log time: append a gap record with a new timeline. */
  record ClockWentBack(long logUs, long nowUs) implements AppendOutcome {}

  /** Sending it again would be refused again; an operator has to act. */
  record Refused(String reason) implements AppendOutcome {}
}
