package io.vedette.analyzer;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What keeps the analysis from going on: logged when it changes, tried again until it is over. Written on the verticle's context, read by any thread. */
final class Trouble {
  private static final Logger LOG = LoggerFactory.getLogger(Trouble.class);
  private static final long FIRST_RETRY_MS = 50;
  private static final long LAST_RETRY_MS = 2_000;

  private final BooleanSupplier stopping;
  private final IntSupplier partitions;
  private volatile String now = "takes up its partitions";

  /** @param partitions how many are owned */
  Trouble(BooleanSupplier stopping, IntSupplier partitions) {
    this.stopping = stopping;
    this.partitions = partitions;
  }

  /** Empty when all is well. */
  String now() {
    return now;
  }

  void is(String trouble) {
    if (!trouble.equals(now)) {
      now = trouble;
      LOG.warn("analysis is in trouble: {}", trouble);
    }
  }

  /** Without a line in the log: whoever says this has written one. */
  void isAsLogged(String trouble) {
    now = trouble;
  }

  void isOver() {
    if (!now.isEmpty()) {
      now = "";
      LOG.info("analysis runs partitions={}", partitions.getAsInt());
    }
  }

  /** Tries until it succeeds, or until this node stops. */
  <T> Future<T> untilDone(Vertx vertx, String what, Supplier<Future<T>> task) {
    return attempt(vertx, what, task, 0);
  }

  private <T> Future<T> attempt(Vertx vertx, String what, Supplier<Future<T>> task, int failures) {
    Future<T> done = task.get().recover(failure -> {
      if (stopping.getAsBoolean()) {
        return Future.failedFuture(failure);
      }
      if (failures == 0) {
        is(what + ", trying again: " + failure);
      }
      Promise<T> later = Promise.promise();
      long delayMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS << Math.min(failures, 10));
      vertx.setTimer(delayMs, id -> attempt(vertx, what, task, failures + 1).onComplete(later));
      return later.future();
    });
    return failures == 0 ? done : done.onSuccess(ignored -> isOver());
  }
}
