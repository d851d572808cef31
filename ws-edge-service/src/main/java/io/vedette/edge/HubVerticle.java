package io.vedette.edge;

import io.vedette.edge.api.EdgeStore;
import io.vedette.edge.filter.FilterCompiler;
import io.vedette.edge.filter.FilterIndex;
import io.vedette.edge.hub.Hub;
import io.vedette.edge.hub.Limits;
import io.vedette.edge.hub.OrderedFeed;
import io.vedette.edge.hub.OrderedTopic;
import io.vedette.edge.hub.StateTopic;
import io.vedette.edge.metric.EdgeMetrics;
import io.vedette.edge.protocol.Bodies;
import io.vedette.edge.protocol.Position;
import io.vedette.edge.protocol.ServerFrames;
import io.vedette.edge.queue.Pace;
import io.vedette.edge.resume.Entry;
import io.vedette.edge.resume.Ring;
import io.vedette.edge.resume.StatisticMemory;
import io.vedette.model.Batch;
import io.vedette.model.NodeStatus;
import io.vedette.model.Publication;
import io.vedette.model.Series;
import io.vedette.model.StatisticUpdate;
import io.vedette.model.TopicHeads;
import io.vedette.runtime.Addresses;
import io.vedette.runtime.ServiceContext;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One clustered consumer per topic of this node, whatever the number of browsers; encodes a publication once and hands it to the lanes. Sole writer of the topics. */
final class HubVerticle extends VerticleBase {
  private static final Logger log = LoggerFactory.getLogger(HubVerticle.class);
  private static final int TRAIL = 1;
  private static final long SECOND_MS = 1_000;
  private static final long DISCOVER_MS = 10_000;

  /** Heads come every second; after three without one we ask the store ourselves. */
  private static final long HEADS_LATE_US = 3_000_000;

  private static final long STATE_TICK_US = 100_000;
  private static final long STATE_KEY_LIFE_US = 15L * 60 * 1_000_000;
  /** A pane is at most a minute long, and stored some seconds after its end. */
  private static final long SEED_US = 3L * 60 * 1_000_000;

  /** Epoch of a stored value: any that is published replaces it. */
  private static final long STORED = -1;

  private static final long NODE_LIFE_US = 30L * 1_000_000;

  private final ServiceContext ctx;
  private final EdgeStore store;
  private final StatisticMemory memory;
  private final EdgeMetrics metrics;
  private final Hub hub;

  /** One thread: whatever clients bring to be compiled leaves the other processors to the loops. */
  private final WorkerExecutor compiling;

  private final Map<String, OrderedTopic> ordered = new LinkedHashMap<>();
  private final Map<String, OrderedFeed> feeds = new LinkedHashMap<>();
  private final Map<StateTopic, Pace> paces = new HashMap<>();
  private final Map<StateTopic, MessageConsumer<?>> followed = new HashMap<>();
  private final List<MessageConsumer<?>> consumers = new ArrayList<>();
  private final List<StateTopic> openedEarly = new ArrayList<>();
  private VertxLoop loop;
  private Future<Void> seeding = Future.succeededFuture();
  private long headsUs;
  private boolean askingHeads;
  private boolean stopped;

  @SuppressWarnings("NullAway.Init") // the loop is known when the verticle starts
  HubVerticle(
      ServiceContext ctx,
      EdgeStore store,
      StatisticMemory memory,
      EdgeMetrics metrics,
      Limits limits) {
    this.ctx = ctx;
    this.store = store;
    this.memory = memory;
    this.metrics = metrics;
    topic("records", 0, false);
    topic("findings", 1, false);
    topic("alerts", 1, true);
    topic("notifications", 1, true);
    this.compiling = ctx.vertx().createSharedWorkerExecutor("vedette-filters", 1);
    this.hub = new Hub(
        List.copyOf(ordered.values()),
        limits,
        this::statisticOpened,
        this::statisticClosed,
        new FilterCompiler(this::besides));
  }

  Hub hub() {
    return hub;
  }

