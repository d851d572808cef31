package io.vedette.edge.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vedette.edge.filter.FilterCompiler;
import io.vedette.edge.metric.EdgeMetrics;
import io.vedette.edge.protocol.CloseCode;
import io.vedette.edge.protocol.Frame;
import io.vedette.edge.protocol.FrameParser;
import io.vedette.edge.protocol.Position;
import io.vedette.edge.protocol.ServerFrames;
import io.vedette.edge.resume.Entry;
import io.vedette.edge.resume.Ring;
import io.vedette.runtime.auth.Principal;
import io.vedette.runtime.auth.Role;
import io.vedette.runtime.metrics.StageTimer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Sessions, subscriptions and topics on a loop and a socket that the test moves by hand. */
class SessionTest {
  private static final int FRAME = 100;

  private final ManualLoop loop = new ManualLoop();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final EdgeMetrics metrics = new EdgeMetrics(registry, new StageTimer(registry));
  private final Limits limits = new Limits(10 * FRAME, 3 * FRAME, 4, 100, 75_000, 10, 40, 3);
  private final Lane lane = new Lane(loop, limits, metrics);
  private final TreeMap<Long, Entry> store = new TreeMap<>();
  private final List<Long> reads = new ArrayList<>();
  private int atOnce = 5;
  private @Nullable CompletionStage<List<Entry>> answer;
  private final OrderedTopic records =
      new OrderedTopic("records", 0, false, new Ring(8, 1 << 20), this::read);
  private final Hub hub = new Hub(
      List.of(records), limits, opened -> {}, closed -> {}, new FilterCompiler(Runnable::run));

  private CompletionStage<List<Entry>> read(long from, int limit) {
    reads.add(from);
    CompletionStage<List<Entry>> next = answer;
    answer = null;
    return next != null
        ? next
        : CompletableFuture.completedFuture(
            store.tailMap(from).values().stream().limit(Math.min(limit, atOnce)).toList());
  }

  private static final class ManualLoop implements Loop {
    final Deque<Runnable> later = new ArrayDeque<>();
    long nowUs = 1_000_000;

    @Override
    public void execute(Runnable task) {
      task.run();
    }

    @Override
    public void schedule(long delayMs, Runnable task) {
      later.add(task);
    }

    @Override
    public long nowUs() {
      return nowUs;
    }
  }

  /** Takes what it is given; sends when the test says so. */
  private static final class ManualOutlet implements Outlet {
    final List<String> written = new ArrayList<>();
    final Deque<Runnable> unsent = new ArrayDeque<>();
    long pending;

    @Nullable
    CloseCode closed;

    int pings;

    @Override
    public void write(Frame frame) {
      frame.messages().forEach(message -> written.add(new String(message, StandardCharsets.UTF_8)));
    }

    @Override
    public void write(Frame frame, Runnable sent) {
      write(frame);
      unsent.add(sent);
    }

    @Override
    public void flush() {}

    @Override
    public long pendingBytes() {
      return pending;
    }

    @Override
    public void ping() {
      pings++;
    }

    @Override
    public void close(CloseCode code, String reason) {
      closed = code;
    }

    void sendAll() {
      while (!unsent.isEmpty()) {
        unsent.remove().run();
      }
    }

    /** Offsets of the records written, in order. */
    List<Long> offsets() {
      return written.stream()
          .filter(text -> text.startsWith("{\"type\":\"rec\""))
          .map(text -> Long.parseLong(text.replaceAll(".*\"position\":\"e:(-?\\d+)\".*", "$1")))
          .toList();
    }
  }

  private Session session(ManualOutlet outlet) {
    return session(
        outlet, new Principal("v", Set.of(Role.VIEWER), Set.of(1), Principal.NEVER, "v"));
  }

  private Session session(ManualOutlet outlet, Principal viewer) {
    Actions none = (principal, address, body) ->
        CompletableFuture.completedFuture(new Actions.Answer.Unknown("none"));
    return new Session(
        "s",
        Session.Door.MONITOR,
        new Session.Identity(viewer, null),
        outlet,
        lane,
        hub,
        none,
        new FrameParser(200));
  }

  private static void say(Session session, String text) {
    session.receive(ServerFrames.utf8(text));
  }

  private static void register(Session session, String headers) {
    say(session, "{\"type\":\"register\",\"address\":\"records\",\"headers\":{" + headers + "}}");
  }

  private static Entry entry(long offset) {
    return new Entry(
        offset,
        ServerFrames.rec(
            "records",
            new Position("e", offset).toString(),
            ServerFrames.utf8("{\"fill\":\"" + "x".repeat(20) + "\"}")));
  }

  private void stored(long from, long to) {
    for (long i = from; i <= to; i++) {
      store.put(i, entry(i));
    }
  }

