package io.vedette.edge.hub;

import io.vedette.edge.filter.Selector;
import io.vedette.edge.filter.Sieve;
import io.vedette.edge.protocol.Frame;
import io.vedette.edge.protocol.ServerFrames;
import org.jspecify.annotations.Nullable;

/** Latest values: a snapshot, then changes. A session without room skips messages and gets, when it has room again, one message with the newest value of every key it missed (conflation). */
final class StateSubscription extends Subscription {
  private final StateTopic topic;
  private final boolean asked;
  private final @Nullable Selector selector;
  private long seen;
  private boolean lagging;

  StateSubscription(Session session, StateTopic topic, boolean asked, @Nullable Selector selector) {
    super(session);
    this.selector = selector;
    this.topic = topic;
    this.asked = asked;
  }

  @Override
  StateTopic topic() {
    return topic;
  }

  @Override
  @Nullable
  Sieve filter() {
    return selector;
  }

  @Override
  boolean asked() {
    return asked;
  }

  @Override
  void start() {
    StateTopic.Changes snapshot = topic.changesSince(0, selector);
    if (snapshot == null) {
      return;
    }
    seen = snapshot.version();
    if (asked) {
      Frame registered = new Frame(
          ServerFrames.registered(topic.name(), "state:" + snapshot.version(), true, 0, null));
      session.write(registered);
      registered.release();
    }
    session.publication(topic, snapshot.frame(), 1);
    snapshot.frame().release();
  }

  void offer(StateTopic.Changes changes) {
    if (closed || changes.version() <= seen) {
      return;
    }
    if (!session.makeRoom()) {
      lagging = true;
      session.metrics().dropped(topic.kind(), "conflate", 1);
      return;
    }
    // What was seen already may come once more with what was not: the values are the newest.
    if (changes.since() <= seen) {
      seen = changes.version();
      session.publication(topic, changes.frame(), 1);
    } else {
      catchUp();
    }
  }

  @Override
  void drained() {
    if (lagging && !closed) {
      catchUp();
    }
  }

  private void catchUp() {
    lagging = false;
    StateTopic.Changes missed = topic.changesSince(seen, selector);
    if (missed != null) {
      seen = missed.version();
      session.publication(topic, missed.frame(), 1);
      missed.frame().release();
    }
  }
}
