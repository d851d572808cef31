package io.vedette.analyzer.window;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.analyzer.statistic.Histogram;
import io.vedette.model.Batch;
import io.vedette.model.RecordView;
import io.vedette.model.StatisticUpdate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Windows against a naive reading of the rules, and against themselves after crashes. */
class DeterminismTest {
  private static final String RULES = """
      rules:
        - alert: Burst
          on: records
          where: kind == "event"
          group_by: [actor]
          value: attributes.n
          window: {size: 20s, slide: 2s}
          statistic: p95
          condition: "> 80"
          for: 4s
          keep_firing_for: 6s
        - alert: Quiet
          on: samples
          where: name.startsWith("s")
          group_by: {series: name}
          absent: 15s
        - alert: Few
          on: samples
          group_by: {series: name}
          window: {size: 12s, slide: 3s}
          statistic: sum
          condition: "< 40"
      statistics:
        - name: events
          on: records
          where: kind == "event"
          group_by: [actor]
          value: attributes.n
          window: {size: 20s, slide: 2s}
          fields: [count, rate, sum, mean, min, max, stddev, last, p50, p95]
        - name: series
          on: samples
          window: {size: 10s, slide: 1s}
          fields: [last, mean, p99]
      """;

  /** Records and samples of some keys: on time, early, late, far ahead; batches of uneven size; now and then a gap. */
  private static Story story(long seed, int steps, Random crashes) {
    Random random = new Random(seed);
    Story story = new Story(RULES);
    double now = 1;
    for (int step = 0; step < steps; step++) {
      now += random.nextInt(20) == 0 ? random.nextDouble() * 25 : random.nextDouble() * 0.8;
      for (int i = random.nextInt(6); i > 0; i--) {
        double time =
            switch (random.nextInt(12)) {
              case 0 -> now - 10 - random.nextDouble() * 15;
              case 1 -> now + random.nextDouble() * 9;
              default -> now - random.nextDouble() * 5;
            };
        double n = Math.rint(random.nextDouble() * 1e5) / 1e3;
        story.record(
            time,
            "\"kind\":\"event\",\"action\":\"a\",\"actor\":\"u" + random.nextInt(7)
                + "\",\"attributes\":{\"n\":" + n + "}");
      }
      for (int i = random.nextInt(4); i > 0; i--) {
        story.sample(
            now - random.nextDouble() * 12, "s" + random.nextInt(3), random.nextGaussian() * 30);
      }
      story.at(now);
      if (crashes.nextInt(40) == 0) {
        story.store();
      }
      if (crashes.nextInt(60) == 0) {
        story.crash();
      }
    }
    return story;
  }

  private static final class Never extends Random {
    private static final long serialVersionUID = 1;

