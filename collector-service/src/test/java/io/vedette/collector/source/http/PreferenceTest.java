package io.vedette.collector.source.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class PreferenceTest {
  @Test
  void readsHowLongToWait() {
    assertThat(Preference.wait(List.of("wait=5"))).isEqualTo(Duration.ofSeconds(5));
    assertThat(Preference.wait(List.of("respond-async, Wait = \"7\"; x=1")))
        .isEqualTo(Duration.ofSeconds(7));
    assertThat(Preference.wait(List.of("handling=lenient", "wait=100000")))
        .isEqualTo(Duration.ofMinutes(1));
  }

  @Test
  void whatCannotBeReadIsNoPreference() {
    assertThat(Preference.wait(List.of())).isZero();
    for (String odd :
        List.of("", "wait", "wait=", "wait=-1", "wait=1.5", "wait=99999999999999", "waits=3")) {
      assertThat(Preference.wait(List.of(odd))).as(odd).isZero();
    }
  }
}
