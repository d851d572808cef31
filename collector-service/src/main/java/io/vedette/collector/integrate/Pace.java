package io.vedette.collector.integrate;

import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/** Keeps work to a share of one core: after each piece of it, rests as long as the share demands. One thread. */
final class Pace {
  private final int percent;
  private final LongSupplier nanoTime;
  private final LongConsumer rest;
  private long sinceNs;

  /** @param rest lets that many nanoseconds pass */
  Pace(int percent, LongSupplier nanoTime, LongConsumer rest) {
    if (percent < 1 || percent > 100) {
      throw new IllegalArgumentException("percent: " + percent + " (expected: 1 to 100)");
    }
    this.percent = percent;
    this.nanoTime = nanoTime;
    this.rest = rest;
    this.sinceNs = nanoTime.getAsLong();
  }

  /** After a piece of work, which began when the last rest ended. */
  void rest() {
    rest.accept((nanoTime.getAsLong() - sinceNs) * (100 - percent) / percent);
    sinceNs = nanoTime.getAsLong();
  }
}
