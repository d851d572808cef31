package io.vedette.collector.integrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;

class PaceTest {
  @Test
  void workTakesItsShareWhateverItsPieces() {
    for (int percent : new int[] {1, 5, 50, 100}) {
      long[] nowNs = {7};
      long[] restedNs = {0};
      Pace pace = new Pace(percent, () -> nowNs[0], ns -> {
        nowNs[0] += ns;
        restedNs[0] += ns;
      });
      Random random = new Random(percent);
      long workedNs = 0;
      for (int i = 0; i < 1_000; i++) {
        long pieceNs = random.nextInt(50_000_000);
        nowNs[0] += pieceNs;
        workedNs += pieceNs;
        pace.rest();
      }
      assertThat(workedNs * 100.0 / (workedNs + restedNs[0]))
          .isCloseTo(percent, org.assertj.core.data.Offset.offset(0.01));
    }
  }

  @Test
  void noShareIsNoPace() {
    assertThatThrownBy(() -> new Pace(0, () -> 0, ns -> {}))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
