package io.vedette.benchmarks.trail;

import io.vedette.standalone.cli.CommandFailure;
import io.vertx.core.Future;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for a future, with a limit that no round comes near. */
final class Waits {
  private static final long LIMIT_S = 120;

  private Waits() {}

  static <T> T value(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(LIMIT_S, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new CommandFailure(String.valueOf(e.getCause()), e);
    } catch (TimeoutException e) {
      throw new CommandFailure("not done after " + LIMIT_S + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure("interrupted", e);
    }
  }
}
