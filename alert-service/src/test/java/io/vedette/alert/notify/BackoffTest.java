package io.vedette.alert.notify;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BackoffTest {
  private static Backoff backoff(double random) {
    return new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(1), () -> random);
  }

  @Test
  void doublesUpToTheMost() {
    assertThat(backoff(0).waitUs(1, 0)).isEqualTo(1_000_000);
    assertThat(backoff(0).waitUs(4, 0)).isEqualTo(8_000_000);
    assertThat(backoff(0).waitUs(7, 0)).isEqualTo(60_000_000);
    assertThat(backoff(0).waitUs(1000, 0)).isEqualTo(60_000_000);
  }

  @Test
  void jitterTakesAtMostHalf() {
    assertThat(backoff(0.999).waitUs(4, 0)).isBetween(4_000_000L, 8_000_000L);
  }

  @Test
  void neverSoonerThanTheReceiverAsked() {
    assertThat(backoff(0).waitUs(1, 90_000)).isEqualTo(90_000_000);
  }
}
