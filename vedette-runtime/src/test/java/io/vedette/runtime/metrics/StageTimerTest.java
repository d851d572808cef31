package io.vedette.runtime.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.junit.jupiter.api.Test;

class StageTimerTest {
  private final PrometheusMeterRegistry registry = Metrics.registry();
  private final StageTimer timer = new StageTimer(registry);

  @Test
  void notesTimeVolumeAndNumber() {
    timer.record(Stage.APPEND, 1_000_000, 1_007_000, 500, 3);

    assertThat(registry.scrape())
        .contains("vedette_stage_duration_seconds_bucket{stage=\"append\",le=\"0.005\"} 0")
        .contains("vedette_stage_duration_seconds_bucket{stage=\"append\",le=\"0.01\"} 1")
        .contains("vedette_stage_duration_seconds_sum{stage=\"append\"} 0.007")
        .contains("vedette_stage_bytes_total{stage=\"append\"} 500.0")
        .contains("vedette_stage_items_total{stage=\"append\"} 3.0")
        .contains("vedette_stage_items_total{stage=\"collect\"} 0.0");
  }

  @Test
  void endBeforeItsStartIsNoTime() {
    timer.record(Stage.DELIVER, 2_000_000, 1_000_000, 1, 1);

    assertThat(registry.scrape())
        .contains("vedette_stage_duration_seconds_count{stage=\"deliver\"} 1")
        .contains("vedette_stage_duration_seconds_sum{stage=\"deliver\"} 0.0");
  }

  @Test
  void unknownStartCountsVolumeOnly() {
    timer.record(Stage.ANALYSE, 0, 1_000_000, 7, 1);

    assertThat(registry.scrape())
        .contains("vedette_stage_duration_seconds_count{stage=\"analyse\"} 0")
        .contains("vedette_stage_bytes_total{stage=\"analyse\"} 7.0");
  }
}
