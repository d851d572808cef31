package io.vedette.edge.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.edge.protocol.Frame;
import io.vedette.edge.resume.Entry;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A topic begins a new incarnation while something of the former one is under way to a client. Once a page of the former was sent, and what came then left out. */
class RestartTest {
  private static final String RECORD = "{\"fill\":\"" + "x".repeat(1_000) + "\"}";

  private final Stage stage = new Stage(256, 4);

  private void stored(int count) {
    for (int i = 0; i < count; i++) {
      stage.stored(i, RECORD);
    }
  }

  @Test
  void aReplayOfTheFormerIncarnationEndsWithIt() {
    stored(40);
    stage.records.open("e", 39);
    Stage.Client client = stage.client();
    client.register("records", "\"position\":\"e:-1\"");
    long before = client.offsets().size();
    stage.records.open("f", 4);
    client.settle();
    assertThat(client.offsets()).as("no page of the former").hasSize((int) before);
    assertThat(client.last()).contains("\"f:4\"", "\"recovered\":false", "\"reason\":\"epoch\"");
    stage.publish(5, RECORD);
    assertThat(client.offsets()).hasSize((int) before + 1).endsWith(5L);
  }

  @Test
  void anAnswerOfTheStoreThatComesAfterItIsPassedOver() {
    CompletableFuture<List<Entry>> answer = new CompletableFuture<>();
    stage.answers.add(answer);
    stage.records.open("e", 39);
    Stage.Client client = stage.client();
    client.register("records", "\"position\":\"e:9\"");
    stage.records.open("f", 4);
    answer.complete(List.of(Stage.entry(10, RECORD), Stage.entry(11, RECORD)));
    client.settle();
    assertThat(client.offsets()).isEmpty();
    stage.publish(5, RECORD);
    assertThat(client.offsets()).containsExactly(5L);
  }

  @Test
  void whoBeganInTheNewIncarnationIsNotStartedAgain() {
    stage.records.open("e", 3);
    Stage.Client client = stage.client();
    client.register("records", "\"position\":\"e:3\"");
    int written = client.written.size();
    stage.lane.restarted(stage.records);
    assertThat(client.written).hasSize(written);
  }

  @Test
  void thoseWhoResumeAtTheSamePlaceShareTheBytes() {
    Stage stage = new Stage(256, 4, 0, 1 << 14);
    stage.records.open("e", -1);
    for (int i = 0; i < 130; i++) {
      stage.publish(i, "{\"n\":" + i + "}");
    }
    Stage.Client one = stage.client();
    Stage.Client two = stage.client();
    one.register("records", "\"position\":\"e:-1\"");
    two.register("records", "\"position\":\"e:-1\"");
    one.settle();
    assertThat(one.offsets()).hasSize(130).isSorted().doesNotHaveDuplicates();
    assertThat(two.offsets()).isEqualTo(one.offsets());
    List<Frame> shared = one.writes.stream().filter(two.writes::contains).toList();
    assertThat(shared.stream().mapToInt(frame -> frame.messages().size()).sum())
        .isGreaterThanOrEqualTo(64);
  }
}
