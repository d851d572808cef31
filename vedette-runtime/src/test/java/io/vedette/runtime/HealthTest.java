package io.vedette.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vedette.runtime.Health.Check;
import org.junit.jupiter.api.Test;

class HealthTest {
  private final Health health = new Health();

  @Test
  void readyWithoutChecks() {
    assertThat(health.isReady()).isTrue();
  }

  @Test
  void degradedIsReadyDownIsNot() {
    health.register("bus", Check::up);
    health.register("store", () -> Check.degraded("reads answer 503"));
    assertThat(health.isReady()).isTrue();

    Runnable forget = health.register("database", () -> Check.down("refused"));
    assertThat(health.isReady()).isFalse();

    forget.run();
    assertThat(health.isReady()).isTrue();
    assertThat(health.report()).containsOnlyKeys("bus", "store");
  }

  @Test
  void checkThatThrowsIsDown() {
    health.register("odd", () -> {
      throw new IllegalStateException("odd");
    });

    assertThat(health.report())
        .containsEntry("odd", Check.down("the check failed: java.lang.IllegalStateException: odd"));
  }

  @Test
  void drainingIsNotReadyAndSaysWhy() {
    health.drain("SIGTERM");
    health.drain("again");

    assertThat(health.isReady()).isFalse();
    assertThat(health.report()).containsEntry("draining", Check.down("SIGTERM"));
  }

  @Test
  void nameIsTakenOnce() {
    health.register("bus", Check::up);

    assertThatThrownBy(() -> health.register("bus", Check::up))
        .hasMessage("health check bus: registered twice");
  }
}
