package io.vedette.runtime.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Time, volume and number of what passes each stage: {@code vedette_stage_duration_seconds}, {@code vedette_stage_bytes_total}, {@code vedette_stage_items_total}, each by {@code stage}. Safe for use by any
 * thread; costs no allocation.
 */
public final class StageTimer {
  private static final Duration[] BUCKETS = {
    Duration.ofNanos(500_000),
    Duration.ofMillis(1),
    Duration.ofNanos(2_500_000),
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(25),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofMillis(2_500),
    Duration.ofSeconds(5),
    Duration.ofSeconds(10)
  };

  private record Meters(Timer duration, Counter bytes, Counter items) {}

  private final Map<Stage, Meters> meters = new EnumMap<>(Stage.class);

  public StageTimer(MeterRegistry registry) {
    for (Stage stage : Stage.values()) {
      meters.put(
          stage,
          new Meters(
              Timer.builder("vedette.stage.duration")
                  .description("Time from the beginning to the end of a stage")
                  .tag("stage", stage.text())
                  .serviceLevelObjectives(BUCKETS)
                  .register(registry),
              Counter.builder("vedette.stage.bytes")
                  .description("Bytes that passed a stage")
                  .tag("stage", stage.text())
                  .register(registry),
              Counter.builder("vedette.stage.items")
                  .description("Records, samples, findings or publications that passed a stage")
                  .tag("stage", stage.text())
                  .register(registry)));
    }
  }

  /**
   * Notes one passage. Times are microseconds of the wall clock, perhaps of two machines: an end before its start counts as no time; a start of 0 (unknown, {@link io.vedette.model.Stamps#UNKNOWN}) counts
   * bytes and items only.
   */
  public void record(Stage stage, long startUs, long endUs, long bytes, long items) {
    Meters of = meters.get(stage);
    if (of == null) {
      throw new IllegalArgumentException("stage: " + stage);
    }
    if (startUs > 0) {
      of.duration().record(Math.max(0, endUs - startUs), TimeUnit.MICROSECONDS);
    }
    of.bytes().increment((double) bytes);
    of.items().increment((double) items);
  }
}
