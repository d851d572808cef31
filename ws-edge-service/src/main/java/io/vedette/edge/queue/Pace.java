package io.vedette.edge.queue;

/** At most one publication of a state topic per interval: the first goes at once, what comes meanwhile goes together at the interval's end. Not thread safe. */
public final class Pace {
  private final long intervalUs;
  private long lastUs = Long.MIN_VALUE / 2;
  private boolean waiting;

  public Pace(long intervalUs) {
    this.intervalUs = intervalUs;
  }

  /** Something changed: 0 = publish now, more = publish after so many microseconds, -1 = already waiting. */
  public long changed(long nowUs) {
    if (waiting) {
      return -1;
    }
    long delayUs = Math.max(0, lastUs + intervalUs - nowUs);
    if (delayUs > 0) {
      waiting = true;
    } else {
      lastUs = nowUs;
    }
    return delayUs;
  }

  /** The wait is over and it was published. */
  public void published(long nowUs) {
    waiting = false;
    lastUs = nowUs;
  }
}
