package io.vedette.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.model.Batch;
import io.vedette.model.Publication;
import io.vedette.model.Stamps;
import io.vedette.runtime.Addresses;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Topics whose publications are numbered: live, resumed, filled from the store. */
class OrderedTopicsTest extends LocalEdge {
  @Test
  void recordsArriveWithIndexPositionAndTheirVerbatimBytes() throws Exception {
    up(Map.of());
    Client client = monitor("viewer");
    client.say(
        "{\"type\":\"register\",\"address\":\"records\",\"headers\":{\"position\":\"new\"}}");
    JsonObject registered = client.next("registered");
    assertThat(registered.getString("position")).isEqualTo("e1:-1");
    assertThat(registered.getBoolean("recovered")).isTrue();

    publish(0, 2);

    JsonObject first = client.next("rec");
    assertThat(first.getString("address")).isEqualTo("records");
    assertThat(first.getJsonObject("headers").getString("position")).isEqualTo("e1:0");
    assertThat(first.getJsonObject("body"))
        .isEqualTo(new JsonObject()
            .put("index", 0)
            .put("at", "2026-01-01T00:00:00Z")
            .put("record", new JsonObject().put("message", "m0")));
    assertThat(client.next("rec").getJsonObject("headers").getString("position"))
        .isEqualTo("e1:1");
  }

  @Test
  void resumesFromTheStoreThenTheRingThenLive() throws Exception {
    append(0, 700);
    up(Map.of());
    Client live = monitor("viewer");
    live.say("{\"type\":\"register\",\"address\":\"records\",\"headers\":{\"position\":\"new\"}}");
    assertThat(live.next("registered").getString("position")).isEqualTo("e1:699");
    publish(700, 50);
    for (int i = 700; i < 750; i++) {
      assertThat(live.next("rec").getJsonObject("body").getLong("index")).isEqualTo(i);
    }

    Client back = monitor("viewer");
    back.say(
        "{\"type\":\"register\",\"address\":\"records\",\"headers\":{\"position\":\"e1:99\"}}");
    JsonObject registered = back.next("registered");
    assertThat(registered.getBoolean("recovered")).isTrue();
    assertThat(registered.getLong("replay")).isEqualTo(650);
    publish(750, 10);
    for (int i = 100; i < 760; i++) {
      assertThat(back.next("rec").getJsonObject("body").getLong("index")).isEqualTo(i);
    }
  }

  @Test
  void aLostBatchAndALostLastBatchComeFromTheStore() throws Exception {
    append(0, 1);
    up(Map.of());
    Client client = monitor("viewer");
    client.say(
        "{\"type\":\"register\",\"address\":\"records\",\"headers\":{\"position\":\"new\"}}");
    client.next("registered");
    append(1, 5); // never on the bus
    publish(6, 1);
    for (int i = 1; i < 7; i++) {
      assertThat(client.next("rec").getJsonObject("body").getLong("index")).isEqualTo(i);
    }
    append(7, 1); // never on the bus, and nothing behind it: the head tells
    vertx.eventBus().publish(Addresses.TOPIC_HEADS, await(store.heads()));
    assertThat(client.next("rec").getJsonObject("body").getLong("index")).isEqualTo(7);
  }

  @Test
  void positionsThatCannotBeResumedSaySo() throws Exception {
    append(0, 10);
    up(Map.of());
    for (String[] row :
        new String[][] {{"other:3", "epoch", "e1:9"}, {"e1:4000", "future", "e1:9"}}) {
      Client client = monitor("viewer");
      client.say("{\"type\":\"register\",\"address\":\"records\",\"headers\":{\"position\":\""
          + row[0] + "\"}}");
      JsonObject registered = client.next("registered");
      assertThat(registered.getBoolean("recovered")).isFalse();
      assertThat(registered.getString("reason")).isEqualTo(row[1]);
      assertThat(registered.getString("position")).isEqualTo(row[2]);
    }
    Client newest = monitor("viewer");
    newest.say(
        "{\"type\":\"register\",\"address\":\"records\",\"headers\":{\"position\":\"e1:0\",\"limit\":3}}");
    JsonObject registered = newest.next("registered");
    assertThat(registered.getString("reason")).isEqualTo("limit");
    assertThat(registered.getLong("replay")).isEqualTo(3);
    assertThat(newest.next("rec").getJsonObject("body").getLong("index")).isEqualTo(7);
  }

  @Test
  void whoDoesNotAskGetsPublicationsOnly() throws Exception {
    append(0, 3);
    up(Map.of());
    Client client = monitor("viewer");
    client.say("{\"type\":\"register\",\"address\":\"records\"}");
    client.say("{\"type\":\"ping\"}");
    assertThat(client.next().getString("type")).isEqualTo("pong");
    vertx.eventBus().publish(Addresses.TOPIC_HEADS, await(store.heads()));
    publish(3, 1);
    JsonObject message = client.next();
    assertThat(message.getString("type")).isEqualTo("rec");
    assertThat(message.getJsonObject("body").getLong("index")).isEqualTo(3);
  }

  @Test
  void alertsAreTheirPublicationsVerbatim() throws Exception {
    up(Map.of());
    Client client = monitor("viewer");
    client.say("{\"type\":\"register\",\"address\":\"alerts\",\"headers\":{\"position\":\"new\"}}");
    client.next("registered");
    Publication alert = new Publication(
        1,
        "alerts",
        FakeStore.EPOCH,
        1,
        "{\"state\":\"firing\",\"rule\":\"cpu\"}".getBytes(StandardCharsets.UTF_8),
        Stamps.UNKNOWN);
    store.put(alert);
    vertx.eventBus().publish(Addresses.ALERT_CHANGED, alert);
    JsonObject rec = client.next("rec");
    assertThat(rec.getJsonObject("headers").getString("position")).isEqualTo("e1:1");
    assertThat(rec.getJsonObject("body")).isEqualTo(new JsonObject(alert.text()));
  }

  @Test
  void compressedSessionsReadTheSameBytes() throws Exception {
    up(Map.of("edge.auth.anonymous-role", "viewer"));
    Client plain = new Client("/monitor", Map.of());
    Client small = new Client("/monitor", Map.of(), List.of(), true);
    for (Client client : List.of(plain, small)) {
      client.next("welcome");
      client.say(
          "{\"type\":\"register\",\"address\":\"records\",\"headers\":{\"position\":\"new\"}}");
      client.next("registered");
    }
    String text = "{\"message\":\"" + "log line with words ".repeat(500) + "\"}";
    store.put(0, text, NOW_US);
    vertx
        .eventBus()
        .publish(
            Addresses.RECORD_APPENDED,
            new Batch(
                1,
                FakeStore.EPOCH,
                1,
                0,
                1,
                NOW_US,
                0,
                true,
                List.of(text.getBytes(StandardCharsets.UTF_8)),
                new byte[0],
                Stamps.UNKNOWN));
    JsonObject one = plain.next("rec");
    JsonObject other = small.next("rec");
    assertThat(other).isEqualTo(one);
    assertThat(small.socket.headers()).isNotNull();
  }
}
