package io.vedette.store.trail;

import io.micrometer.core.instrument.Counter;
import io.vedette.model.Batch;
import io.vedette.runtime.Addresses;
import io.vedette.store.Database;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every batch of a trail from a number on: in order, once each, one at a time. Takes them from {@code record.appended} as long as they come without a hole and in full, else from the store; also
 * when the bus says nothing, by looking at the head every second. Lives on the context it was started on, where the handler is called too. What is announced while the handler works is kept up to
 * 256 batches and 8 MiB; what comes above is read from the store later.
 */
public final class BatchFeed {
  private static final Logger LOG = LoggerFactory.getLogger(BatchFeed.class);
  private static final int MAX_HELD = 256;
  private static final long MAX_HELD_BYTES = 8L * 1024 * 1024;
  private static final int READ_BATCHES = 128;
  private static final long READ_BYTES = 4L * 1024 * 1024;
  private static final long LOOK_MS = 1_000;
  private static final long FIRST_RETRY_MS = 50;
  private static final long LAST_RETRY_MS = 2_000;
  private static final long STOP_LIMIT_MS = 10_000;

  private final Vertx vertx;
  private final Context context;
  private final BatchReader reader;
  private final int trail;
  private final Function<Batch, Future<Void>> handler;
  private final Promise<Void> failure = Promise.promise();
  private final Promise<Void> registered = Promise.promise();
  private final Counter fromBus;
  private final Counter fromStore;
  private final Counter overflow;

  private final NavigableMap<Long, Batch> held = new TreeMap<>();
  private long heldBytes;
  private volatile long next;
  private volatile long known;
  private boolean busy;
  private boolean looking;
  private boolean heard;
  private boolean paused;
  private boolean stopped;
  private int failures;
  private long looker = -1;
  private @Nullable MessageConsumer<Batch> consumer;
  private @Nullable Promise<Void> stopping;

  private BatchFeed(
      Database database,
      BatchReader reader,
      int trail,
      long from,
      Function<Batch, Future<Void>> handler) {
    this.vertx = database.vertx();
    this.context = vertx.getOrCreateContext();
    this.reader = reader;
    this.trail = trail;
    this.next = Math.max(1, from);
    this.known = this.next - 1;
    this.handler = handler;
    this.fromBus = batches(database, "bus");
    this.fromStore = batches(database, "store");
    this.overflow = Counter.builder("vedette_store_feed_overflow_total")
        .description("Announced batches that were not kept, to be read from the store")
        .register(database.metrics());
  }

  private static Counter batches(Database database, String from) {
    return Counter.builder("vedette_store_feed_batch_total")
        .description("Batches handed to consumers")
        .tag("from", from)
        .register(database.metrics());
  }

  /** Starts handing over batches, the first one being {@code from}. A handler's failure stops the feed: see {@link #failure}. */
  public static BatchFeed start(
      Database database, int trail, long from, Function<Batch, Future<Void>> handler) {
    return start(database, new BatchReader(database), trail, from, handler);
  }

  static BatchFeed start(
      Database database,
      BatchReader reader,
      int trail,
      long from,
      Function<Batch, Future<Void>> handler) {
    BatchFeed feed = new BatchFeed(database, reader, trail, from, handler);
    feed.context.runOnContext(ignored -> feed.listen());
    return feed;
  }

  /** Completes when announced batches reach this feed. It works before, from the store. */
  public Future<Void> listening() {
    return registered.future();
  }

  /** Fails with the handler's failure when there is one; the feed has stopped then. */
  public Future<Void> failure() {
    return failure.future();
  }

  /** Number of the batch that comes next. */
  public long next() {
    return next;
  }

  /** How many batches are known to exist and not handed over. */
  public long lag() {
    return Math.max(0, known - next + 1);
  }

  /** Hands over nothing more after the batch the handler has. */
  public void pause() {
    context.runOnContext(ignored -> paused = true);
  }

  public void resume() {
    context.runOnContext(ignored -> {
      paused = false;
      pump();
    });
  }

  /** Looks at the trail's head now. */
  public void look() {
    context.runOnContext(ignored -> lookNow());
  }

  /** Completes when the handler has finished what it has, or after 10 s. */
  public Future<Void> stop() {
    Promise<Void> done = Promise.promise();
    context.runOnContext(ignored -> end().onComplete(done));
    return done.future();
  }

  private Future<Void> end() {
    if (stopped) {
      return Future.succeededFuture();
    }
    stopped = true;
    held.clear();
    heldBytes = 0;
    if (looker >= 0) {
      vertx.cancelTimer(looker);
    }
    Promise<Void> idle = Promise.promise();
    if (busy) {
      stopping = idle;
    } else {
      idle.complete();
    }
    MessageConsumer<Batch> listening = consumer;
    Future<Void> unregistered =
        listening == null ? Future.succeededFuture() : listening.unregister();
    return Future.join(unregistered, idle.future().timeout(STOP_LIMIT_MS, TimeUnit.MILLISECONDS))
        .mapEmpty();
  }

