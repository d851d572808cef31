package io.vedette.runtime;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waiting for a future where a thread may wait: {@code main}, commands, shutdown hooks; never an event loop. */
public final class Blocking {
  private Blocking() {}

  /** The result, or what the future failed with; an {@link IllegalStateException} when there is none within the limit. */
  public static <T> T await(Future<T> future, Duration limit) {
    try {
      return stage(future).get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new IllegalStateException("not done after " + limit.toMillis() + " ms", e);
    } catch (ExecutionException e) {
      throw failure(e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** As {@link #await(Future, Duration)} for what says itself why it takes long, for example a database that is not there yet. */
  public static <T> T awaitHoweverLong(Future<T> future) {
    try {
      return stage(future).get();
    } catch (ExecutionException e) {
      throw failure(e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static <T> CompletableFuture<T> stage(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture();
  }

  private static RuntimeException failure(ExecutionException failed) {
    return failed.getCause() instanceof RuntimeException unchecked
        ? unchecked
        : new CompletionException(failed.getCause());
  }

  private static IllegalStateException interrupted(InterruptedException cause) {
    Thread.currentThread().interrupt();
    return new IllegalStateException("interrupted while waiting", cause);
  }
}
