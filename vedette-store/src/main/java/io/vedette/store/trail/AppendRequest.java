package io.vedette.store.trail;

import io.vedette.model.Stamps;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * What one append shall write, all or nothing. (appender, seq) names it for ever: sent again, it answers what the first time did.
 *
 * @param appender random per process
 * @param seq raised by the appender with every request
 * @param clockUs the appender's clock
 * @param samples one encoded sample block, empty without samples
 * @param newTimeline the clocks went back and the records declare it; without effect where they did not
 */
public record AppendRequest(
    int trail,
    UUID appender,
    long seq,
    long clockUs,
    List<SealedRecord> records,
    byte[] samples,
    int sampleCount,
    List<CursorMove> cursors,
    List<IdempotencyMove> idempotency,
    boolean newTimeline,
    Stamps stamps) {
  private static final byte[] NONE = {};

  public AppendRequest {
    records = List.copyOf(records);
    cursors = List.copyOf(cursors);
    idempotency = List.copyOf(idempotency);
    if (sampleCount < 0 || (sampleCount == 0) != (samples.length == 0)) {
      throw new IllegalArgumentException(sampleCount + " samples in a block of " + samples.length
          + " bytes (expected: both or neither)");
    }
    Set<String> sources = new HashSet<>();
    for (CursorMove move : cursors) {
      if (!sources.add(move.source())) {
        throw new IllegalArgumentException(
            "source " + move.source() + " moved twice (expected: once per append)");
      }
    }
    Set<List<String>> keys = new HashSet<>();
    for (IdempotencyMove move : idempotency) {
      if (!keys.add(List.of(move.principal(), move.key()))) {
        throw new IllegalArgumentException(
            "an idempotency key moved twice (expected: once per append)");
      }
    }
  }

  /** An append of records alone. */
  public static AppendRequest of(
      int trail, UUID appender, long seq, long clockUs, List<SealedRecord> records) {
    return new AppendRequest(
        trail,
        appender,
        seq,
        clockUs,
        records,
        NONE,
        0,
        List.of(),
        List.of(),
        false,
        Stamps.UNKNOWN);
  }

  public AppendRequest withRecords(List<SealedRecord> newRecords) {
    return new AppendRequest(
        trail,
        appender,
        seq,
        clockUs,
        newRecords,
        samples,
        sampleCount,
        cursors,
        idempotency,
        newTimeline,
        stamps);
  }

  public AppendRequest withSamples(byte[] block, int count) {
    return new AppendRequest(
        trail,
        appender,
        seq,
        clockUs,
        records,
        block,
        count,
        cursors,
        idempotency,
        newTimeline,
        stamps);
  }

  public AppendRequest withCursors(List<CursorMove> moves) {
    return new AppendRequest(
        trail,
        appender,
        seq,
        clockUs,
        records,
        samples,
        sampleCount,
        moves,
        idempotency,
        newTimeline,
        stamps);
  }

  public AppendRequest withIdempotency(List<IdempotencyMove> moves) {
    return new AppendRequest(
        trail,
        appender,
        seq,
        clockUs,
        records,
        samples,
        sampleCount,
        cursors,
        moves,
        newTimeline,
        stamps);
  }

  public AppendRequest withNewTimeline() {
    return new AppendRequest(
        trail,
        appender,
        seq,
        clockUs,
        records,
        samples,
        sampleCount,
        cursors,
        idempotency,
        true,
        stamps);
  }

  public AppendRequest withStamps(Stamps newStamps) {
    return new AppendRequest(
        trail,
        appender,
        seq,
        clockUs,
        records,
        samples,
        sampleCount,
        cursors,
        idempotency,
        newTimeline,
        newStamps);
  }
}
