package io.vedette.edge.queue;

/** So many messages per second, with a burst of twice that. Not thread safe. */
public final class TokenBucket {
  private final double perUs;
  private final double burst;
  private double tokens;
  private long lastUs;

  public TokenBucket(int perSecond, long nowUs) {
    this.perUs = perSecond / 1e6;
    this.burst = 2.0 * perSecond;
    this.tokens = burst;
    this.lastUs = nowUs;
  }

  /** Whether one more message fits now. */
  public boolean take(long nowUs) {
    tokens = Math.min(burst, tokens + Math.max(0, nowUs - lastUs) * perUs);
    lastUs = nowUs;
    if (tokens < 1) {
      return false;
    }
    tokens--;
    return true;
  }
}