  private void publish(long from, long to) {
    List<Entry> entries = new ArrayList<>();
    for (long i = from; i <= to; i++) {
      entries.add(entry(i));
    }
    records.publish(entries, loop.nowUs, loop.nowUs);
  }

  private static List<Long> range(long from, long to) {
    List<Long> range = new ArrayList<>();
    for (long i = from; i <= to; i++) {
      range.add(i);
    }
    return range;
  }

  @Test
  void aReplayIsNeverMoreThanAPageAheadAndEndsLiveWithoutHoleOrDouble() {
    stored(0, 29);
    records.open("e", 29);
    ManualOutlet outlet = new ManualOutlet();
    Session session = session(outlet);
    register(session, "\"position\":\"e:4\"");
    assertThat(outlet.offsets()).hasSizeLessThanOrEqualTo(4);
    assertThat(outlet.written.get(0)).contains("\"recovered\":true").contains("\"replay\":25");
    publish(30, 35); // while it replays
    stored(30, 35);
    outlet.sendAll();
    publish(36, 37);
    assertThat(outlet.offsets()).isEqualTo(range(5, 37));
  }

  @Test
  void aReplayThatRetentionCutSaysSo() {
    stored(10, 12);
    records.open("e", 12);
    ManualOutlet outlet = new ManualOutlet();
    register(session(outlet), "\"position\":\"e:3\"");
    outlet.sendAll();
    assertThat(outlet.written.get(0))
        .contains("\"recovered\":false")
        .contains("\"reason\":\"retention\"")
        .contains("\"position\":\"e:9\"");
    assertThat(outlet.offsets()).isEqualTo(range(10, 12));
  }

  @Test
  void aSlowLiveSessionIsClosedWithAResumableCodeAndTheOthersGoOn() {
    records.open("e", -1);
    ManualOutlet slow = new ManualOutlet();
    ManualOutlet quick = new ManualOutlet();
    register(session(slow), "\"position\":\"new\"");
    register(session(quick), "\"position\":\"new\"");
    slow.pending = limits.queueBytes();
    publish(0, 1);
    assertThat(slow.closed).isEqualTo(CloseCode.SLOW);
    assertThat(CloseCode.SLOW.reconnect()).isTrue();
    assertThat(slow.offsets()).isEmpty();
    assertThat(quick.offsets()).containsExactly(0L, 1L);
    assertThat(registry
            .counter(
                "vedette_edge_publications_dropped", "topic", "records", "verdict", "disconnect")
            .count())
        .isEqualTo(2);
  }

  @Test
  void aSlowSessionOfAStateTopicGetsTheNewestOfEachKeyWhenItHasRoomAgain() {
    ManualOutlet outlet = new ManualOutlet();
    Session session = session(outlet);
    say(session, "{\"type\":\"register\",\"address\":\"statistics.s\"}");
    StateTopic topic = Objects.requireNonNull(hub.statistic("s"));
    outlet.pending = limits.queueBytes();
    for (int i = 0; i < 5; i++) {
      topic.apply("a", 1, i, 0, 0, ServerFrames.utf8("{\"a\":" + i + "}"));
      topic.apply("b", 1, i, 0, 0, ServerFrames.utf8("{\"b\":" + i + "}"));
      topic.publishChanges(loop.nowUs);
    }
    assertThat(outlet.written).hasSize(1); // the snapshot
    outlet.pending = 0;
    lane.sweep();
    assertThat(outlet.written).hasSize(2);
    assertThat(outlet.written.get(1)).contains("[{\"a\":4},{\"b\":4}]");
    assertThat(outlet.closed).isNull();
    topic.apply("c", 1, 9, 0, 0, ServerFrames.utf8("{}"));
    assertThat(topic.apply("d", 1, 9, 0, 0, ServerFrames.utf8("{}"))).isFalse();
    assertThat(topic.takeRefused()).isEqualTo(1);
  }

  @Test
  void aNewIncarnationStartsEverySubscriptionAnewAndSaysSo() {
    records.open("e", 3);
    ManualOutlet outlet = new ManualOutlet();
    register(session(outlet), "\"position\":\"new\"");
    records.open("f", 1);
    assertThat(outlet.written.get(1))
        .contains("\"position\":\"f:1\"")
        .contains("\"recovered\":false")
        .contains("\"reason\":\"epoch\"");
  }

  @Test
  void historyThatCannotBeReadRefusesTheSubscriptionNotTheSession() {
    records.open("e", 10);
    answer = CompletableFuture.failedFuture(new IllegalStateException("down"));
    ManualOutlet outlet = new ManualOutlet();
    Session session = session(outlet);
    register(session, "\"position\":\"e:1\"");
    assertThat(outlet.written).hasSize(1).first().asString().contains("registration_failure");
    assertThat(outlet.closed).isNull();
    stored(0, 10);
    register(session, "\"position\":\"e:1\"");
    outlet.sendAll();
    assertThat(outlet.offsets()).isEqualTo(range(2, 10));
  }

