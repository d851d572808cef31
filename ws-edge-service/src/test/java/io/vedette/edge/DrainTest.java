package io.vedette.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.testkit.Await;
import io.vertx.core.Future;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An edge that is told to leave: nobody new, and everybody else one after the other, back at different times. */
@Timeout(120)
class DrainTest {
  private static final int SOCKETS = 200;
  private static final Pattern HINT = Pattern.compile("reconnect in (\\d+) ms");

  private record Goodbye(long atNs, int code, String reason) {}

  @Test
  void sessionsLeaveOneAfterTheOtherAndComeBackAtDifferentTimes() throws Exception {
    try (RunningEdge edge = new RunningEdge(1, Map.of("edge.session.drain", "5s"))) {
      Queue<Goodbye> goodbyes = new ConcurrentLinkedQueue<>();
      WebSocketClient client =
          edge.vertx.createWebSocketClient(new WebSocketClientOptions().setMaxConnections(SOCKETS));
      List<Future<?>> connected = new ArrayList<>();
      for (int i = 0; i < SOCKETS; i++) {
        connected.add(client
            .connect(new WebSocketConnectOptions()
                .setHost("localhost")
                .setPort(edge.port)
                .setURI("/monitor")
                .addHeader("Authorization", "Bearer viewer"))
            .onSuccess(socket -> socket.closeHandler(closed -> goodbyes.add(
                new Goodbye(System.nanoTime(), socket.closeStatusCode(), socket.closeReason())))));
      }
      Await.value(Future.all(connected));
      RunningEdge.until("all are sessions", () -> edge.sessions() == SOCKETS);

      edge.ctx.health().drain("stopping");
      try (RawSocket late = new RawSocket(edge.port, "/monitor", "Authorization: Bearer viewer")) {
        assertThat(late.status()).isEqualTo(503);
        assertThat(late.answer).contains("Retry-After: 1");
      }
      assertThat(edge.sessions()).as("those that are here stay until the drain").isEqualTo(SOCKETS);

      long beganNs = System.nanoTime();
      Await.value(edge.service().drain());
      assertThat((System.nanoTime() - beganNs) / 1_000_000)
          .as("5 ms for each of a loop")
          .isBetween(400L, 5_000L);
      RunningEdge.until("all are told", () -> goodbyes.size() == SOCKETS);
      List<Goodbye> all = List.copyOf(goodbyes);
      assertThat(all).allMatch(goodbye -> goodbye.code() == 1001);
      long first = all.stream().mapToLong(Goodbye::atNs).min().orElseThrow();
      long last = all.stream().mapToLong(Goodbye::atNs).max().orElseThrow();
      assertThat((last - first) / 1_000_000).as("spread over the drain").isGreaterThan(200);
      List<Integer> hints = all.stream().map(DrainTest::hint).toList();
      assertThat(hints).allMatch(ms -> ms >= 0 && ms < 3_000);
      assertThat(hints.stream().distinct()).as("of 200 in 3,000").hasSizeGreaterThan(150);
      assertThat(edge.sessions()).isZero();
    }
  }

  private static int hint(Goodbye goodbye) {
    Matcher hint = HINT.matcher(goodbye.reason());
    assertThat(hint.find()).as(goodbye.reason()).isTrue();
    return Integer.parseInt(hint.group(1));
  }
}
