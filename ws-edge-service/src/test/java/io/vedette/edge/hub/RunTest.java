package io.vedette.edge.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.edge.protocol.CloseCode;
import io.vedette.edge.protocol.Frame;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is written to sessions within a tick is one write for each, and one frame for all that got the same. */
class RunTest {
  private static final String RECORD = "{\"fill\":\"" + "x".repeat(1_000) + "\"}";

  private final Stage stage = new Stage(256, 4);

  /** A client whose first flush keeps the lane from flushing again before the test lets it. */
  private Stage.Client busy() {
    Stage.Client client = stage.client();
    client.register("records", "");
    client.flushCostUs = 5_000;
    return client;
  }

  private static Frame frame(String text) {
    return new Frame(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void aTickIsOneWriteAndOneFlushOfTheSameFrame() {
    stage.records.open("e", -1);
    Stage.Client one = busy();
    Stage.Client two = busy();
    stage.publish(0, RECORD);
    int flushes = two.flushes;
    stage.publish(1, RECORD);
    stage.publish(2, RECORD);
    stage.publish(3, RECORD);
    assertThat(one.offsets()).as("waits for the tick").containsExactly(0L);
    one.settle();
    assertThat(one.offsets()).containsExactly(0L, 1L, 2L, 3L);
    assertThat(two.offsets()).containsExactly(0L, 1L, 2L, 3L);
    assertThat(two.writes).hasSize(2);
    assertThat(two.writes.get(1)).isSameAs(one.writes.get(1));
    assertThat(two.flushes).isEqualTo(flushes + 1);
    assertThat(sent()).isEqualTo(8);
  }

  private double sent() {
    return stage
        .registry
        .counter("vedette_edge_publications_sent", "topic", "records")
        .count();
  }

  private int fit() {
    return (int) (stage.limits.queueBytes() / RECORD.length());
  }

  @Test
  void aBurstWithinATickIsNoSignOfASlowClient() {
    stage.records.open("e", -1);
    Stage.Client client = busy();
    stage.publish(0, RECORD);
    for (int i = 1; i <= 3 * fit(); i++) {
      stage.publish(i, RECORD);
    }
    client.settle();
    assertThat(client.closed).isNull();
    assertThat(client.offsets()).hasSize(3 * fit() + 1);
  }

  @Test
  void whatWaitsForTheTickCountsInTheQueueOfAClientThatDoesNotRead() {
    stage.records.open("e", -1);
    Stage.Client client = busy();
    stage.publish(0, RECORD);
    client.deaf = true;
    for (int i = 1; i <= fit() + 1 && client.closed == null; i++) {
      stage.publish(i, RECORD);
    }
    assertThat(client.closed).isEqualTo(CloseCode.SLOW);
    assertThat(client.offsets())
        .as("what it was given before the goodbye leaves in order")
        .hasSizeLessThan(fit() + 1)
        .containsExactlyElementsOf(
            IntStream.range(0, client.offsets().size()).mapToObj(Long::valueOf).toList());
  }

  @Test
  void twoKindsOfSubscriptionsKeepTheirOwnRuns() {
    stage.records.open("e", -1);
    List<Stage.Client> clients = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      for (String headers : List.of("", "\"batch\":true")) {
        Stage.Client client = stage.client();
        client.register("records", headers);
        client.flushCostUs = 5_000;
        clients.add(client);
      }
    }
    stage.publish(0, RECORD);
    stage.publish(1, RECORD, RECORD);
    stage.publish(3, RECORD, RECORD);
    clients.get(0).settle();
    for (int i = 2; i < clients.size(); i++) {
      assertThat(clients.get(i).writes.get(1))
          .as("client " + i)
          .isSameAs(clients.get(i - 2).writes.get(1));
    }
    assertThat(clients.get(0).writes.get(1).messages()).hasSize(4);
    assertThat(clients.get(1).writes.get(1).messages()).hasSize(2);
  }

  @Test
  void anAnswerToOneLeavesTheOthersTogether() {
    stage.records.open("e", -1);
    Stage.Client one = busy();
    Stage.Client two = busy();
    Stage.Client three = busy();
    stage.publish(0, RECORD);
    stage.publish(1, RECORD);
    stage.publish(2, RECORD);
    one.session.write(frame("{\"type\":\"pong\"}"));
    stage.publish(3, RECORD);
    one.settle();
    assertThat(one.written).hasSize(5);
    assertThat(one.written.get(3)).contains("pong");
    assertThat(two.writes.get(1)).isSameAs(three.writes.get(1));
    assertThat(two.writes.get(1).messages()).hasSize(3);
  }

  @Test
  void historyComesBehindWhatWasWrittenBefore() {
    stage.records.open("e", -1);
    Stage.Client busy = busy();
    stage.publish(0, RECORD);
    stage.publish(1, RECORD);
    Stage.Client late = stage.client();
    late.register("records", "\"position\":\"e:-1\"");
    late.settle();
    stage.publish(2, RECORD);
    late.settle();
    assertThat(late.written.get(0)).contains("\"registered\"");
    assertThat(late.offsets()).containsExactly(0L, 1L, 2L);
    assertThat(busy.offsets()).containsExactly(0L, 1L, 2L);
  }

  @Test
  void aRunHoldsItsFramesUntilItsRelease() {
    List<Run> made = new ArrayList<>();
    Run nothing = new Run();
    boolean[] freed = {false};
    Frame first = frame("a");
    first.wire(frame -> () -> freed[0] = true);
    Frame second = frame("b");
    Run run = nothing.then(first, made).then(second, made);
    assertThat(run.frames()).as("of one session").containsExactly(first, second);
    assertThat(nothing.then(first, made).then(second, made)).isSameAs(run);
    assertThat(made).hasSize(2);
    assertThat(run.bytes()).isEqualTo(2);
    assertThat(run.frames()).as("of two sessions").hasSize(1);
    assertThat(run.frames().get(0).parts()).containsExactly(first, second);
    first.release();
    second.release();
    assertThat(freed[0]).isFalse();
    made.forEach(Run::release);
    assertThat(freed[0]).isTrue();
  }
}
