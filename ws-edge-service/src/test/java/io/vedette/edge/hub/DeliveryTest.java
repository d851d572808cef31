package io.vedette.edge.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What is measured of a delivery, and what a client is told of what is missing. */
class DeliveryTest {
  private static final String RECORD = "{\"message\":\"m\"}";

  private final Stage stage = new Stage(8, 4);

  private double deliverSeconds() {
    return stage
        .registry
        .get("vedette.stage.duration")
        .tag("stage", "deliver")
        .timer()
        .totalTime(TimeUnit.SECONDS);
  }

  @Test
  void theStageDeliverBeginsWithTheCommit() {
    stage.records.open("e", -1);
    stage.client().register("records", "");
    stage.committedUs = stage.loop.nowUs - 250_000;
    stage.publish(0, RECORD);
    assertThat(deliverSeconds()).isEqualTo(0.25);
  }

  @Test
  void ofWhatLeavesTogetherTheOldestCounts() {
    stage.records.open("e", -1);
    Stage.Client client = stage.client();
    client.register("records", "");
    client.flushCostUs = 1_000;
    stage.publish(0, RECORD); // what comes within 3 ms after it waits
    double before = deliverSeconds();
    stage.committedUs = stage.loop.nowUs - 100_000;
    stage.publish(1, RECORD);
    stage.committedUs = stage.loop.nowUs - 500_000;
    stage.publish(2, RECORD);
    assertThat(deliverSeconds()).isEqualTo(before);
    client.settle();
    assertThat(deliverSeconds() - before).isBetween(0.5, 0.502);
  }

  @Test
  void aPublicationIsOneHopPerLoopHoweverManyListen() {
    stage.records.open("e", -1);
    for (int i = 0; i < 50; i++) {
      stage.client().register("records", i % 2 == 0 ? "" : "\"filter\":{\"message\":\"m\"}");
    }
    int before = stage.loop.executed;
    stage.publish(0, RECORD);
    assertThat(stage.loop.executed - before).isEqualTo(1);
    stage.publish(1, RECORD, RECORD, RECORD);
    assertThat(stage.loop.executed - before).as("a batch of three").isEqualTo(2);
  }

  @Test
  void alertsLeaveAtOnceWithinABusyTick() {
    stage.records.open("e", -1);
    stage.alerts.open("e", 0);
    Stage.Client client = stage.client();
    client.register("records", "");
    client.register("alerts", "");
    client.flushCostUs = 1_000;
    stage.publish(0, RECORD);
    int busy = client.flushes;
    stage.publish(1, RECORD);
    assertThat(client.flushes).as("waits for its tick").isEqualTo(busy);
    stage.alerts.publish(
        List.of(Stage.entry(1, "{\"alert\":true}")), stage.loop.nowUs, stage.loop.nowUs);
    assertThat(client.flushes).isEqualTo(busy + 1);
    assertThat(client.last()).contains("alert");
  }

  @Test
  void oneErasedRecordIsNoEndOfRetention() {
    for (int i = 3; i < 10; i++) {
      stage.stored(i, RECORD);
    }
    stage.store.remove(6L);
    stage.records.open("e", 9);
    Stage.Client hole = stage.client();
    hole.register("records", "\"position\":\"e:5\"");
    hole.settle();
    assertThat(hole.written.get(0)).contains("\"recovered\":false", "\"reason\":\"erased\"");
    assertThat(hole.offsets()).containsExactly(7L, 8L, 9L);
    Stage.Client old = stage.client();
    old.register("records", "\"position\":\"e:0\"");
    assertThat(old.written.get(0)).contains("\"recovered\":false", "\"reason\":\"retention\"");
  }
}
