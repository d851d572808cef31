package io.vedette.testkit;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Waits, on a test's own thread, for what happens on others; never longer than a minute. */
public final class Await {
  public static final Duration LIMIT = Duration.ofSeconds(60);

  private static final long PAUSE_MS = 20;

  private Await() {}

  /** The future's value; its failure as it is when unchecked, else as the cause of an {@link AssertionError}. */
  public static <T> T value(Future<T> future) {
    try {
      return future
          .toCompletionStage()
          .toCompletableFuture()
          .get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException unchecked) {
        throw unchecked;
      }
      throw new AssertionError(e.getCause());
    } catch (TimeoutException e) {
      throw new AssertionError("nothing after " + LIMIT, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /**
   * What a chain of steps on an event loop comes to. A chain that a test's own thread puts together while the answer is on its way may ask for a response's body when that has gone by, and then waits for
   * ever.
   */
  public static <T> T exchange(Vertx vertx, Supplier<Future<T>> steps) {
    Promise<T> outcome = Promise.promise();
    vertx.runOnContext(go -> steps.get().onComplete(outcome));
    return value(outcome.future());
  }

  /** Asks again until the answer is the one wanted; an {@link AssertionError} with the last answer if it never comes. */
  public static <T> T until(Callable<T> ask, Predicate<T> wanted) throws Exception {
    long untilNs = System.nanoTime() + LIMIT.toNanos();
    CountDownLatch never = new CountDownLatch(1);
    T last = ask.call();
    while (!wanted.test(last)) {
      if (System.nanoTime() > untilNs || never.await(PAUSE_MS, TimeUnit.MILLISECONDS)) {
        throw new AssertionError("not within " + LIMIT + "; last: " + last);
      }
      last = ask.call();
    }
    return last;
  }

  /** The future's failure; an {@link AssertionError} if it succeeds. */
  public static Throwable failure(Future<?> future) {
    return value(future.transform(answer -> answer.failed()
        ? Future.succeededFuture(answer.cause())
        : Future.failedFuture(new AssertionError("succeeded with " + answer.result()))));
  }
}
