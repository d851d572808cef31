package io.vedette.alert.notify;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.alert.notify.dashboard.DashboardSender;
import org.junit.jupiter.api.Test;

class ThrottleTest {
  private final Throttle throttle = new Throttle();

  private static Integration integration(int perMinute, int inFlight) {
    return new Integration("log/0", true, perMinute, inFlight, vertx -> new DashboardSender());
  }

  @Test
  void noMoreAtOnceThanAllowed() {
    Integration two = integration(1000, 2);
    assertThat(throttle.enter("x", two, 0)).isTrue();
    assertThat(throttle.enter("x", two, 0)).isTrue();
    assertThat(throttle.full("x", two, 0)).isTrue();
    assertThat(throttle.enter("y", two, 0)).isTrue();
    throttle.leave("x");
    assertThat(throttle.enter("x", two, 0)).isTrue();
  }

  @Test
  void noMoreAMinuteThanAllowed() {
    Integration slow = integration(2, 10);
    assertThat(throttle.enter("x", slow, 0)).isTrue();
    assertThat(throttle.enter("x", slow, 0)).isTrue();
    assertThat(throttle.enter("x", slow, 29_000_000)).isFalse();
    assertThat(throttle.enter("x", slow, 31_000_000)).isTrue();
  }
}
