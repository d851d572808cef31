package io.vedette.edge.hub;

import io.vedette.edge.filter.Filter;
import io.vedette.edge.filter.Selector;
import io.vedette.edge.filter.Sieve;
import io.vedette.edge.metric.EdgeMetrics;
import io.vedette.edge.protocol.CloseCode;
import io.vedette.edge.protocol.Frame;
import io.vedette.edge.queue.Tick;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of one event loop and their index by topic. A publication comes here once per loop and is put behind the {@link Run} of every subscriber; each session gets one write and one flush per tick.
 * Called on its loop only, except {@link #execute}.
 */
public final class Lane {
  /** Longest wait of an ordered publication for its flush. */
  private static final long MAX_TICK_US = 20_000;

  /** Heads of all topics come in the same moment, and hurry nobody. */
  private static final long HEADS_TOGETHER_US = 2_000;

  /** Told of every subscription that begins, ends or may not be, on the lane's loop. */
  public interface Watch {
    void denied(Session session, String topic);

    void subscribed(Session session, String topic);

    void unsubscribed(Session session, String topic);
  }

  private final Loop loop;
  private final Limits limits;
  private final EdgeMetrics metrics;
  private final Set<Session> sessions = new LinkedHashSet<>();
  private final Map<Topic, Audience> index = new LinkedHashMap<>();
  private final List<Session> unflushed = new ArrayList<>();
  private final Tick tick = new Tick(MAX_TICK_US);
  private boolean flushScheduled;
  private long oldestUnflushedUs;
  private long sweptUs;
  private final Map<Topic, Tally> written = new LinkedHashMap<>();
  private final Run nothing = new Run();
  private final List<Run> runs = new ArrayList<>();
  private @Nullable Tally lastTally;
  private @Nullable Watch watch;

  /** What was written of one topic since the last flush: counted here, told to the metrics once a tick. */
  private static final class Tally {
    final Topic topic;
    long bytes;
    long items;

    Tally(Topic topic) {
      this.topic = topic;
    }
  }

  public Lane(Loop loop, Limits limits, EdgeMetrics metrics) {
    this.loop = loop;
    this.limits = limits;
    this.metrics = metrics;
  }

  public void watch(Watch watcher) {
    watch = watcher;
  }

  public void execute(Runnable task) {
    loop.execute(task);
  }

  void schedule(long delayMs, Runnable task) {
    loop.schedule(delayMs, task);
  }

  Limits limits() {
    return limits;
  }

  EdgeMetrics metrics() {
    return metrics;
  }

  long nowUs() {
    return loop.nowUs();
  }

  public int sessions() {
    return sessions.size();
  }

  void opened(Session session) {
    sessions.add(session);
  }

  void closed(Session session) {
    sessions.remove(session);
  }

  void subscribe(Subscription subscription) {
    Topic topic = subscription.topic();
    Audience audience = index.get(topic);
    if (audience == null) {
      audience = new Audience();
      index.put(topic, audience);
      topic.join(this);
    }
    audience.add(subscription);
    metrics.subscribed(topic.kind(), 1);
    if (watch != null) {
      watch.subscribed(subscription.session, topic.name());
    }
  }

  /** The session's principal may not read the topic. */
  void denied(Session session, String topic) {
    if (watch != null) {
      watch.denied(session, topic);
    }
  }

  void unsubscribe(Subscription subscription) {
    subscription.close();
    Audience audience = index.get(subscription.topic());
    if (audience != null && audience.remove(subscription)) {
      metrics.subscribed(subscription.topic().kind(), -1);
      if (watch != null) {
        watch.unsubscribed(subscription.session, subscription.topic().name());
      }
      Sieve filter = subscription.filter();
      if (filter != null) {
        subscription.topic().release(filter);
      }
      if (audience.isEmpty()) {
        index.remove(subscription.topic());
        subscription.topic().leave(this);
        if (subscription.topic() instanceof StateTopic state) {
          subscription.session.hub().left(state);
        }
      }
    }
  }

  void deliver(OrderedTopic topic, Chunk chunk, long sinceUs) {
    Audience audience = index.get(topic);
    if (audience != null) {
      for (Subscription subscription : audience.unfiltered()) {
        ((OrderedSubscription) subscription).offer(chunk);
      }
      for (Chunk.Cut cut : chunk.cuts()) {
        for (Subscription subscription : audience.with(cut.filter())) {
          ((OrderedSubscription) subscription).offer(chunk.epoch(), cut);
        }
      }
    }
    chunk.release();
    written(sinceUs);
    if (topic.urgent()) {
      subscribers(topic).forEach(subscription -> subscription.session.flush());
    }
    flushSoon();
  }

  /** @param selector whose subscriptions get it; null for those without one */
  void deliver(
      StateTopic topic, @Nullable Selector selector, StateTopic.Changes changes, long sinceUs) {
    Audience audience = index.get(topic);
    if (audience != null) {
      for (Subscription subscription :
          selector == null ? audience.unfiltered() : audience.with(selector)) {
        ((StateSubscription) subscription).offer(changes);
      }
    }
    changes.frame().release();
    written(sinceUs);
    flushSoon();
  }

  void deliverHead(OrderedTopic topic, Heads heads) {
    for (Subscription subscription : subscribers(topic)) {
      if (subscription.asked() && subscription.session.makeRoom()) {
        ((OrderedSubscription) subscription).head(heads);
      }
    }
    heads.release();
    flushIn(HEADS_TOGETHER_US);
  }

  void restarted(OrderedTopic topic) {
    for (Subscription subscription : subscribers(topic)) {
      ((OrderedSubscription) subscription).restarted();
    }
    flushSoon();
  }

  /** A filter took too much time: who has it is told, and may not bring another one soon. */
  void evicted(OrderedTopic topic, Filter filter) {
    Audience audience = index.get(topic);
    if (audience != null) {
      audience.with(filter).forEach(subscription -> subscription.session.evicted(subscription));
    }
  }

  /** Subscribers may leave while they are served (a slow one is closed), so this is a copy. */
  private List<Subscription> subscribers(Topic topic) {
    Audience audience = index.get(topic);
    return audience == null ? List.of() : audience.all();
  }

  /** The session has bytes to flush. */
  void dirty(Session session) {
    unflushed.add(session);
  }

  Run nothingWritten() {
    return nothing;
  }

  /** {@code run} and then {@code frame}, held until the tick's flush. */
  Run longer(Run run, Frame frame) {
    return run.then(frame, runs);
  }

  void count(Topic topic, long bytes, long items) {
    Tally tally = lastTally;
    if (tally == null || tally.topic != topic) {
      tally = written.computeIfAbsent(topic, Tally::new);
      lastTally = tally;
    }
    tally.bytes += bytes;
    tally.items += items;
  }

  private void written(long sinceUs) {
    if (!written.isEmpty()) {
      oldestUnflushedUs = oldestUnflushedUs == 0 ? sinceUs : Math.min(oldestUnflushedUs, sinceUs);
    }
  }

  /** Within a tick: at once when the lane is idle. */
  void flushSoon() {
    flushIn(0);
  }

  private void flushIn(long leastUs) {
    if (unflushed.isEmpty()) {
      return;
    }
    long delayUs = Math.max(leastUs, tick.delayUs(loop.nowUs()));
    if (delayUs <= 0) {
      flush();
    } else if (!flushScheduled) {
      flushScheduled = true;
      loop.schedule(Math.max(1, delayUs / 1000), () -> {
        flushScheduled = false;
        flush();
      });
    }
  }

  private void flush() {
    long startedUs = loop.nowUs();
    for (Session session : unflushed) {
      session.flush();
    }
    unflushed.clear();
    runs.forEach(Run::release);
    runs.clear();
    nothing.forgetLonger();
    long endedUs = loop.nowUs();
    tick.flushed(startedUs, endedUs);
    long bytes = 0;
    long items = 0;
    for (Tally tally : written.values()) {
      metrics.sent(tally.topic.kind(), tally.items, tally.bytes);
      bytes += tally.bytes;
      items += tally.items;
    }
    written.clear();
    lastTally = null;
    if (oldestUnflushedUs > 0) {
      metrics.delivered(oldestUnflushedUs, endedUs, bytes, items);
    }
    oldestUnflushedUs = 0;
  }

  /** Once a second: pings, idle sessions, conflated changes that fit now. Returns the bytes queued in all sessions. */
  public long sweep() {
    long queued = 0;
    long nowUs = loop.nowUs();
    long sinceUs = nowUs - sweptUs;
    // Sweeps come six times in the idle limit, or oftener.
    boolean jumped = sweptUs > 0 && Math.abs(sinceUs) > limits.idleMs() * 1_000 / 3;
    sweptUs = nowUs;
    if (jumped) {
      sessions.forEach(session -> session.excuse(sinceUs));
    }
    for (Session session : new ArrayList<>(sessions)) {
      queued += session.sweep(nowUs);
    }
    flushSoon();
    return queued;
  }

  public List<Session> everySession() {
    return new ArrayList<>(sessions);
  }

  /** Ends every session of this lane. */
  public void closeAll(CloseCode code, String reason) {
    for (Session session : everySession()) {
      session.close(code, reason);
    }
  }
}
