package io.vedette.edge.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.edge.protocol.CloseCode;
import java.util.List;
import org.junit.jupiter.api.Test;

/** More records than a browser can show: which go out, and what is said of the others. */
class SamplingTest {
  private static final long SECOND = 1_000_000;

  private final Stage stage = new Stage(64, 4, 10);

  /** So many records in batches of five, spread over a second. */
  private void second(long from, int records) {
    for (int i = 0; i < records; i += 5) {
      long at = from + i;
      stage.publish(at, r(at), r(at + 1), r(at + 2), r(at + 3), r(at + 4));
      stage.loop.nowUs += SECOND * 5 / records;
    }
  }

  private static String r(long n) {
    return "{\"actor\":\"" + (n % 2 == 0 ? "even" : "odd") + "\"}";
  }

  @Test
  void belowTheRateEverythingGoesOut() {
    Sampler sampler = new Sampler(10);
    for (int i = 0; i < 30; i++) {
      assertThat(sampler.every(1, i * SECOND / 10)).isEqualTo(1);
    }
    assertThat(new Sampler(0).every(1_000_000, 1)).isEqualTo(1);
  }

  @Test
  void followsTheRateUpAtOnceAndDownStepByStep() {
    Sampler sampler = new Sampler(10);
    assertThat(sampler.every(80, SECOND)).isEqualTo(8);
    assertThat(sampler.every(5, 2 * SECOND)).as("80 a second before").isEqualTo(8);
    assertThat(sampler.every(5, 3 * SECOND)).as("5 a second before").isEqualTo(4);
    assertThat(sampler.every(5, 4 * SECOND)).isEqualTo(2);
    assertThat(sampler.every(5, 5 * SECOND)).isEqualTo(1);
    assertThat(sampler.every(5, 6 * SECOND)).isEqualTo(1);
  }

  @Test
  void whatIsLeftOutIsDeclaredCountedAndByIndex() {
    stage.records.open("e", -1);
    Stage.Client sampled = stage.client();
    Stage.Client all = stage.client();
    Stage.Client filtered = stage.client();
    sampled.register("records", "\"position\":\"new\"");
    all.register("records", "\"position\":\"new\",\"sampling\":\"none\"");
    filtered.register("records", "\"filter\":{\"actor\":\"odd\"}");
    second(0, 40);
    stage.records.announceHead();
    sampled.settle();
    assertThat(sampled.last())
        .contains("\"position\":\"e:39\"", "\"sampled\":\"1/4\"", "\"skipped\":");
    assertThat(all.last()).contains("\"position\":\"e:39\"").doesNotContain("sampled");
    stage.loop.nowUs += SECOND;
    for (int i = 0; i < 4; i++) {
      second(40 + 5 * i, 5);
    }
    assertThat(all.offsets()).hasSize(60);
    assertThat(filtered.offsets()).as("a filter is never sampled").hasSize(30);
    List<Long> got = sampled.offsets();
    assertThat(got)
        .startsWith(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L)
        .endsWith(55L, 56L, 57L, 58L, 59L);
    long next = 0;
    for (String message : sampled.written) {
      if (message.startsWith("{\"type\":\"rec\"")) {
        long offset = Long.parseLong(message.replaceAll(".*\"position\":\"e:(-?\\d+)\".*", "$1"));
        long skipped = message.contains("\"skipped\"")
            ? Long.parseLong(message.replaceAll(".*\"skipped\":\"(\\d+)\".*", "$1"))
            : 0;
        assertThat(offset).as(message).isEqualTo(next + skipped);
        if (message.contains("\"1/4\"")) {
          assertThat(offset % 4).isZero();
        }
        next = offset + 1;
      }
    }
    assertThat(next).isEqualTo(60);
    assertThat(sampled.closed).isNotEqualTo(CloseCode.SLOW);
    assertThat(stage
            .registry
            .counter("vedette_edge_publications_dropped", "topic", "records", "verdict", "sample")
            .count())
        .isEqualTo(60 - got.size());
  }
}
