package io.vedette.collector;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.model.RecordView;
import io.vedette.testkit.Await;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Below {@code storage.min-free} nothing is taken, and when there is room again the trail says so. */
class LowStorageTest {
  private static final String CAUSE =
      "storage was below storage.min-free: sources paused, pushes were refused";

  @TempDir
  Path folder;

  @Test
  void pushesAreRefusedAndPullSourcesPauseUntilThereIsRoomAndAGapRecordTellsIt() throws Exception {
    Path log = Files.createDirectory(folder.resolve("logs")).resolve("a.log");
    Files.writeString(log, "before\n");
    Path config = Files.writeString(folder.resolve("vedette.yaml"), """
        collector:
          pull:
            interval: 10ms
          sources:
            - {name: host, kind: host, interval: 100ms}
            - {name: app, kind: files, include: [%s/*.log]}
        """.formatted(log.getParent()));
    try (TestCollector collector = new TestCollector().start(Map.of(), config)) {
      Await.until(() -> messages(collector), all -> all.contains("before"));

      collector.freeBytes(0);
      HttpResponse<String> refused = Await.until(
          () -> collector.post("{\"message\":\"pushed\"}"), answer -> answer.statusCode() != 200);
      assertThat(refused.statusCode()).isEqualTo(503);
      assertThat(refused.headers().firstValue("Retry-After")).isPresent();
      assertThat(new JsonObject(refused.body()).getString("detail")).contains("storage.min-free");
      assertThat(collector.ready().getJsonArray("degraded").contains("collector.storage"))
          .isTrue();
      double read = read(collector);
      Files.writeString(log, "during\n", StandardOpenOption.APPEND);
      double skipped = collector.count("vedette_collector_sample_skipped_total");
      // The files source would have read it a hundred times over by then.
      Await.until(
          () -> collector.count("vedette_collector_sample_skipped_total") - skipped,
          turns -> turns >= 10);
      assertThat(read(collector)).isEqualTo(read);
      assertThat(messages(collector)).doesNotContain("during");

      collector.freeBytes(Long.MAX_VALUE);
      Await.until(() -> messages(collector), all -> all.contains("during"));
      RecordView gap = Await.until(
              () -> collector.records().stream()
                  .filter(record -> "gap".equals(record.text("kind")))
                  .filter(record -> CAUSE.equals(record.attributes().get("cause")))
                  .toList(),
              gaps -> !gaps.isEmpty())
          .get(0);
      assertThat(gap.attributes()).containsKeys("from", "to").doesNotContainKey("count");
      assertThat(gap.text("target")).isEqualTo("all sources");
      assertThat(collector.post("{\"message\":\"after\"}").statusCode()).isEqualTo(200);
      assertThat(collector.ready().getJsonArray("degraded").contains("collector.storage"))
          .isFalse();
    }
  }

  private static double read(TestCollector collector) {
    return collector.count("vedette_collector_source_read_bytes_total", "kind", "files");
  }

  private static List<String> messages(TestCollector collector) {
    return collector.records().stream()
        .map(record -> record.text("message"))
        .filter(Objects::nonNull)
        .map(message -> Objects.requireNonNull(message))
        .toList();
  }
}