  /** Whether ordered topics can be served: their heads are known. */
  boolean isOpen() {
    return feeds.values().stream().allMatch(OrderedFeed::isOpen);
  }

  private void topic(String name, long first, boolean urgent) {
    Ring ring = new Ring(
        ctx.config().get(EdgeConfig.RING_ENTRIES), ctx.config().get(EdgeConfig.RING_BYTES));
    ordered.put(
        name,
        new OrderedTopic(
            name,
            first,
            urgent,
            ring,
            (from, limit) -> history(name, from, limit).toCompletionStage(),
            new FilterIndex(ctx.config().get(EdgeConfig.MAX_FILTERS), System::nanoTime),
            name.equals("records") ? ctx.config().get(EdgeConfig.SAMPLE_ABOVE) : 0));
  }

  @Override
  public Future<?> start() {
    loop = new VertxLoop(vertx, context);
    ordered.forEach((name, topic) -> feeds.put(name, new OrderedFeed(topic, loop, metrics)));
    this.<Batch>consume(Addresses.RECORD_APPENDED, this::appended);
    this.<Publication>consume(Addresses.FINDING_RAISED, this::published);
    this.<Publication>consume(Addresses.ALERT_CHANGED, this::published);
    this.<Publication>consume(Addresses.NOTIFICATION_SENT, this::published);
    this.<TopicHeads>consume(Addresses.TOPIC_HEADS, this::told);
    this.<NodeStatus>consume(Addresses.NODE_STATUS, this::node);
    List<StateTopic> early;
    synchronized (openedEarly) {
      early = List.copyOf(openedEarly);
      openedEarly.clear();
    }
    early.forEach(this::follow);
    vertx.setPeriodic(SECOND_MS, tick -> everySecond());
    vertx.setPeriodic(DISCOVER_MS, tick -> discover());
    askHeads();
    seedCluster();
    discover();
    List<Future<Void>> registered = new ArrayList<>();
    consumers.forEach(consumer -> registered.add(consumer.completion()));
    return Future.all(registered);
  }

  @Override
  public Future<?> stop() {
    stopped = true;
    feeds.values().forEach(OrderedFeed::stop);
    List<Future<Void>> left = new ArrayList<>();
    consumers.forEach(consumer -> left.add(consumer.unregister()));
    left.add(compiling.close());
    return Future.join(left);
  }

  /** On any thread. */
  private void besides(Runnable task) {
    compiling
        .executeBlocking(
            () -> {
              task.run();
              return true;
            },
            true)
        .onFailure(failure -> log.debug("not compiled: {}", failure.toString()));
  }

  private <T> MessageConsumer<T> consume(String address, java.util.function.Consumer<T> handler) {
    MessageConsumer<T> consumer =
        vertx.eventBus().consumer(address, message -> handler.accept(message.body()));
    consumers.add(consumer);
    return consumer;
  }

  // ordered topics

  private void appended(Batch batch) {
    OrderedFeed feed = feed("records");
    if (batch.trail() != TRAIL || batch.count() == 0) {
      return;
    }
    if (!batch.inline()) {
      if (feed.isOpen()) {
        feed.head(batch.epoch(), batch.endIndex() - 1);
      }
      return;
    }
    String at = Bodies.time(batch.atUs());
    List<Entry> entries = new ArrayList<>(batch.count());
    long index = batch.firstIndex();
    for (byte[] canonical : batch.records()) {
      entries.add(record(batch.epoch(), index++, at, canonical));
    }
    feed.offer(batch.epoch(), entries, loop.nowUs(), batch.stamps().committedUs());
  }

  private static Entry record(String epoch, long index, String at, byte[] canonical) {
    byte[] body = ServerFrames.recordBody(index, at.isEmpty() ? null : at, canonical);
    byte[] frame = ServerFrames.rec("records", new Position(epoch, index).toString(), body);
    return Entry.of(index, frame, body.length, canonical.length);
  }

  private void published(Publication publication) {
    OrderedFeed feed = feeds.get(publication.topic());
    if (feed == null || publication.trail() != TRAIL) {
      log.debug("publication of topic {} passed over", publication.topic());
      return;
    }
    feed.offer(
        publication.epoch(),
        List.of(entry(publication)),
        loop.nowUs(),
        publication.stamps().committedUs());
  }