    @Override
    public int nextInt(int bound) {
      return 1;
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void crashesChangeNothing(long seed) {
    Story undisturbed = story(seed, 500, new Never());
    Story crashed = story(seed, 500, new Random(seed * 31));
    assertThat(crashed.findings).isEqualTo(undisturbed.findings);
    assertThat(undisturbed.findings).isNotEmpty();
    Map<String, byte[]> expected = undisturbed.allPanes();
    Map<String, byte[]> actual = crashed.allPanes();
    assertThat(actual.keySet()).isEqualTo(expected.keySet());
    expected.forEach((pane, bytes) -> assertThat(actual.get(pane)).as(pane).isEqualTo(bytes));
    assertThat(crashed.analysis.late()).isEqualTo(undisturbed.analysis.late());
  }

  /** Folds every record again for every window that is asked for. */
  private static Map<String, Double> naive(
      List<Batch> batches, String actor, long windowStartUs, long windowEndUs) {
    long paneUs = 2_000_000;
    Map<Long, List<Double>> panes = new TreeMap<>();
    for (Batch batch : batches) {
      for (byte[] canonical : batch.records()) {
        RecordView record = new RecordView(canonical);
        if (!actor.equals(record.text("actor"))) {
          continue;
        }
        long timeUs = record.timeUs() > batch.atUs() + 5_000_000 ? batch.atUs() : record.timeUs();
        long oldestOpen = 0;
        while ((oldestOpen + 1) * paneUs + 10_000_000 <= batch.atUs() - Story.T0_US) {
          oldestOpen++;
        }
        oldestOpen += Story.T0_US / paneUs;
        if (batch.atUs() - Story.T0_US < 12_000_000) {
          oldestOpen = Math.floorDiv(batch.atUs() - 10_000_000, paneUs);
        }
        long pane = Math.max(Math.floorDiv(timeUs, paneUs), oldestOpen);
        double n =
            ((Number) java.util.Objects.requireNonNull(record.attributes().get("n"))).doubleValue();
        panes.computeIfAbsent(pane, p -> new ArrayList<>()).add(n);
      }
    }
    List<Double> all = new ArrayList<>();
    double sum = 0;
    double last = 0;
    for (Map.Entry<Long, List<Double>> pane : panes.entrySet()) {
      long start = pane.getKey() * paneUs;
      if (start >= windowStartUs && start < windowEndUs) {
        double paneSum = 0;
        for (double n : pane.getValue()) {
          paneSum += n;
          last = n;
        }
        all.addAll(pane.getValue());
        sum += paneSum;
      }
    }
    double[] sorted = all.stream().mapToDouble(n -> n).sorted().toArray();
    return Map.of(
        "count",
        (double) sorted.length,
        "sum",
        sum,
        "mean",
        sum / sorted.length,
        "min",
        sorted[0],
        "max",
        sorted[sorted.length - 1],
        "last",
        last,
        "p95",
        sorted[(int) Math.ceil(0.95 * sorted.length) - 1]);
  }

  @Test
  void windowsAreWhatANaiveReadingGives() {
    Story story = new Story(RULES);
    Random random = new Random(7);
    double now = 30;
    int compared = 0;
    for (int step = 0; step < 300; step++) {
      now += random.nextDouble();
      for (int i = random.nextInt(5); i > 0; i--) {
        double n = Math.rint(random.nextDouble() * 1e5) / 1e3;
        story.record(
            now - random.nextDouble() * 14 + 2,
            "\"kind\":\"event\",\"action\":\"a\",\"actor\":\"u" + random.nextInt(3)
                + "\",\"attributes\":{\"n\":" + n + "}");
      }
      story.at(now);
      for (StatisticUpdate.Value value : story.last.updates().getOrDefault("events", List.of())) {
        Map<String, Double> expected = naive(
            story.batches,
            String.valueOf(value.key().get("actor")),
            value.windowStartUs(),
            value.windowEndUs());
        for (String exact : List.of("count", "sum", "mean", "min", "max", "last")) {
          assertThat(value.fields().get(exact)).as(exact).isEqualTo(expected.get(exact));
        }
        double p95 = java.util.Objects.requireNonNull(expected.get("p95"));
        assertThat(value.fields().get("p95")).isBetween(p95 * (1 - 1.0 / 64), p95 * (1 + 1.0 / 64));
        compared++;
      }
    }
    assertThat(compared).isGreaterThan(300);
  }

  @Test
  void quantilesAreWithinTheirBound() {
    Random random = new Random(3);
    for (int round = 0; round < 50; round++) {
      double[] values = new double[1 + random.nextInt(2000)];
      Histogram histogram = Histogram.unbounded();
      for (int i = 0; i < values.length; i++) {
        values[i] = random.nextGaussian() * Math.pow(10, random.nextInt(9) - 4);
        histogram.add(values[i]);
      }
      Arrays.sort(values);
      for (double q : new double[] {0.01, 0.5, 0.95, 0.999}) {
        double exact = values[(int) Math.ceil(q * values.length) - 1];
        assertThat(histogram.quantile(q))
            .isBetween(exact - Math.abs(exact) / 64, exact + Math.abs(exact) / 64);
      }
    }
  }
}
