package io.vedette.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SampleBlockTest {
  private static final Series CPU = Series.of("cpu", Map.of("mode", "user", "cpu", "0"));
  private static final Series LOAD = Series.of("load1", Map.of());

  private static final List<Sample> GOLDEN = List.of(
      new Sample(CPU, 1_800_000_000_000_000L, 0.25),
      new Sample(LOAD, 1_800_000_000_000_000L, 1),
      new Sample(CPU, 1_800_000_001_000_000L, -0.5),
      new Sample(LOAD, 1_799_999_999_000_000L, 0));

  /** Columns of {@link #GOLDEN}; the deflate stream around them may differ by zlib. */
  private static final String COLUMNS = "02"
      + "03637075" + "02" + "03637075" + "0130" + "046d6f6465" + "0475736572"
      + "056c6f616431" + "00"
      + "04" + "00010001"
      + "8080c489e5c5b206" + "00" + "80897a" + "ff91f401"
      + "3f3fbf00" + "d0f0e000" + "00000000".repeat(6);

  /** A block as version 1 wrote it once. */
  private static final String BLOCK =
      "0163624e2e286502118c062cb9f929a92ca5c5a945ac39f98929860c2c0c8c0c8c0d0d473a9f1eddc4c6d0d059f57fe217467bfbfd0c173e3c60c00500";

  @Test
  void columnsAreForEver() {
    assertThat(HexFormat.of().formatHex(SampleBlock.columns(GOLDEN))).isEqualTo(COLUMNS);
    assertThat(HexFormat.of().formatHex(SampleBlock.inflate(SampleBlock.encode(GOLDEN))))
        .isEqualTo(COLUMNS);
  }

  @Test
  void theGoldenBlockIsRead() {
    assertThat(SampleBlock.decode(HexFormat.of().parseHex(BLOCK))).isEqualTo(GOLDEN);
  }

  @Test
  void whatGoesInComesOut() {
    Random random = new Random(5);
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < 5000; i++) {
      Series series =
          Series.of("m" + random.nextInt(20), Map.of("l", "\u00e9" + random.nextInt(3)));
      samples.add(
          new Sample(series, random.nextLong(), Double.longBitsToDouble(random.nextLong())));
    }
    assertThat(SampleBlock.decode(SampleBlock.encode(samples))).isEqualTo(samples);
    assertThat(SampleBlock.encode(List.of())).isEmpty();
    assertThat(SampleBlock.decode(new byte[0])).isEmpty();
  }

  @Test
  void mutatedBlocksAreReadOrRefused() {
    long seed = Long.getLong("seed", 77L);
    Random random = new Random(seed);
    byte[] block = SampleBlock.encode(GOLDEN);
    for (int round = 0; round < 50_000; round++) {
      byte[] mutated = block.clone();
      for (int change = random.nextInt(3); change >= 0; change--) {
        mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(256);
      }
      try {
        assertThat(SampleBlock.decode(mutated)).isNotNull();
      } catch (IllegalArgumentException refused) {
        assertThat(refused.getMessage()).as("seed %d", seed).isNotEmpty();
      }
    }
    assertThatThrownBy(() -> SampleBlock.decode(new byte[] {2}))
        .hasMessage("sample block: version 2 (expected: 1)");
  }
}
