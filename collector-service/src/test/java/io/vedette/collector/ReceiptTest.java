package io.vedette.collector;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.trail.NoteSigner;
import io.vedette.trail.verify.LogKey;
import io.vedette.trail.verify.SignedCheckpoint;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a producer keeps as evidence: the answer to its request. */
class ReceiptTest {
  private static final byte[] TWO =
      "{\"message\":\"a\"}\n{\"message\":\"b\"}\n".getBytes(StandardCharsets.UTF_8);

  @TempDir
  Path folder = Path.of("");

  @Test
  void whoWaitsGetsTheCheckpointThatCoversTheRecords() throws Exception {
    try (TestCollector collector = new TestCollector()) {
      NoteSigner key = NoteSigner.generate(collector.trail().origin());
      Path file = Files.writeString(folder.resolve("trail.key"), key.secret());
      collector.start(
          Map.of("trail.key-file", file.toString(), "trail.checkpoint-interval", "20ms"));
      for (int i = 0; i < 3; i++) {
        HttpResponse<String> answer = collector.post(TWO, "Prefer", "wait=30");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Preference-Applied")).hasValue("wait=30");
        JsonObject receipt = new JsonObject(answer.body());
        assertThat(receipt.getLong("first_index")).isEqualTo(2L * i);
        assertThat(receipt.getLong("last_index")).isEqualTo(2L * i + 1);
        SignedCheckpoint covering = SignedCheckpoint.open(
            receipt.getString("checkpoint").getBytes(StandardCharsets.UTF_8),
            collector.trail().origin(),
            List.of(LogKey.parse(key.verifier().vkey())));
        assertThat(covering.size()).isGreaterThan(receipt.getLong("last_index"));
      }
      HttpResponse<String> hasty = collector.post(TWO);
      assertThat(new JsonObject(hasty.body()).containsKey("checkpoint")).isFalse();
    }
  }

  @Test
  void whenTheWaitRunsOutTheIndicesAreThereWithoutACheckpoint() throws Exception {
    try (TestCollector collector = new TestCollector().start(Map.of())) { // nobody signs
      HttpResponse<String> answer = collector.post(TWO, "Prefer", "wait=1");
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
      JsonObject receipt = new JsonObject(answer.body());
      assertThat(receipt.getLong("first_index")).isZero();
      assertThat(receipt.getLong("last_index")).isEqualTo(1);
      assertThat(receipt.containsKey("checkpoint")).isFalse();
    }
  }

  @Test
  void whoIsRefusedIsInTheTrailOnceAndThenCounted() throws Exception {
    try (TestCollector collector = new TestCollector().start(Map.of())) {
      for (int i = 0; i < 3; i++) {
        assertThat(collector.post(TWO, "X-Forwarded-For", "203.0.113.7").statusCode())
            .isEqualTo(401);
      }
      assertThat(collector.post("{".getBytes(StandardCharsets.UTF_8)).statusCode())
          .isEqualTo(400);
      assertThat(collector.post(TWO).statusCode()).isEqualTo(200);
      collector.stop();
      assertThat(
              collector
                  .server()
                  .query(
                      "SELECT concat_ws(' ', r ->> 'actor', r ->> 'action', r ->> 'target', r ->> 'outcome', r -> 'attributes' ->> 'repeats')"
                          + " FROM (SELECT convert_from(canonical, 'UTF8')::json AS r, index FROM vedette.record) r WHERE r ->> 'kind' = 'audit' ORDER BY index"))
          .containsExactly(
              "anonymous record.send /v1 denied",
              "loopback record.send /v1/records failure",
              "anonymous record.send /v1 denied 2");
    }
  }
}
