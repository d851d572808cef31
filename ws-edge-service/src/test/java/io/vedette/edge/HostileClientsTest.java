package io.vedette.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.edge.RawSocket.Seen;
import io.vedette.model.Stamps;
import io.vedette.model.StatisticUpdate;
import io.vedette.runtime.Addresses;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that are slow, silent or mean, at socket level: each meets its bound and its verdict, and nobody else notices. */
@Timeout(180)
class HostileClientsTest {
  private static final Map<String, String> OPEN = Map.of("edge.auth.anonymous-role", "viewer");
  private static final String RECORDS =
      "{\"type\":\"register\",\"address\":\"records\",\"headers\":{\"position\":\"new\"}}";

  private static Map<String, String> open(String... more) {
    Map<String, String> sets = new TreeMap<>(OPEN);
    for (int i = 0; i < more.length; i += 2) {
      sets.put(more[i], more[i + 1]);
    }
    return sets;
  }

  /** One that behaves: asks for records and reads what comes, on a thread of its own. */
  private static final class Reader {
    final AtomicLong read = new AtomicLong();
    final CompletableFuture<Void> done;

    Reader(RunningEdge edge, int records) throws Exception {
      RawSocket socket = new RawSocket(edge.port, "/monitor");
      socket.say(RECORDS);
      JsonObject registered = new JsonObject(socket.nextBut("welcome").text());
      assertThat(registered.getString("type")).isEqualTo("registered");
      String position = registered.getString("position");
      long first = Long.parseLong(position.substring(position.indexOf(':') + 1)) + 1;
      done = CompletableFuture.runAsync(() -> read(socket, first, records));
    }

    private void read(RawSocket socket, long first, int records) {
      try (socket) {
        for (long index = first; index < first + records; index++) {
          assertThat(socket.nextBut("head").text()).contains("\"position\":\"e1:" + index + "\"");
          read.incrementAndGet();
        }
      } catch (IOException broken) {
        throw new AssertionError(broken);
      }
    }

    void await() throws Exception {
      done.get(60, TimeUnit.SECONDS);
    }
  }

  private static void assertServes(RunningEdge edge) throws Exception {
    Reader reader = new Reader(edge, 1);
    edge.publish(1);
    reader.await();
  }

