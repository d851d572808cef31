package io.vedette.model;

import java.util.List;

/**
 * A committed batch of the trail: what one append wrote. A <em>tick</em> has no records and no samples. A batch too large for the bus is <em>announced</em>: {@code inline} is false,
 * {@code records} and {@code samples} are empty and the consumer reads them from the store by number.
 *
 * @param trail the trail's number, 1 by default
 * @param epoch the trail's incarnation, part of every position
 * @param number batches are numbered from 1 without holes
 * @param firstIndex index of the first record; where the batch has none, the size of the trail
 * @param count number of records
 * @param atUs log time
 * @param timeline raised by one when the clocks went back more than 10 s; log time is monotonic within a timeline
 * @param records canonical bytes in index order; not to be modified
 * @param samples one {@link SampleBlock}, encoded; empty when the batch has none
 */
public record Batch(
    int trail,
    String epoch,
    long number,
    long firstIndex,
    int count,
    long atUs,
    int timeline,
    boolean inline,
    List<byte[]> records,
    byte[] samples,
    Stamps stamps) {

  /** Largest payload that rides on the bus: docs/design/architecture.md, section 3. */
  public static final int MAX_BUS_BYTES = 512 * 1024;

  private static final byte[] NONE = {};

  public Batch {
    records = List.copyOf(records);
    if (inline && records.size() != count) {
      throw new IllegalArgumentException(
          "records: " + records.size() + " (expected: count " + count + ")");
    }
    if (!inline && (!records.isEmpty() || samples.length > 0)) {
      throw new IllegalArgumentException("an announced batch carries no payload");
    }
  }

  /** Index after the last record. */
  public long endIndex() {
    return firstIndex + count;
  }

  public boolean isTick() {
    return inline && count == 0 && samples.length == 0;
  }

  public long payloadBytes() {
    long bytes = samples.length;
    for (byte[] record : records) {
      bytes += record.length;
    }
    return bytes;
  }

  /** This batch as it may cross the bus: itself, or only its number and range when it is too large. */
  public Batch forBus() {
    return payloadBytes() <= MAX_BUS_BYTES
        ? this
        : new Batch(
            trail,
            epoch,
            number,
            firstIndex,
            count,
            atUs,
            timeline,
            false,
            List.of(),
            NONE,
            stamps);
  }
}
