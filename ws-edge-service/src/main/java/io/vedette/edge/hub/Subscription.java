package io.vedette.edge.hub;

import io.vedette.edge.filter.Sieve;
import org.jspecify.annotations.Nullable;

/** One session's interest in one topic. Lives on its session's event loop. */
abstract sealed class Subscription permits OrderedSubscription, StateSubscription {
  protected final Session session;
  protected boolean closed;

  Subscription(Session session) {
    this.session = session;
  }

  abstract Topic topic();

  /** What of the topic it wants; null for all. */
  @Nullable
  Sieve filter() {
    return null;
  }

  /** Whether the client named a position and so gets registered and head frames. */
  abstract boolean asked();

  /** Begins delivery: what was missed, then what comes. */
  abstract void start();

  /** Room again in the session's queue. */
  abstract void drained();

  final void close() {
    closed = true;
  }
}