  private static Entry entry(Publication publication) {
    byte[] frame = ServerFrames.rec(
        publication.topic(),
        new Position(publication.epoch(), publication.offset()).toString(),
        publication.json());
    return Entry.of(
        publication.offset(), frame, publication.json().length, publication.json().length);
  }

  /** What the store remembers, encoded as when it was new. Called on lanes' loops as well. */
  private Future<List<Entry>> history(String topic, long from, int limit) {
    if (!topic.equals("records")) {
      return store
          .publications(topic, from, limit)
          .map(found -> found.stream().map(HubVerticle::entry).toList());
    }
    OrderedTopic records = ordered.get("records");
    Position now = records == null ? null : records.position();
    String epoch = now == null ? "" : now.epoch();
    return store.recordsFrom(from, limit).map(rows -> rows.stream()
        .map(row -> record(
            epoch, row.index(), row.atUs() == 0 ? "" : Bodies.time(row.atUs()), row.canonical()))
        .toList());
  }

  /** Which of two incarnations is the one in force only the store can tell: a neighbour may still live in the former. */
  private void told(TopicHeads heads) {
    if (heads.trail() != TRAIL) {
      return;
    }
    Position known = feed("records").position();
    if (known != null && known.epoch().equals(heads.epoch())) {
      heads(heads);
    } else {
      askHeads();
    }
  }

  private void heads(TopicHeads heads) {
    headsUs = loop.nowUs();
    feeds.forEach((name, feed) -> {
      Long offset = heads.offsets().get(name);
      feed.head(heads.epoch(), offset == null ? feed.topic().first() - 1 : offset);
    });
  }

  private void everySecond() {
    if (loop.nowUs() - headsUs > HEADS_LATE_US) {
      askHeads();
    }
    ordered.values().forEach(OrderedTopic::announceHead);
    ordered
        .values()
        .forEach(topic -> metrics.filters(topic.kind(), topic.filters(), topic.takeEvictions()));
    expire(hub.cluster(), NODE_LIFE_US);
    followed.keySet().forEach(topic -> expire(topic, STATE_KEY_LIFE_US));
  }

  private void expire(StateTopic topic, long lifeUs) {
    long nowUs = loop.nowUs();
    if (topic.expire(nowUs - lifeUs)) {
      changed(topic, nowUs, nowUs);
    }
  }

  private void askHeads() {
    if (askingHeads || stopped) {
      return;
    }
    askingHeads = true;
    store
        .heads()
        .onSuccess(heads -> loop.execute(() -> heads(heads)))
        .onFailure(failure -> log.debug("heads cannot be read: {}", failure.toString()))
        .onComplete(done -> loop.execute(() -> askingHeads = false));
  }

  private OrderedFeed feed(String topic) {
    OrderedFeed feed = feeds.get(topic);
    if (feed == null) {
      throw new IllegalStateException("no feed of " + topic);
    }
    return feed;
  }

  // state topics

  /** On any thread; before the start it waits for it. */
  private void statisticOpened(StateTopic topic) {
    synchronized (openedEarly) {
      if (loop == null) {
        openedEarly.add(topic);
        return;
      }
    }
    loop.execute(() -> follow(topic));
  }

  private void follow(StateTopic topic) {
    if (stopped) {
      return;
    }
    String name = topic.name().substring(Hub.STATISTICS.length());
    paces.put(topic, new Pace(STATE_TICK_US));
    followed.put(
        topic,
        this.<StatisticUpdate>consume(Addresses.statistic(name), update -> updated(topic, update)));
    // One after the other: at the start there may be hundreds.
    seeding = seeding.eventually(() -> seed(topic, name));
  }

  /** What the store has of the last minutes is shown until the first update comes; any update replaces it. */
  private Future<Void> seed(StateTopic topic, String name) {
    if (stopped || topic.size() > 0) {
      return Future.succeededFuture();
    }
    long nowUs = loop.nowUs();
    return store
        .statistic(name, nowUs - SEED_US, nowUs)
        .onSuccess(found -> loop.execute(() -> seeded(topic, found)))
        .onFailure(failure -> log.debug("{}: {}", topic.name(), failure.toString()))
        .mapEmpty();
  }

