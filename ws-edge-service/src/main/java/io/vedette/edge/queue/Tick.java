package io.vedette.edge.queue;

/**
 * When to flush: at once when idle; when busy so seldom that flushing takes at most half of the time, but never later than the maximum. Not thread safe.
 */
public final class Tick {
  /** A flush that took c is followed by as long without one: half of the loop's time. */
  private static final int PAUSE_PER_COST = 1;

  private final long maxUs;
  private long notBeforeUs;

  public Tick(long maxUs) {
    this.maxUs = maxUs;
  }

  /** Microseconds to wait from now; 0 = flush now. */
  public long delayUs(long nowUs) {
    return Math.min(maxUs, Math.max(0, notBeforeUs - nowUs));
  }

  public void flushed(long startedUs, long endedUs) {
    notBeforeUs = endedUs + Math.min(maxUs, PAUSE_PER_COST * Math.max(0, endedUs - startedUs));
  }
}
