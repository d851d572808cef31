package io.vedette.alert.notify;

/** At most so many a minute, the minute's share at once if nothing was taken lately. Time is the caller's; not thread safe. */
final class TokenBucket {
  private static final double MINUTE_US = 60_000_000.0;
  private final int perMinute;
  private double tokens;
  private long atUs;

  TokenBucket(int perMinute, long nowUs) {
    this.perMinute = perMinute;
    this.tokens = perMinute;
    this.atUs = nowUs;
  }

  boolean take(long nowUs) {
    if (empty(nowUs)) {
      return false;
    }
    tokens -= 1;
    return true;
  }

  boolean empty(long nowUs) {
    tokens = Math.min(perMinute, tokens + Math.max(0, nowUs - atUs) / MINUTE_US * perMinute);
    atUs = Math.max(atUs, nowUs);
    return tokens < 1;
  }
}
