package io.vedette.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.model.NodeStatus;
import io.vedette.model.Stamps;
import io.vedette.model.StatisticUpdate;
import io.vedette.runtime.Addresses;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Topics of latest values. */
class StateTopicsTest extends LocalEdge {
  private static StatisticUpdate update(long batch, long epoch, String cpu, double mean) {
    return new StatisticUpdate(
        1,
        "host",
        batch,
        NOW_US + batch * 1_000_000,
        List.of(new StatisticUpdate.Value(
            7,
            epoch,
            new TreeMap<>(Map.of("cpu", cpu)),
            NOW_US,
            NOW_US + batch * 1_000_000,
            new TreeMap<>(Map.of("mean", mean)))),
        Stamps.UNKNOWN);
  }

  @Test
  void aStateTopicBeginsWithItsSnapshotAndOlderNeverReplacesNewer() throws Exception {
    store.panes.put("host", List.of()); // so it is followed before the first value comes
    up(Map.of());
    Client first = monitor("viewer");
    first.say("{\"type\":\"register\",\"address\":\"statistics.host\"}");
    assertThat(first.next("rec").getJsonObject("body").getJsonArray("values")).isEmpty();
    vertx.eventBus().publish(Addresses.statistic("host"), update(2, 5, "0", 0.5));
    assertThat(first
            .next("rec")
            .getJsonObject("body")
            .getJsonArray("values")
            .getJsonObject(0)
            .getJsonObject("fields")
            .getDouble("mean"))
        .isEqualTo(0.5);
    vertx
        .eventBus()
        .publish(
            Addresses.statistic("host"),
            update(9, 4, "0", 0.9)); // an owner that lost its partition
    vertx.eventBus().publish(Addresses.statistic("host"), update(3, 5, "1", 0.7));
    assertThat(first
            .next("rec")
            .getJsonObject("body")
            .getJsonArray("values")
            .getJsonObject(0)
            .getJsonObject("key")
            .getString("cpu"))
        .isEqualTo("1");

    Client second = monitor("viewer");
    second.say("{\"type\":\"register\",\"address\":\"statistics.host\"}");
    JsonObject snapshot = second.next("rec");
    assertThat(snapshot.getJsonObject("body").getBoolean("snapshot")).isTrue();
    assertThat(snapshot.getJsonObject("headers").getString("position")).startsWith("state:");
    JsonArray values = snapshot.getJsonObject("body").getJsonArray("values");
    assertThat(values).hasSize(2);
    assertThat(values.getJsonObject(0).getJsonObject("fields").getDouble("mean"))
        .isEqualTo(0.5);
  }

  /** A subscriber got nothing of a node before that node's next sign of life. */
  @Test
  void theClusterIsKnownFromTheStoreBeforeAnybodyTellsIt() throws Exception {
    store.nodes.add(node("n1", 1_000));
    store.nodes.add(node("n2", 9_000_000_000_000_000L)); // its clock, or the store's, is ahead
    up(Map.of());
    Client client = monitor("viewer");
    client.say("{\"type\":\"register\",\"address\":\"cluster\"}");
    JsonObject snapshot = client.next("rec").getJsonObject("body");
    assertThat(snapshot.getBoolean("snapshot")).isTrue();
    assertThat(ids(snapshot)).containsExactly("n1", "n2");
    vertx.eventBus().publish(Addresses.NODE_STATUS, node("n2", 2_000));
    assertThat(ids(client.next("rec").getJsonObject("body")))
        .as("what a node says itself replaces what was stored")
        .containsExactly("n2");
  }

  private static NodeStatus node(String id, long aliveUs) {
    return new NodeStatus(id, List.of("edge"), "dev", "localhost", 0, 500, aliveUs, Map.of());
  }

  private static List<String> ids(JsonObject body) {
    return body.getJsonArray("values").stream()
        .map(value -> ((JsonObject) value).getString("id"))
        .toList();
  }
}
