package io.vedette.analyzer;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.function.Supplier;

/** Runs what is given one after the other, each when the future of the one before has completed. On one context; short by construction: one batch, one change of ownership, one stop. */
final class Sequence {
  private Future<?> tail = Future.succeededFuture();

  <T> Future<T> next(Supplier<Future<T>> task) {
    Promise<T> done = Promise.promise();
    tail = tail.transform(before -> {
      Future<T> running;
      try {
        running = task.get();
      } catch (RuntimeException failed) {
        running = Future.failedFuture(failed);
      }
      return running.onComplete(done);
    });
    return done.future();
  }
}
