package io.vedette.edge.hub;

import io.vedette.edge.metric.EdgeMetrics;
import io.vedette.edge.protocol.Position;
import io.vedette.edge.resume.Entry;
import io.vedette.edge.resume.Gaps;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Feeds an ordered topic from a bus that may lose, repeat and reorder: what is the next one goes out at once, what is missing is read from the store page by page, what was delivered is passed over. Lives
 * on one event loop; holds no publication of its own.
 */
public final class OrderedFeed {
  /** Who is one behind reads one; who is far behind comes up in few reads. */
  private static final int PAGE = 1_000;

  private static final long RETRY_MS = 500;

  private final OrderedTopic topic;
  private final Loop loop;
  private final EdgeMetrics metrics;
  private @Nullable String epoch;
  private Gaps gaps = new Gaps(-1);
  private boolean filling;
  private boolean stopped;

  public OrderedFeed(OrderedTopic topic, Loop loop, EdgeMetrics metrics) {
    this.topic = topic;
    this.loop = loop;
    this.metrics = metrics;
  }

  public OrderedTopic topic() {
    return topic;
  }

  /**
   * Publications as the bus brought them, ascending without holes among them.
   *
   * @param committedUs when they were committed; 0 where unknown
   */
  public void offer(String ofEpoch, List<Entry> entries, long arrivedUs, long committedUs) {
    if (entries.isEmpty()) {
      return;
    }
    if (!ofEpoch.equals(epoch)) {
      // Which of two incarnations is the newer one only a head can tell, and one comes every
      // second.
      return;
    }
    metrics.arrived(topic.kind(), entries.size());
    List<Entry> next = new ArrayList<>(entries.size());
    for (Entry entry : entries) {
      if (gaps.offer(entry.offset()) == Gaps.Verdict.NEXT) {
        next.add(entry);
      }
    }
    if (!next.isEmpty()) {
      topic.publish(next, arrivedUs, committedUs > 0 ? committedUs : arrivedUs);
    }
    fillIfBehind();
  }

  /** Where the topic stands according to the store, or to a peer that read it. */
  public void head(String ofEpoch, long offset) {
    if (!ofEpoch.equals(epoch)) {
      epoch = ofEpoch;
      gaps = new Gaps(offset);
      topic.open(ofEpoch, offset);
      return;
    }
    gaps.head(offset);
    fillIfBehind();
  }

  public void stop() {
    stopped = true;
  }

  /** Whether the head is known, so that subscribers can be served. */
  public boolean isOpen() {
    return epoch != null;
  }

  private void fillIfBehind() {
    if (!filling && !stopped && gaps.behind()) {
      filling = true;
      long from = gaps.next();
      String ofEpoch = epoch;
      topic
          .history()
          .read(from, PAGE)
          .whenComplete((entries, failure) -> loop.execute(() -> filled(ofEpoch, from, entries)));
    }
  }

  private void filled(@Nullable String ofEpoch, long from, @Nullable List<Entry> entries) {
    if (ofEpoch == null || !ofEpoch.equals(epoch)) {
      filling = false;
      fillIfBehind();
      return;
    }
    if (entries == null || entries.isEmpty()) {
      // The store does not answer, or does not show it yet: what was announced was committed, so it
      // will.
      metrics.storeReadFailed(topic.kind());
      loop.schedule(RETRY_MS, () -> {
        filling = false;
        fillIfBehind();
      });
      return;
    }
    filling = false;
    if (entries.get(0).offset() > from) {
      gaps.skipTo(entries.get(0).offset());
    }
    List<Entry> next = new ArrayList<>(entries.size());
    for (Entry entry : entries) {
      if (gaps.offer(entry.offset()) == Gaps.Verdict.NEXT) {
        next.add(entry);
      }
    }
    if (!next.isEmpty()) {
      long nowUs = loop.nowUs();
      topic.publish(next, nowUs, nowUs);
    }
    fillIfBehind();
  }

  /** For tests and health: the newest position delivered. */
  public @Nullable Position position() {
    return topic.position();
  }
}
