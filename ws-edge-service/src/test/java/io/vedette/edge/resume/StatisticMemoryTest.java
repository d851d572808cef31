package io.vedette.edge.resume;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.model.Stamps;
import io.vedette.model.StatisticUpdate;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class StatisticMemoryTest {
  private static final long SECOND = 1_000_000;

  private static StatisticUpdate update(long endUs, String key, double last) {
    return new StatisticUpdate(
        1,
        "host",
        1,
        endUs,
        List.of(new StatisticUpdate.Value(
            0,
            1,
            new TreeMap<>(Map.of("k", key)),
            endUs - SECOND,
            endUs,
            new TreeMap<>(Map.of("last", last)))),
        Stamps.UNKNOWN);
  }

  @Test
  void readsWhatEndedWithinTheRange() {
    StatisticMemory memory = new StatisticMemory(1 << 20, 900 * SECOND);
    for (int i = 1; i <= 10; i++) {
      memory.add(update(i * SECOND, "a", i));
    }
    List<StatisticMemory.History> read = memory.read("host", 3 * SECOND, 6 * SECOND);
    assertThat(read).hasSize(1);
    assertThat(read.get(0).points())
        .extracting(point -> point.fields()[0])
        .containsExactly(4.0, 5.0, 6.0);
    assertThat(memory.read("other", 0, Long.MAX_VALUE)).isEmpty();
  }

  @Test
  void oneValueOfEachSecondIsKeptTheNewest() {
    StatisticMemory memory = new StatisticMemory(1 << 20, 900 * SECOND);
    for (int i = 0; i < 100; i++) {
      memory.add(update(5 * SECOND + i * 1_000L, "a", i));
    }
    assertThat(memory.read("host", 0, Long.MAX_VALUE).get(0).points())
        .hasSize(1)
        .allSatisfy(point -> assertThat(point.fields()[0]).isEqualTo(99));
  }

  @Test
  void theOldestOfAllKeysGoesWhenMemoryIsFullOrAgeIsReached() {
    StatisticMemory memory = new StatisticMemory(720, 900 * SECOND);
    for (int i = 1; i <= 20; i++) {
      memory.add(update(i * SECOND, i % 2 == 0 ? "a" : "b", i));
    }
    assertThat(memory.bytes()).isLessThanOrEqualTo(720);
    assertThat(memory.read("host", 0, Long.MAX_VALUE))
        .hasSize(2)
        .allSatisfy(history -> assertThat(history.points()).hasSize(5));
    memory.add(update(2_000 * SECOND, "a", 0));
    assertThat(memory.read("host", 0, Long.MAX_VALUE)).hasSize(1);
    assertThat(memory.names()).containsExactly("host");
  }
}
