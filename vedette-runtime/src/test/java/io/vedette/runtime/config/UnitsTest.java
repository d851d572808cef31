package io.vedette.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnitsTest {
  @ParameterizedTest
  @CsvSource({
    "250ms,PT0.25S",
    "5s,PT5S",
    "1h30m,PT1H30M",
    "1w,PT168H",
    "10us,PT0.00001S",
    "0,PT0S",
    "1s500ms,PT1.5S"
  })
  void readsDurations(String text, Duration expected) {
    assertThat(Units.duration(text)).contains(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "5", "s", "5 s", "-5s", "5sec", "1.5s", "999999999999w", "5s!", "ms5"})
  void refusesWhatIsNoDuration(String text) {
    assertThat(Units.duration(text)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"1MiB,1048576", "512,512", "2GiB,2147483648", "1kB,1000", "0B,0", "3TB,3000000000000"
  })
  void readsSizes(String text, long expected) {
    assertThat(Units.size(text)).contains(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1M", "MiB", "-1", "1 MiB", "999999999999TiB", "1.5MiB"})
  void refusesWhatIsNoSize(String text) {
    assertThat(Units.size(text)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"250ms", "1h30m", "1w", "0s", "2d5us"})
  void writesDurationsAsTheyAreRead(String text) {
    assertThat(Units.text(Units.duration(text).orElseThrow())).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1MiB", "1500B", "2GiB", "0B"})
  void writesSizesAsTheyAreRead(String text) {
    assertThat(Units.text(Units.size(text).orElseThrow())).isEqualTo(text);
  }
}
