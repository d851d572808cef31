package io.vedette.alert.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class FingerprintTest {
  @Test
  void noLabelsHaveTheHashOfNothing() {
    assertThat(Fingerprint.of(new TreeMap<>())).isEqualTo("cbf29ce484222325");
  }

  @Test
  void separatorsKeepNamesAndValuesApart() {
    assertThat(Fingerprint.of(new TreeMap<>(Map.of("ab", "c"))))
        .isNotEqualTo(Fingerprint.of(new TreeMap<>(Map.of("a", "bc"))))
        .hasSize(16);
  }
}
