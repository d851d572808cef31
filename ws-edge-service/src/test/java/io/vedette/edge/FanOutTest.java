package io.vedette.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.edge.resume.StatisticMemory;
import io.vedette.runtime.Addresses;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** From one publication on the bus to the sockets of all loops. */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // the edge is started before all tests
class FanOutTest {
  private static final String REGISTER =
      "{\"type\":\"register\",\"address\":\"records\",\"headers\":{\"position\":\"new\"}}";

  private RunningEdge edge;

  @BeforeAll
  void start() {
    edge = new RunningEdge(3, Map.of());
    edge.store.panes.put(
        "stored",
        List.of(new StatisticMemory.History(
            new TreeMap<>(Map.of("host", "a")),
            List.of("last", "mean"),
            List.of(
                new StatisticMemory.Point(1_000_000, new double[] {1, 2}),
                new StatisticMemory.Point(2_000_000, new double[] {3, 4})))));
  }

  @AfterAll
  void stop() {
    edge.close();
  }

  private RawSocket monitor() throws Exception {
    return new RawSocket(edge.port, "/monitor", "Authorization: Bearer viewer");
  }

  @Test
  void theBusDeliversOnceHoweverManySocketsListen() throws Exception {
    AtomicInteger deliveries = new AtomicInteger();
    edge.vertx.eventBus().addInboundInterceptor(delivery -> {
      if (delivery.message().address().equals(Addresses.RECORD_APPENDED)) {
        deliveries.incrementAndGet();
      }
      delivery.next();
    });
    List<RawSocket> sockets = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      RawSocket socket = monitor();
      socket.say(REGISTER);
      assertThat(socket.nextBut("welcome").text()).contains("registered");
      sockets.add(socket);
    }
    edge.publish(2);
    for (RawSocket socket : sockets) {
      assertThat(socket.nextBut("head").text()).contains("\"rec\"");
      assertThat(socket.nextBut("head").text()).contains("\"rec\"");
      socket.close();
    }
    assertThat(deliveries).hasValue(1);
  }

  @Test
  void whereTheTopicStandsIsToldAgainAndAgainThoughNothingHappens() throws Exception {
    try (RawSocket socket = monitor()) {
      socket.say(REGISTER);
      assertThat(socket.nextBut("welcome").text()).contains("registered");
      for (int i = 0; i < 2; i++) {
        assertThat(socket.next().text()).contains("\"type\":\"head\"", "\"position\":\"e1:");
      }
    }
  }

  @Test
  void whatTheStoreHasOfAStatisticIsShownBeforeItsNextUpdate() throws Exception {
    try (RawSocket socket = monitor()) {
      socket.say("{\"type\":\"register\",\"address\":\"statistics.stored\"}");
      String text = socket.nextBut("welcome", "head").text();
      while (!text.contains("\"host\":\"a\"")) { // the snapshot, if the store was slower
        text = socket.nextBut("head").text();
      }
      assertThat(text).contains("\"endMs\":2000", "\"last\":3", "\"mean\":4");
      edge.publishStatistic("stored", 1, "b", 7);
      assertThat(socket.nextBut("head").text()).contains("\"key\":\"b\"", "\"last\":7");
    }
  }

  @Test
  void theClientsTypesAreServedBesideIt() {
    RunningEdge.Answer types = edge.http("GET", "/client/vedette.d.ts", Map.of(), "");
    assertThat(types.status()).isEqualTo(200);
    assertThat(types.headers().get("Content-Type")).startsWith("text/plain");
    assertThat(types.body()).contains("export interface Events");
  }

  @Test
  void whatIsNoSockJsFrameIsABadRequest() throws Exception {
    for (String broken : List.of("{}", "[1]", "[\"{}\"", "[[]]", "[")) {
      try (RawSocket socket = new RawSocket(
          edge.port, "/eventbus/002/broken/websocket", "Authorization: Bearer viewer")) {
        assertThat(socket.next().text()).isEqualTo("o");
        socket.say(broken);
        assertThat(socket.closeCode()).as(broken).isEqualTo(4400);
      }
    }
  }
}
