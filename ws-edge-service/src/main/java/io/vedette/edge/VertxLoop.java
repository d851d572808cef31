package io.vedette.edge;

import io.vedette.edge.hub.Loop;
import io.vertx.core.Context;
import io.vertx.core.Vertx;

/** A Vert.x context as the concept packages see it. */
final class VertxLoop implements Loop {
  private final Vertx vertx;
  private final Context context;

  VertxLoop(Vertx vertx, Context context) {
    this.vertx = vertx;
    this.context = context;
  }

  @Override
  public void execute(Runnable task) {
    if (Vertx.currentContext() == context) {
      task.run();
    } else {
      context.runOnContext(soon -> task.run());
    }
  }

  @Override
  public void schedule(long delayMs, Runnable task) {
    vertx.setTimer(Math.max(1, delayMs), fired -> execute(task));
  }

  @Override
  public long nowUs() {
    return nowMicros();
  }

  /** Wall clock with the resolution the platform has. */
  static long nowMicros() {
    java.time.Instant now = java.time.Instant.now();
    return now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000;
  }
}
