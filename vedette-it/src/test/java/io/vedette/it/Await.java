package io.vedette.it;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** Waits for what another process shows of itself, by asking it again; fails with the last answer when it never came. */
final class Await {
  private static final long PAUSE_MS = 100;

  private Await() {}

  static <T> T until(Duration limit, Callable<T> ask, Predicate<T> wanted) throws Exception {
    long until = System.nanoTime() + limit.toNanos();
    T last;
    do {
      last = ask.call();
      if (wanted.test(last)) {
        return last;
      }
      // Nothing counts this latch down: it is the pause between two questions to another process.
      new CountDownLatch(1).await(PAUSE_MS, TimeUnit.MILLISECONDS);
    } while (System.nanoTime() < until);
    throw new AssertionError("not within " + limit + "; last: " + last);
  }
}
