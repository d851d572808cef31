package io.vedette.collector.append;

import io.vedette.model.CanonicalRecord;
import io.vedette.model.Sample;
import io.vedette.store.trail.IdempotencyMove;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a source wants in the trail, together in one batch or not at all: records, samples, and how far that moves its cursor.
 *
 * @param source who offers; each record names the source that counts it, which may be another (gap records)
 * @param receivedUs when the oldest of it was received
 * @param settled told once what became of it
 */
public record Offer(
    String source,
    List<CanonicalRecord> records,
    List<Sample> samples,
    @Nullable Position position,
    @Nullable IdempotencyMove idempotency,
    long receivedUs,
    long bytes,
    Consumer<Settlement> settled) {

  /** A series name, labels and a value: for the bound of memory, not for the wire. */
  private static final int SAMPLE_BYTES = 64;

  /**
   * How far a cursor moves. A source with one cursor uses its own name for it, one with many a name for each.
   *
   * @param from where it stands, null when it was never moved
   */
  public record Position(String cursor, @Nullable String from, String to) {}

  public Offer {
    records = List.copyOf(records);
    samples = List.copyOf(samples);
  }

  public static Offer of(
      String source,
      List<CanonicalRecord> records,
      List<Sample> samples,
      @Nullable Position position,
      @Nullable IdempotencyMove idempotency,
      long receivedUs,
      Consumer<Settlement> settled) {
    long bytes = (long) samples.size() * SAMPLE_BYTES;
    for (CanonicalRecord record : records) {
      bytes += record.bytes();
    }
    return new Offer(source, records, samples, position, idempotency, receivedUs, bytes, settled);
  }

  public static Offer records(
      String source, List<CanonicalRecord> records, long receivedUs, Consumer<Settlement> settled) {
    return of(source, records, List.of(), null, null, receivedUs, settled);
  }

  public static Offer samples(
      String source, List<Sample> samples, long receivedUs, Consumer<Settlement> settled) {
    return of(source, List.of(), samples, null, null, receivedUs, settled);
  }

  /** An empty batch: log time goes on. */
  public static Offer tick(long nowUs, Consumer<Settlement> settled) {
    return of("", List.of(), List.of(), null, null, nowUs, settled);
  }

  boolean isTick() {
    return records.isEmpty() && samples.isEmpty() && position == null && idempotency == null;
  }
}
