package io.vedette.postgres;

import java.time.Duration;

/** How long to wait before the next start: 100 ms, doubled each time to at most 10 s; a run of a minute forgives. */
final class Backoff {
  private static final Duration FIRST = Duration.ofMillis(100);
  private static final Duration LONGEST = Duration.ofSeconds(10);
  private static final Duration FORGIVING = Duration.ofMinutes(1);

  private Duration next = FIRST;

  Duration after(Duration run) {
    if (run.compareTo(FORGIVING) >= 0) {
      next = FIRST;
    }
    Duration wait = next;
    Duration doubled = wait.multipliedBy(2);
    next = doubled.compareTo(LONGEST) > 0 ? LONGEST : doubled;
    return wait;
  }
}
