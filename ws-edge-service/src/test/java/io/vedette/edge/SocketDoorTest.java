package io.vedette.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.runtime.Addresses;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Who gets in, what may be said, and how a socket ends. */
class SocketDoorTest extends LocalEdge {
  @Test
  void refusedSocketsAreOpenedAndClosedWithTheReason() throws Exception {
    up(Map.of());
    for (Object[] row : new Object[][] {
      {Map.of(), 4401},
      {Map.of("Authorization", "Bearer nobody"), 4401},
      {Map.of("Authorization", "Bearer ingest"), 4403}
    }) {
      @SuppressWarnings("unchecked")
      Map<String, String> headers = (Map<String, String>) row[0];
      Client client = new Client("/monitor", headers);
      assertThat(client.closeCode()).isEqualTo(row[1]);
      assertThat(client.heard).isEmpty();
      assertThat(client.socket.closeReason()).isNotBlank();
    }
    assertThat(new Client("/monitor?access_token=operator", Map.of()).closeCode())
        .isEqualTo(4401);
    assertThat(new Client("/monitor?access_token=long", Map.of()).closeCode()).isEqualTo(4401);
    assertThat(new Client("/monitor?access_token=viewer", Map.of())
            .next("welcome")
            .getString("principal"))
        .isEqualTo("vera");
    assertThat(new Client("/monitor", Map.of(), List.of("vedette.v1", "bearer.viewer"), false)
            .next("welcome")
            .getString("principal"))
        .isEqualTo("vera");
  }

  @Test
  void aForeignOriginIsRefusedBeforeTheUpgrade() throws Exception {
    up(Map.of("edge.auth.anonymous-role", "viewer"));
    try {
      new Client("/monitor", Map.of("Origin", "https://evil.example"));
      throw new AssertionError("was upgraded");
    } catch (java.util.concurrent.ExecutionException refused) {
      assertThat(refused.getCause())
          .isInstanceOfSatisfying(
              UpgradeRejectedException.class, it -> assertThat(it.getStatus()).isEqualTo(403));
    }
    assertThat(new Client("/monitor", Map.of("Origin", "http://localhost:" + port))
            .next("welcome")
            .getString("principal"))
        .isEqualTo("anonymous");
  }

  /** The plain client of issue 2: listens, says a text now and then, and stays connected beyond the idle limit. */
  @Test
  void aPlainHeartbeatKeepsASessionAndSilenceEndsIt() throws Exception {
    up(Map.of("edge.auth.anonymous-role", "viewer", "edge.session.idle-limit", "600ms"));
    Client plain = new Client("/monitor", Map.of());
    plain.next("welcome");
    long untilUs = VertxLoop.nowMicros() + 1_500_000;
    CompletableFuture<Integer> beats = new CompletableFuture<>();
    int[] sent = {0};
    vertx.setPeriodic(100, timer -> {
      plain.socket.writeTextMessage("\u5fc3\u8df3");
      if (++sent[0] == 15) {
        vertx.cancelTimer(timer);
        beats.complete(sent[0]);
      }
    });
    beats.get(20, TimeUnit.SECONDS);
    for (int i = 0; i < 15; i++) {
      assertThat(plain.next().encode()).isEqualTo("{\"type\":\"pong\"}");
    }
    assertThat(plain.closed).isNotDone();
    assertThat(VertxLoop.nowMicros()).isGreaterThan(untilUs - 1_000_000);
  }

  @Test
  void brokenFramesGetTheBridgesErrorCodes() throws Exception {
    up(Map.of());
    Client client = monitor("viewer");
    for (String[] row : new String[][] {
      {"{not json", "invalid_json"},
      {"{\"type\":5}", "missing_type"},
      {"{}", "missing_type"},
      {"{\"type\":\"register\"}", "missing_address"},
      {"{\"type\":\"shout\",\"address\":\"a\"}", "invalid_type"},
      {"{\"type\":\"register\",\"address\":\"nothing\"}", "access_denied"},
      {
        "{\"type\":\"register\",\"address\":\"" + "a".repeat(201) + "\"}",
        "max_address_length_reached"
      },
      {
        "{\"type\":\"register\",\"address\":\"records\",\"headers\":{\"position\":\"x\"}}",
        "rejected"
      },
      {"{\"type\":\"publish\",\"address\":\"records\",\"body\":1}", "access_denied"},
      {"{\"type\":\"send\",\"address\":\"alerts.acknowledge\",\"body\":{}}", "access_denied"},
      {
        "{\"type\":\"send\",\"address\":\"alerts.acknowledge\",\"replyAddress\":\"" + "r".repeat(37)
            + "\"}",
        "invalid_reply_address"
      },
      {"[".repeat(10_000), ""},
      {"{\"a\":".repeat(1_000), "invalid_json"}
    }) {
      client.say(row[0]);
      JsonObject answer = client.next();
      assertThat(answer.getString("type")).as(row[0]).isEqualTo(row[1].isEmpty() ? "pong" : "err");
      if (!row[1].isEmpty()) {
        assertThat(answer.getString("body")).as(row[0]).isEqualTo(row[1]);
      }
    }
  }

  @Test
  void binaryThatIsTextIsTextAndOtherBinaryEndsTheSession() throws Exception {
    up(Map.of());
    Client client = monitor("viewer");
    await(client.socket.writeBinaryMessage(Buffer.buffer("{\"type\":\"ping\"}")));
    assertThat(client.next().getString("type")).isEqualTo("pong");
    await(client.socket.writeBinaryMessage(Buffer.buffer(new byte[] {(byte) 0xff, 1})));
    assertThat(client.closeCode()).isEqualTo(1003);
  }

  @Test
  void messagesBeyondTheLimitEndTheSession() throws Exception {
    up(Map.of("edge.session.message-bytes", "2048", "edge.session.message-rate", "5"));
    Client large = monitor("viewer");
    await(large.socket.writeTextMessage("x".repeat(3000)));
    assertThat(large.closeCode()).isEqualTo(1009);
    Client chatty = monitor("viewer");
    for (int i = 0; i < 11; i++) {
      chatty.socket.writeTextMessage("a");
    }
    assertThat(chatty.closeCode()).isEqualTo(4429);
  }

  @Test
  void anActionReachesItsServiceWithPrincipalAndRole() throws Exception {
    up(Map.of());
    vertx
        .eventBus()
        .<JsonObject>consumer(
            Addresses.ALERT_ACKNOWLEDGE,
            message -> message.reply(new JsonObject()
                .put("by", message.headers().get("principal"))
                .put("role", message.headers().get("role"))
                .put("body", message.body())));
    Client client = monitor("operator");
    client.say(
        "{\"type\":\"send\",\"address\":\"alerts.acknowledge\",\"body\":{\"fingerprint\":\"f\"},\"replyAddress\":\"r1\"}");
    JsonObject reply = client.next("rec");
    assertThat(reply.getString("address")).isEqualTo("r1");
    assertThat(reply.getJsonObject("body").getString("by")).isEqualTo("otto");
    assertThat(reply.getJsonObject("body").getString("role")).isEqualTo("operator");
    assertThat(reply.getJsonObject("body").getJsonObject("body").getString("fingerprint"))
        .isEqualTo("f");
  }

  @Test
  void aStoppingEdgeSaysGoingAway() throws Exception {
    up(Map.of());
    Client client = monitor("viewer");
    await(Objects.requireNonNull(edge).drain());
    assertThat(client.closeCode()).isEqualTo(1001);
    assertThat(client.socket.closeReason()).contains("reconnect in");
  }
}