  /** A socket whose kernel takes little, so that what it does not read waits at the server. */
  private static RawSocket narrow(RunningEdge edge, String path) throws Exception {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(8 << 10);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), edge.port));
    return new RawSocket(socket, path);
  }

  private static double closed(RunningEdge edge, String code) {
    return edge.metric("vedette_edge_sessions_closed_total", "code=\"" + code + "\"");
  }

  @Test
  void whoNeverEndsItsRequestIsCutAndOthersAreServed() throws Exception {
    try (RunningEdge edge = new RunningEdge(1, open("edge.http.request-limit", "1s"))) {
      byte[] head = RawSocket.upgrade("localhost", "/monitor").getBytes(StandardCharsets.US_ASCII);
      List<Socket> slow = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        Socket socket = RawSocket.connect(edge.port);
        socket.getOutputStream().write(head, 0, 10 + i % (head.length - 12));
        slow.add(socket);
      }
      assertServes(edge);
      // A byte now and then keeps an idle timeout quiet for ever.
      long trickle = edge.vertx.setPeriodic(100, tick -> {
        for (Socket socket : slow) {
          try {
            socket.getOutputStream().write('x');
          } catch (IOException cut) {
            assertThat(cut).isNotNull();
          }
        }
      });
      RunningEdge.until(
          "every slow one is cut",
          () -> edge.metric("vedette_edge_connections_cut_total", "") >= 200);
      edge.vertx.cancelTimer(trickle);
      assertServes(edge);
      for (Socket socket : slow) {
        socket.close();
      }
    }
  }

  /** 10,000 with {@code -Plong}; each needs a file descriptor here and one in the crowd's process. */
  @Test
  void idleConnectionsAndIdleSessionsSurviveEachOther() throws Exception {
    int idle = Boolean.getBoolean("vedette.long") ? 10_000 : 2_000;
    assertThat(descriptors()).as("file descriptors, see ulimit -n").isGreaterThanOrEqualTo(idle);
    try (RunningEdge edge = new RunningEdge(1, open("edge.http.request-limit", "10m"))) {
      try (IdleCrowd crowd = IdleCrowd.open(edge.port, idle)) {
        RunningEdge.until("all sessions open", () -> edge.sessions() == idle / 2.0);
        Reader reader = new Reader(edge, 100);
        for (int i = 0; i < 20; i++) {
          edge.publish(5);
        }
        reader.await();
        assertThat(crowd.isThere()).isTrue();
        assertThat(edge.sessions())
            .as("idle, and still there")
            .isBetween(idle / 2.0, idle / 2.0 + 1);
      }
      RunningEdge.until("all sessions gone", () -> edge.sessions() == 0);
    }
  }

  /** What the operating system leaves us, less what the process itself needs. */
  private static int descriptors() {
    return java.lang.management.ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.UnixOperatingSystemMXBean unix
        ? (int) Math.min(1 << 20, unix.getMaxFileDescriptorCount()) - 1_000
        : Integer.MAX_VALUE;
  }

  /** A network that is gone says nothing: no FIN, no RST, no pong. */
  @Test
  void aHalfOpenConnectionIsNoticed() throws Exception {
    try (RunningEdge edge = new RunningEdge(1, open("edge.session.idle-limit", "600ms"));
        RawSocket dead = new RawSocket(edge.port, "/monitor");
        RawSocket alive = new RawSocket(edge.port, "/monitor")) {
      boolean pinged = false;
      while (closed(edge, "idle") == 0) {
        Seen seen = alive.next();
        if (seen.opcode() == RawSocket.PING) {
          pinged = true;
          alive.send(RawSocket.frame(0x80 | RawSocket.PONG, seen.payload()));
        }
      }
      assertThat(pinged).isTrue();
      assertThat(edge.sessions()).as("the one that answers pings stays").isEqualTo(1);
      dead.nextBut("welcome"); // the ping it slept through
      assertThat(dead.closeCode()).isEqualTo(4410);
    }
  }

  @Test
  void whoStopsReadingAnOrderedTopicIsDisconnectedAndNobodyElse() throws Exception {
    try (RunningEdge edge = new RunningEdge(1, open("edge.session.queue", "128KiB"));
        RawSocket deaf = narrow(edge, "/monitor")) {
      deaf.say(RECORDS);
      assertThat(deaf.nextBut("welcome").text()).contains("registered");
      int batches = 100;
      Reader reader = new Reader(edge, batches * 5);
      String filler = "f".repeat(20_000);
      for (int i = 1; i <= batches; i++) {
        edge.publish(5, filler);
        long published = 5L * i;
        RunningEdge.until(
            "the reader gets them",
            () -> reader.read.get() == published || reader.done.isCompletedExceptionally());
      }
      reader.await();
      assertThat(closed(edge, "slow")).isEqualTo(1);
      assertThat(edge.metric("vedette_edge_publications_dropped_total", "disconnect"))
          .isGreaterThan(0);
      RunningEdge.until("its queue is gone", () -> edge.sessions() == 0);
    }
  }

  private static void publishKeys(RunningEdge edge, long batch, int keys) {
    List<StatisticUpdate.Value> values = new ArrayList<>();
    for (int i = 0; i < keys; i++) {
      values.add(new StatisticUpdate.Value(
          0,
          1,
          new TreeMap<>(Map.of("key", "key-" + i)),
          RunningEdge.BATCH_AT_US,
          RunningEdge.BATCH_AT_US + batch,
          new TreeMap<>(Map.of("last", (double) batch))));
    }
    edge.vertx
        .eventBus()
        .publish(
            Addresses.statistic("host"),
            new StatisticUpdate(
                1, "host", batch, RunningEdge.BATCH_AT_US + batch, values, Stamps.UNKNOWN));
  }

  @Test
  void whoStopsReadingAStateTopicGetsTheNewestWhenItReadsAgain() throws Exception {
    try (RunningEdge edge = new RunningEdge(1, open("edge.session.queue", "64KiB"));
        RawSocket deaf = narrow(edge, "/monitor")) {
      deaf.say("{\"type\":\"register\",\"address\":\"statistics.host\"}");
      assertThat(deaf.nextBut("welcome").text()).contains("\"snapshot\":true");
      long[] batch = {0};
      RunningEdge.until("messages are conflated", () -> {
        // The next when the edge has the one before: the bus between them has no bound.
        if (edge.metric("vedette_edge_publications_received_total", "statistics") == batch[0]) {
          publishKeys(edge, ++batch[0], 8_000);
        }
        return edge.metric("vedette_edge_publications_dropped_total", "conflate") > 3;
      });
      publishKeys(edge, ++batch[0], 8_000);
      assertThat(edge.metric("vedette_edge_sessions_closed_total", "")).isZero();
      TreeMap<String, Double> newest = new TreeMap<>();
      while (newest.size() < 8_000 || newest.values().stream().anyMatch(last -> last < batch[0])) {
        JsonObject message = new JsonObject(deaf.next().text());
        message
            .getJsonObject("body")
            .getJsonArray("values")
            .forEach(value -> newest.put(
                ((JsonObject) value).getJsonObject("key").getString("key"),
                ((JsonObject) value).getJsonObject("fields").getDouble("last")));
      }
    }
  }

  /** A replay waits for its reader: it is no reason to disconnect, and no more than a page waits. */
  @Test
  void whoStopsReadingAReplayHoldsAPageAndNoMore() throws Exception {
    try (RunningEdge edge = new RunningEdge(0, OPEN)) {
      String filler = "f".repeat(20_000);
      edge.publish(1_000, filler);
      RunningEdge.until(
          "the edge has them",
          () -> edge.metric("vedette_edge_publications_received_total", "records") == 1_000);
      try (RawSocket deaf = narrow(edge, "/monitor")) {
        deaf.say(
            "{\"type\":\"register\",\"address\":\"records\",\"headers\":{\"position\":\"e1:-1\"}}");
        RunningEdge.until("the replay has stopped", () -> {
          double before = edge.metric("vedette_edge_publications_replayed_total", "records");
          assertServesQuietly(edge);
          return before > 0
              && before == edge.metric("vedette_edge_publications_replayed_total", "records");
        });
        assertThat(edge.metric("vedette_edge_publications_replayed_total", "records"))
            .isLessThan(900);
        Seen seen = deaf.nextBut("welcome", "registered", "head");
        for (int index = 0; index < 1_000; index++) {
          assertThat(seen.text()).contains("\"position\":\"e1:" + index + "\"");
          seen = deaf.nextBut("head");
        }
      }
    }
  }

  private static void assertServesQuietly(RunningEdge edge) {
    try {
      assertServes(edge);
    } catch (Exception broken) {
      throw new AssertionError(broken);
    }
  }

  /** Pings are answered by us, errors too: who asks without reading makes us keep the answers. */
  @Test
  void whoAsksWithoutReadingIsCutOff() throws Exception {
    try (RunningEdge edge =
        new RunningEdge(1, open("edge.session.message-rate", "100000"))) { // the queue as shipped
      byte[] ping = RawSocket.frame(0x80 | RawSocket.PING, new byte[125]);
      byte[] wrong =
          RawSocket.text("{\"type\":\"register\",\"address\":\"" + "a".repeat(150) + "\"}");
      for (byte[] question : List.of(ping, wrong)) {
        double before = closed(edge, "slow");
        try (RawSocket deaf = narrow(edge, "/eventbus/websocket")) {
          boolean open = true;
          for (int i = 0; i < 400_000 && open; i += 100) {
            byte[][] hundred = new byte[100][];
            java.util.Arrays.fill(hundred, question);
            open = deaf.send(RawSocket.join(hundred)) && closed(edge, "slow") == before;
          }
        }
        assertThat(closed(edge, "slow")).isEqualTo(before + 1);
      }
      assertServes(edge);
    }
  }

  @Test
  void pingsAndFragmentsCountAsWhatTheyAre() throws Exception {
    try (RunningEdge edge = new RunningEdge(1, open("edge.session.message-rate", "10"))) {
      byte[][] many = new byte[2_000][];
      java.util.Arrays.fill(many, RawSocket.frame(0x80 | RawSocket.PING, new byte[0]));
      byte[][] fragments = new byte[2_000][];
      java.util.Arrays.fill(fragments, RawSocket.frame(RawSocket.CONTINUATION, new byte[0]));
      fragments[0] = RawSocket.frame(RawSocket.TEXT, new byte[0]);
      byte[][] pongs = new byte[2_000][];
      java.util.Arrays.fill(pongs, RawSocket.frame(0x80 | RawSocket.PONG, new byte[0]));
      for (byte[][] flood : List.of(many, fragments, pongs)) {
        try (RawSocket socket = new RawSocket(edge.port, "/monitor")) {
          socket.send(RawSocket.join(flood));
          assertThat(socket.closeCode()).isEqualTo(4429);
        }
      }
    }
  }

  @Test
  void oneSessionTooManyIsRefusedAndTheNextAfterOneLeftIsNot() throws Exception {
    try (RunningEdge edge = new RunningEdge(1, open("edge.session.max", "5"))) {
      List<RawSocket> five = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        five.add(new RawSocket(edge.port, "/monitor"));
        assertThat(five.get(i).next().text()).contains("welcome");
      }
      try (RawSocket sixth = new RawSocket(edge.port, "/monitor")) {
        assertThat(sixth.closeCode()).isEqualTo(4503);
      }
      assertThat(edge.metric("vedette_edge_sessions_refused_total", "too_many")).isEqualTo(1);
      five.remove(0).close();
      RunningEdge.until("one has left", () -> edge.sessions() == 4);
      try (RawSocket next = new RawSocket(edge.port, "/monitor")) {
        assertThat(next.next().text()).contains("welcome");
      }
      five.forEach(RawSocket::close);
    }
  }

  /** Names that clients invent take a subscription each while they are held, and nothing after. */
  @Test
  void aHundredThousandTopicsLeaveRoomForTheNextOne() throws Exception {
    try (RunningEdge edge = new RunningEdge(1, open("edge.session.message-rate", "100000"))) {
      try (RawSocket socket = new RawSocket(edge.port, "/eventbus/websocket")) {
        int registered = 0;
        int refused = 0;
        for (int i = 0; i < 100_000; i += 500) {
          for (int j = i; j < i + 500; j++) {
            socket.say("{\"type\":\"register\",\"address\":\"statistics.t" + j + "\"}");
            if (j % 500 >= 250) { // the first half is held until the session's own limit says no
              socket.say("{\"type\":\"unregister\",\"address\":\"statistics.t" + j + "\"}");
            }
          }
          for (int j = 0; j < 500; j++) {
            String answer = socket.next().text();
            if (answer.contains("\"snapshot\":true")) {
              registered++;
            } else {
              assertThat(answer).contains("max_handlers_reached");
              refused++;
            }
          }
        }
        assertThat(registered).isGreaterThanOrEqualTo(200);
        assertThat(registered + refused).isEqualTo(100_000);
      }
      RunningEdge.until(
          "subscriptions end", () -> edge.metric("vedette_edge_subscriptions", "") == 0);
      // Several that come and go, so that all together ask for more names than the edge follows.
      for (int client = 0; client < 6; client++) {
        try (RawSocket socket = new RawSocket(edge.port, "/eventbus/websocket")) {
          for (int i = 0; i < 190; i++) {
            socket.say(
                "{\"type\":\"register\",\"address\":\"statistics.c" + client + "-" + i + "\"}");
            assertThat(socket.next().text()).contains("\"snapshot\":true");
          }
        }
        RunningEdge.until(
            "subscriptions end", () -> edge.metric("vedette_edge_subscriptions", "") == 0);
      }
      try (RawSocket socket = new RawSocket(edge.port, "/eventbus/websocket")) {
        socket.say("{\"type\":\"register\",\"address\":\"statistics.real\"}");
        assertThat(socket.next().text()).contains("\"snapshot\":true");
        RunningEdge.until("its publications arrive", () -> {
          edge.publishStatistic("real", 1, "k", 2.5);
          return edge.metric("vedette_edge_publications_received_total", "statistics") > 0;
        });
        assertThat(socket.next().text()).contains("2.5");
      }
    }
  }
}
