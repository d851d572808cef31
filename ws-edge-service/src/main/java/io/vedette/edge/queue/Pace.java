package io.vedette.edge.queue;

/**
 * At most one publication of a state topic per interval: the first goes at once, what comes meanwhile goes together at the interval's end. A loop that is busy calls its timers late, so whatever comes after that end takes the
 * waiting along. Not thread safe.
 */
public final class Pace {
  private final long intervalUs;
  private long lastUs = Long.MIN_VALUE / 2;
  private long waitingSinceUs;
  private long turn;
  private boolean waiting;

  public Pace(long intervalUs) {
    this.intervalUs = intervalUs;
  }

  /**
   * Something changed.
   *
   * @param sinceUs when, which is kept with the first that waits: what comes later is younger
   * @return 0 = publish now, more = publish after so many microseconds, -1 = already waiting
   */
  public long changed(long nowUs, long sinceUs) {
    long delayUs =
        Math.min(intervalUs, Math.max(0, lastUs + intervalUs - nowUs)); // the clock may be set back
    if (waiting) {
      return delayUs == 0 ? 0 : -1;
    }
    waitingSinceUs = sinceUs;
    waiting = true;
    return delayUs;
  }

  /** Names what waits now, for the timer that was set for it. */
  public long turn() {
    return turn;
  }

  /** Whether what {@link #turn} named still waits, and was not taken along by what came later. */
  public boolean isWaiting(long named) {
    return waiting && turn == named;
  }

  /** What waits is published now; when the oldest of it changed. */
  public long take(long nowUs) {
    waiting = false;
    turn++;
    lastUs = nowUs;
    return waitingSinceUs;
  }
}