  private void listen() {
    if (stopped) {
      return;
    }
    MessageConsumer<Batch> listening =
        vertx.eventBus().consumer(Addresses.RECORD_APPENDED, message -> offer(message.body()));
    consumer = listening;
    listening.completion().onComplete(registered);
    looker = vertx.setPeriodic(LOOK_MS, id -> {
      if (!heard) {
        lookNow();
      }
      heard = false;
    });
    lookNow();
  }

  private void lookNow() {
    if (looking || stopped) {
      return;
    }
    looking = true;
    reader
        .head(trail)
        .onComplete(answer -> context.runOnContext(ignored -> {
          looking = false;
          if (answer.succeeded()) {
            known = Math.max(known, answer.result().batch());
            pump();
          } else {
            LOG.debug("head of trail {} not read: {}", trail, answer.cause().toString());
          }
        }));
  }

  private void offer(Batch batch) {
    if (stopped || batch.trail() != trail) {
      return;
    }
    heard = true;
    if (batch.number() < next) {
      return;
    }
    known = Math.max(known, batch.number());
    if (batch.inline()) {
      long bytes = batch.payloadBytes();
      if (held.size() < MAX_HELD && heldBytes + bytes <= MAX_HELD_BYTES) {
        if (held.put(batch.number(), batch) == null) {
          heldBytes += bytes;
        }
      } else {
        overflow.increment();
      }
    }
    pump();
  }

  private void pump() {
    if (busy || paused || stopped) {
      return;
    }
    Batch batch = held.remove(next);
    if (batch != null) {
      heldBytes -= batch.payloadBytes();
      fromBus.increment();
      deliver(List.of(batch), 0);
    } else if (known >= next) {
      read();
    }
  }

  private void read() {
    busy = true;
    int wanted =
        held.isEmpty() ? READ_BATCHES : (int) Math.min(READ_BATCHES, held.firstKey() - next);
    reader
        .read(trail, next, wanted, READ_BYTES)
        .onComplete(answer -> context.runOnContext(
            ignored -> haveRead(answer.succeeded() ? answer.result() : null, answer.cause())));
  }

  private void haveRead(@Nullable List<Batch> batches, @Nullable Throwable cause) {
    if (batches == null) {
      if (failures++ == 0) {
        LOG.warn(
            "batches of trail {} cannot be read, trying again from={} cause={}",
            trail,
            next,
            String.valueOf(cause));
      }
      long delayMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS << Math.min(failures - 1, 10));
      vertx.setTimer(delayMs, id -> context.runOnContext(ignored -> idle()));
      return;
    }
    if (failures > 0) {
      LOG.info("batches of trail {} can be read again from={} attempts={}", trail, next, failures);
      failures = 0;
    }
    if (batches.isEmpty()) {
      known = next - 1; // what was announced is not there: a trail that was restored
      idle();
      return;
    }
    fromStore.increment(batches.size());
    deliver(batches, 0);
  }

  /** Hands over what was read, one after the other; what is left when paused or stopped is read again later. */
  private void deliver(List<Batch> batches, int position) {
    busy = true;
    if (stopped || paused || position == batches.size()) {
      idle();
      return;
    }
    Batch batch = batches.get(position);
    if (batch.number() != next) {
      fail(new IllegalStateException("batch " + batch.number() + " of trail " + trail
          + " came from the store (expected: " + next + ")"));
      return;
    }
    Future<Void> handled;
    try {
      handled = handler.apply(batch);
    } catch (RuntimeException e) {
      handled = Future.failedFuture(e);
    }
    handled.onComplete(answer -> context.runOnContext(ignored -> {
      if (answer.failed()) {
        fail(answer.cause());
        return;
      }
      next = batch.number() + 1;
      known = Math.max(known, batch.number());
      forget();
      deliver(batches, position + 1);
    }));
  }

  private void forget() {
    while (!held.isEmpty() && held.firstKey() < next) {
      heldBytes -= held.pollFirstEntry().getValue().payloadBytes();
    }
  }

  private void idle() {
    busy = false;
    Promise<Void> waiting = stopping;
    if (waiting != null) {
      stopping = null;
      waiting.complete();
    }
    pump();
  }

  private void fail(Throwable cause) {
    busy = false;
    Promise<Void> waiting = stopping;
    if (waiting != null) {
      stopping = null;
      waiting.complete();
    }
    end();
    failure.tryFail(cause);
  }
}
