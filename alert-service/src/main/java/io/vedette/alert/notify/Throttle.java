package io.vedette.alert.notify;

import java.util.HashMap;
import java.util.Map;

/** Says whether an integration takes another message now: so many a minute, so many at once. Time is the caller's; not thread safe. */
public final class Throttle {
  private final Map<String, TokenBucket> buckets = new HashMap<>();
  private final Map<String, Integer> inFlight = new HashMap<>();

  public boolean full(String target, Integration integration, long nowUs) {
    return inFlight.getOrDefault(target, 0) >= integration.inFlight()
        || bucket(target, integration, nowUs).empty(nowUs);
  }

  /** Takes a place, or says that there is none. */
  public boolean enter(String target, Integration integration, long nowUs) {
    if (inFlight.getOrDefault(target, 0) >= integration.inFlight()
        || !bucket(target, integration, nowUs).take(nowUs)) {
      return false;
    }
    inFlight.merge(target, 1, Integer::sum);
    return true;
  }

  public void leave(String target) {
    inFlight.merge(target, -1, Integer::sum);
  }

  private TokenBucket bucket(String target, Integration integration, long nowUs) {
    return buckets.computeIfAbsent(target, key -> new TokenBucket(integration.perMinute(), nowUs));
  }
}
