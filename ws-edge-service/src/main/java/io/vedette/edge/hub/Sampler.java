package io.vedette.edge.hub;

/**
 * Which publications go to those who take everything while there are more per second than anybody can read: one of 1, 2, 4, ... by offset, so that what one edge sends another sends too, and a coarser sample
 * is part of a finer one. Follows the rate at once upwards and a step a second downwards. Not thread safe.
 */
final class Sampler {
  private static final long WINDOW_US = 1_000_000;
  private static final int MAX_EVERY = 1 << 16;

  /** A step down must not be followed by a step up. */
  private static final double COMFORT = 0.8;

  private final int above;
  private int every = 1;
  private long beganUs = Long.MIN_VALUE;
  private long counted;

  /** @param above publications a second that go out in full; 0 = always all */
  Sampler(int above) {
    this.above = above;
  }

  /** So many came at this time; every how manieth of them goes out. */
  int every(int publications, long nowUs) {
    if (above == 0) {
      return 1;
    }
    if (beganUs == Long.MIN_VALUE) {
      beganUs = nowUs;
    }
    long elapsedUs = nowUs - beganUs;
    if (elapsedUs >= WINDOW_US) {
      double perSecond = counted * 1e6 / elapsedUs;
      if (every > 1 && perSecond < COMFORT * above * every / 2) {
        every /= 2;
      }
      beganUs = nowUs;
      counted = 0;
    }
    counted += publications;
    while (every < MAX_EVERY && counted > (long) above * every) {
      every *= 2;
    }
    return every;
  }

  /** As the last answer was. */
  int every() {
    return every;
  }
}