  /** So many seconds, with a look each second. */
  private void pass(int seconds) {
    for (int i = 0; i < seconds; i++) {
      loop.nowUs += 1_000_000;
      lane.sweep();
    }
  }

  @Test
  void aClockThatJumpedIsNoSilenceOfTheClient() {
    ManualOutlet outlet = new ManualOutlet();
    Session session = session(outlet);
    pass(2);
    loop.nowUs += 3_600_000_000L;
    lane.sweep();
    assertThat(session.isClosed()).as("an hour asleep").isFalse();
    loop.nowUs -= 7_200_000_000L;
    lane.sweep();
    pass(70);
    assertThat(session.isClosed()).as("two hours back").isFalse();
    pass(10);
    assertThat(outlet.closed).as("silence itself").isEqualTo(CloseCode.IDLE);
  }

  @Test
  void silenceIsAnsweredByPingsThenByTheEnd() {
    ManualOutlet outlet = new ManualOutlet();
    Session session = session(outlet);
    pass(30);
    assertThat(outlet.pings).isEqualTo(1);
    session.heard();
    pass(74);
    assertThat(outlet.closed).isNull();
    pass(2);
    assertThat(outlet.closed).isEqualTo(CloseCode.IDLE);
    assertThat(lane.sessions()).isZero();
  }

  @Test
  void whoMayNotReadIsRefusedAndThatIsTold() {
    List<String> told = new ArrayList<>();
    lane.watch(new Lane.Watch() {
      @Override
      public void denied(Session session, String topic) {
        told.add(session.principal().name() + " denied " + topic);
      }

      @Override
      public void subscribed(Session session, String topic) {
        told.add(session.principal().name() + " subscribed " + topic);
      }

      @Override
      public void unsubscribed(Session session, String topic) {
        told.add(session.principal().name() + " unsubscribed " + topic);
      }
    });
    records.open("e", -1);
    ManualOutlet outlet = new ManualOutlet();
    Session session =
        session(outlet, new Principal("w", Set.of(Role.VIEWER), Set.of(2), Principal.NEVER, "w"));
    register(session, "");
    assertThat(outlet.written).singleElement().asString().contains("access_denied");
    assertThat(told).containsExactly("w denied records");
  }

  @Test
  void subscriptionsAndAddressesAreBounded() {
    records.open("e", -1);
    ManualOutlet outlet = new ManualOutlet();
    Session session = session(outlet);
    for (int i = 0; i < 5; i++) {
      say(session, "{\"type\":\"register\",\"address\":\"statistics.s" + i + "\"}");
    }
    assertThat(outlet.written.get(4)).contains("max_handlers_reached");
    say(session, "{\"type\":\"unregister\",\"address\":\"statistics.s0\"}");
    register(session, "");
    register(session, "");
    assertThat(outlet.written.get(5)).contains("address_already_registered");
  }

  @Test
  void aFeedFillsHolesFromTheStoreInOrderAndPassesOverWhatItHad() {
    OrderedFeed feed = new OrderedFeed(records, loop, metrics);
    ManualOutlet outlet = new ManualOutlet();
    feed.head("e", -1);
    register(session(outlet), "\"position\":\"new\"");
    stored(0, 20);
    feed.offer("e", List.of(entry(0)), 1, 0);
    feed.offer("e", List.of(entry(0)), 1, 0);
    feed.offer("e", List.of(entry(7)), 1, 0);
    feed.offer("other", List.of(entry(8)), 1, 0);
    feed.head("e", 20);
    outlet.sendAll();
    assertThat(outlet.offsets()).isEqualTo(range(0, 20));
    assertThat(reads.get(0)).isEqualTo(1);
  }

  @Test
  void aFeedFarBehindComesUpInFewReads() {
    OrderedFeed feed = new OrderedFeed(records, loop, metrics);
    feed.head("e", -1);
    atOnce = Integer.MAX_VALUE;
    stored(0, 2_999);
    feed.head("e", 2_999);
    assertThat(reads).containsExactly(0L, 1_000L, 2_000L);
    assertThat(feed.position()).isEqualTo(new Position("e", 2_999));
  }

  @Test
  void aFeedAsksAgainUntilTheStoreShowsWhatWasAnnounced() {
    OrderedFeed feed = new OrderedFeed(records, loop, metrics);
    feed.head("e", -1);
    ManualOutlet outlet = new ManualOutlet();
    register(session(outlet), "\"position\":\"new\"");
    feed.head("e", 1);
    assertThat(outlet.offsets()).isEmpty();
    stored(0, 1);
    loop.later.remove().run();
    assertThat(outlet.offsets()).containsExactly(0L, 1L);
  }
}
