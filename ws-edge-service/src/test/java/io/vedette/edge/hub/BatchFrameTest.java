package io.vedette.edge.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;

/** Several publications in one message, for those who ask. */
class BatchFrameTest {
  private final Stage stage = new Stage(64, 4);

  private static String by(String actor) {
    return "{\"actor\":\"" + actor + "\"}";
  }

  private static JsonArray frames(String message) {
    JsonObject batch = new JsonObject(message);
    assertThat(batch.getString("type")).isEqualTo("batch");
    return batch.getJsonArray("frames");
  }

  @Test
  void onlyWhoAsksGetsThemAndSharesTheBytes() {
    stage.records.open("e", -1);
    Stage.Client one = stage.client();
    Stage.Client two = stage.client();
    Stage.Client plain = stage.client();
    one.register("records", "\"batch\":true");
    two.register("records", "\"batch\":\"true\"");
    plain.register("records", "");
    stage.publish(0, by("a"), by("b"), by("c"));
    stage.publish(3, by("d"));
    assertThat(plain.offsets()).containsExactly(0L, 1L, 2L, 3L);
    assertThat(one.written).hasSize(2);
    assertThat(frames(one.written.get(0)).stream().map(String::valueOf).toList())
        .containsExactlyElementsOf(plain.written.subList(0, 3).stream()
            .map(text -> new JsonObject(text).toString())
            .toList());
    assertThat(one.written.get(1)).as("one alone stays itself").isEqualTo(plain.written.get(3));
    assertThat(one.frames.get(0)).isSameAs(two.frames.get(0));
  }

  @Test
  void historyAndFiltersComeInBatchesToo() {
    stage.records.open("e", -1);
    stage.publish(0, by("a"), by("b"), by("a"));
    Stage.Client late = stage.client();
    late.register("records", "\"batch\":true,\"position\":\"e:-1\",\"filter\":{\"actor\":\"a\"}");
    assertThat(frames(late.written.get(1))).hasSize(2);
    late.settle();
    stage.publish(3, by("a"), by("b"), by("a"));
    assertThat(frames(late.last())).hasSize(2);
    assertThat(stage
            .registry
            .counter("vedette_edge_publications_sent", "topic", "records")
            .count())
        .isEqualTo(2);
  }
}
