package io.vedette.edge;

import static org.assertj.core.api.Assertions.assertThat;

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
}
