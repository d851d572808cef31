package io.vedette.runtime;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A named stack of cleanups, run backwards, each bounded in time: one that fails or hangs keeps no other from running. Pushed while a process starts, run when the start fails or the process ends. Safe for
 * use by any thread.
 */
public final class Shutdown {
  private static final Logger log = LoggerFactory.getLogger(Shutdown.class);

  private record Cleanup(String name, Duration limit, Supplier<Future<?>> work) {}

  private final Deque<Cleanup> cleanups = new ArrayDeque<>();
  private @Nullable CompletableFuture<List<String>> running;

  /** Adds a cleanup that runs before all that were added earlier. After {@link #run} began it is refused: run it yourself. */
  public synchronized void push(String name, Duration limit, Supplier<Future<?>> work) {
    if (running != null) {
      throw new IllegalStateException("shutdown has begun: cleanup " + name + " comes too late");
    }
    cleanups.push(new Cleanup(name, limit, work));
  }

  /** Runs all cleanups once; the answer, also of later calls, names those that failed or took too long. */
  public CompletableFuture<List<String>> run() {
    Deque<Cleanup> todo;
    CompletableFuture<List<String>> done;
    synchronized (this) {
      if (running != null) {
        return running;
      }
      running = new CompletableFuture<>();
      done = running;
      todo = new ArrayDeque<>(cleanups);
      cleanups.clear();
    }
    next(todo, new ArrayList<>(), done);
    return done;
  }

  /** As {@link #run}, waiting for its end; for {@code main} and shutdown hooks, never on an event loop. */
  public List<String> runAndWait(Duration limit) {
    try {
      return run().get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException tooLong) {
      return List.of("shutdown: not finished after " + limit.toMillis() + " ms");
    } catch (ExecutionException impossible) {
      return List.of("shutdown: " + impossible.getCause());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return List.of("shutdown: interrupted");
    }
  }

  private static void next(
      Deque<Cleanup> todo, List<String> failures, CompletableFuture<List<String>> done) {
    Cleanup cleanup = todo.poll();
    if (cleanup == null) {
      done.complete(List.copyOf(failures));
      return;
    }
    begin(cleanup).onComplete(outcome -> {
      if (outcome.failed()) {
        String problem = cleanup.name() + ": " + reason(outcome.cause(), cleanup.limit());
        failures.add(problem);
        log.warn("shutdown: {}", problem);
      }
      next(todo, failures, done);
    });
  }

  private static String reason(Throwable failure, Duration limit) {
    return failure instanceof TimeoutException
        ? "not finished after " + limit.toMillis() + " ms"
        : failure.toString();
  }

  /** The work, bounded in time without any Vert.x: that may be what is being closed. */
  private static Future<@Nullable Object> begin(Cleanup cleanup) {
    CompletableFuture<@Nullable Object> result = new CompletableFuture<>();
    try {
      cleanup.work().get().onComplete(outcome -> {
        if (outcome.succeeded()) {
          result.complete(null);
        } else {
          result.completeExceptionally(outcome.cause());
        }
      });
    } catch (RuntimeException failed) {
      result.completeExceptionally(failed);
    }
    return Future.fromCompletionStage(
        result.orTimeout(cleanup.limit().toMillis(), TimeUnit.MILLISECONDS));
  }
}
