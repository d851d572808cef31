package io.vedette.collector.integrate;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vedette.store.Database;
import io.vedette.store.trail.Checkpoints;
import io.vedette.store.trail.Checkpoints.StoredCheckpoint;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Waits for the checkpoint that covers an index: what a producer keeps as its receipt. Any thread may call; at most {@link #MAX_WAITING} wait, further ones are answered at once, empty. Whoever
 * signs in this process says so here; for what others sign it looks, all waiters with one question, while there are any.
 */
public final class Coverage {
  public static final int MAX_WAITING = 10_000;

  private static final long LOOK_MS = 100;

  private final Vertx vertx;
  private final Context context;
  private final Checkpoints checkpoints;
  private final int trail;
  private final Counter refused;

  // Only touched on the context.
  private final Set<Waiter> waiters = new HashSet<>();
  private @Nullable StoredCheckpoint newest;
  private final Set<String> ended = new HashSet<>(); // incarnations; one more per reopening
  private long looker = -1;
  private boolean looking;

  private static final class Waiter {
    final String epoch;
    final long index;
    final Promise<Optional<StoredCheckpoint>> promise;
    long timer = -1;

    Waiter(String epoch, long index, Promise<Optional<StoredCheckpoint>> promise) {
      this.epoch = epoch;
      this.index = index;
      this.promise = promise;
    }

    boolean isCoveredBy(StoredCheckpoint checkpoint) {
      return checkpoint.size() > index && (epoch.isEmpty() || epoch.equals(checkpoint.epoch()));
    }
  }

  public Coverage(Vertx vertx, Database database, int trail, MeterRegistry metrics) {
    this.vertx = vertx;
    this.context = ((VertxInternal) vertx).createEventLoopContext();
    this.checkpoints = new Checkpoints(database);
    this.trail = trail;
    this.refused = Counter.builder("vedette_collector_receipt_refused_total")
        .description("Waits for a checkpoint that were not begun because too many wait")
        .register(metrics);
  }

  public int trail() {
    return trail;
  }

  /** As the other one, of whatever incarnation is the current one. */
  public Future<Optional<StoredCheckpoint>> waitCovered(long index, Duration timeout) {
    return waitCovered("", index, timeout);
  }

  /**
   * The first checkpoint seen that covers an index; empty when there is none before the time is up. Never fails.
   *
   * @param epoch the incarnation the index is of: one that ended since covers nothing, and none of another covers it; empty where that is not known
   */
  public Future<Optional<StoredCheckpoint>> waitCovered(
      String epoch, long index, Duration timeout) {
    Waiter waiter =
        new Waiter(epoch, index, ((VertxInternal) vertx).getOrCreateContext().promise());
    Promise<Optional<StoredCheckpoint>> promise = waiter.promise;
    context.runOnContext(ignored -> {
      StoredCheckpoint known = newest;
      if (known != null && waiter.isCoveredBy(known)) {
        promise.complete(Optional.of(known));
      } else if (timeout.toMillis() < 1) {
        promise.complete(Optional.empty());
      } else if (waiters.size() >= MAX_WAITING) {
        refused.increment();
        promise.complete(Optional.empty());
      } else {
        admit(waiter, timeout.toMillis());
      }
    });
    return promise.future();
  }

  /** Tells of a checkpoint that was published. */
  void published(StoredCheckpoint checkpoint) {
    context.runOnContext(ignored -> settle(checkpoint));
  }

  private void admit(Waiter waiter, long timeoutMs) {
    waiters.add(waiter);
    waiter.timer = vertx.setTimer(
        timeoutMs,
        id -> context.runOnContext(ignored -> {
          if (waiters.remove(waiter)) {
            waiter.promise.complete(Optional.empty());
            rest();
          }
        }));
    if (looker < 0) {
      looker = vertx.setPeriodic(LOOK_MS, id -> context.runOnContext(ignored -> look()));
    }
  }

  private void look() {
    if (looking || waiters.isEmpty()) {
      return;
    }
    looking = true;
    checkpoints
        .newest(trail)
        .onComplete(answer -> context.runOnContext(ignored -> {
          looking = false;
          if (answer.succeeded()) {
            answer.result().ifPresent(this::settle);
          } // else: those who wait are told when their time is up
        }));
  }

  private void settle(StoredCheckpoint checkpoint) {
    StoredCheckpoint known = newest;
    if (ended.contains(checkpoint.epoch())) {
      return; // asked for before the trail was reopened
    }
    if (known != null && !known.epoch().equals(checkpoint.epoch())) {
      ended.add(known.epoch());
    } else if (known != null && checkpoint.size() < known.size()) {
      return; // an answer that was overtaken
    }
    newest = checkpoint;
    List<Waiter> covered =
        waiters.stream().filter(waiter -> waiter.isCoveredBy(checkpoint)).toList();
    for (Waiter waiter : covered) {
      waiters.remove(waiter);
      vertx.cancelTimer(waiter.timer);
      waiter.promise.complete(Optional.of(checkpoint));
    }
    rest();
  }

  private void rest() {
    if (waiters.isEmpty() && looker >= 0) {
      vertx.cancelTimer(looker);
      looker = -1;
    }
  }
}
