package io.vedette.testkit;

import io.vedette.store.MicroClock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that stands still until a test turns it. */
public final class ManualClock implements MicroClock {
  /** 2026-01-01T00:00:00Z. */
  public static final long START_US = 1_767_225_600_000_000L;

  private final AtomicLong nowUs = new AtomicLong(START_US);

  @Override
  public long nowUs() {
    return nowUs.get();
  }

  public void set(long us) {
    nowUs.set(us);
  }

  /** Also back, by a negative duration. */
  public long advance(Duration by) {
    return nowUs.addAndGet(by.toNanos() / 1_000);
  }
}
