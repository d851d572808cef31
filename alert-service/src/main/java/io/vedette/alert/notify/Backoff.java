package io.vedette.alert.notify;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * How long to wait before the next attempt: doubled from {@code first} up to {@code most}, of which a random half is taken off so that many do not come back at once; never less than the receiver
 * asked for.
 */
public record Backoff(Duration first, Duration most, DoubleSupplier random) {
  public long waitUs(int attempt, long retryAfterMs) {
    long firstUs = first.toNanos() / 1000;
    long mostUs = most.toNanos() / 1000;
    int doublings = Math.min(Math.max(attempt - 1, 0), 30);
    long fullUs = Math.min(
        mostUs,
        firstUs << Math.min(doublings, 62 - Long.SIZE + Long.numberOfLeadingZeros(firstUs)));
    if (fullUs <= 0) {
      fullUs = mostUs;
    }
    long jittered = fullUs - (long) (fullUs / 2.0 * random.getAsDouble());
    return Math.max(jittered, retryAfterMs * 1000);
  }
}
