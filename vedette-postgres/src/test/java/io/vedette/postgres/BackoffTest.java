package io.vedette.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BackoffTest {
  @Test
  void doublesToTenSeconds() {
    Backoff backoff = new Backoff();
    assertThat(IntStream.range(0, 9)
            .mapToObj(i -> backoff.after(Duration.ofSeconds(1)).toMillis()))
        .containsExactly(100L, 200L, 400L, 800L, 1600L, 3200L, 6400L, 10000L, 10000L);
  }

  @Test
  void aRunOfAMinuteForgives() {
    Backoff backoff = new Backoff();
    backoff.after(Duration.ZERO);
    backoff.after(Duration.ZERO);
    assertThat(backoff.after(Duration.ofMinutes(1))).isEqualTo(Duration.ofMillis(100));
  }
}