  private void seeded(StateTopic topic, List<StatisticMemory.History> found) {
    long nowUs = loop.nowUs();
    boolean any = false;
    for (StatisticMemory.History history : found) {
      if (!history.points().isEmpty()) {
        StatisticMemory.Point last = history.points().get(history.points().size() - 1);
        SortedMap<String, Double> fields = new TreeMap<>();
        for (int i = 0; i < history.fields().size(); i++) {
          fields.put(history.fields().get(i), last.fields()[i]);
        }
        StatisticUpdate.Value value =
            new StatisticUpdate.Value(0, 0, history.key(), last.endUs(), last.endUs(), fields);
        any |= topic.apply(
            Series.of("key", history.key()).toString(),
            STORED,
            0,
            last.endUs(),
            nowUs,
            Bodies.value(value),
            history.key());
      }
    }
    if (any) {
      changed(topic, nowUs, nowUs);
    }
  }

  /** On any thread. */
  private void statisticClosed(StateTopic topic) {
    loop.execute(() -> {
      paces.remove(topic);
      MessageConsumer<?> consumer = followed.remove(topic);
      if (consumer != null) {
        consumers.remove(consumer);
        consumer
            .unregister()
            .onFailure(failure -> log.debug("{}: {}", topic.name(), failure.toString()));
      }
    });
  }

  private void updated(StateTopic topic, StatisticUpdate update) {
    if (update.trail() != TRAIL) {
      return;
    }
    long nowUs = loop.nowUs();
    metrics.arrived(topic.kind(), 1);
    memory.add(update);
    for (StatisticUpdate.Value value : update.values()) {
      topic.apply(
          Series.of("key", value.key()).toString(),
          value.epoch(),
          update.batch(),
          update.atUs(),
          nowUs,
          Bodies.value(value),
          value.key());
    }
    metrics.dropped(topic.kind(), "full", topic.takeRefused());
    long committedUs = update.stamps().committedUs();
    changed(topic, nowUs, committedUs > 0 ? committedUs : nowUs);
  }

  private void node(NodeStatus node) {
    metrics.arrived("cluster", 1);
    applied(node, node.startedUs(), node.aliveUs());
    clusterChanged();
  }

  /** Who lives stands in the store before each of them has told it anew. */
  private void seedCluster() {
    store
        .nodes()
        .onSuccess(live -> loop.execute(() -> {
          live.forEach(node -> applied(node, STORED, 0));
          clusterChanged();
        }))
        .onFailure(failure -> log.debug("nodes cannot be read: {}", failure.toString()));
  }

  private void applied(NodeStatus node, long epoch, long batch) {
    hub.cluster().apply(node.id(), epoch, batch, node.aliveUs(), loop.nowUs(), Bodies.node(node));
  }

  private void clusterChanged() {
    metrics.dropped("cluster", "full", hub.cluster().takeRefused());
    changed(hub.cluster(), loop.nowUs(), loop.nowUs());
  }

  private void changed(StateTopic topic, long nowUs, long sinceUs) {
    Pace pace = paces.computeIfAbsent(topic, absent -> new Pace(STATE_TICK_US));
    long delayUs = pace.changed(nowUs, sinceUs);
    if (delayUs == 0) {
      topic.publishChanges(pace.take(nowUs));
    } else if (delayUs > 0) {
      long turn = pace.turn();
      loop.schedule(delayUs / 1_000, () -> {
        if (pace.isWaiting(turn)) {
          topic.publishChanges(pace.take(loop.nowUs()));
        }
      });
    }
  }

  /** Follows every statistic the store knows, so that a first subscriber finds its values here. */
  private void discover() {
    store
        .statistics()
        .onSuccess(names -> names.forEach(hub::statistic))
        .onFailure(failure -> log.debug("statistics cannot be listed: {}", failure.toString()));
  }
}
