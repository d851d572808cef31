package io.vedette.alert.pulse;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.alert.lifecycle.Alert;
import io.vedette.alert.lifecycle.Lifecycle;
import io.vedette.alert.lifecycle.Posted;
import io.vedette.testkit.ManualClock;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PulseTest {
  private final ManualClock clock = new ManualClock();
  private Pulse pulse = new Pulse(1, Duration.ofSeconds(30));
  private @Nullable Alert alert;
  private long batch = 7;

  /** Looks once a second. What is said is done, as the book does it. */
  private String seconds(int seconds, boolean batches) {
    StringBuilder told = new StringBuilder();
    for (int second = 1; second <= seconds; second++) {
      clock.advance(Duration.ofSeconds(1));
      batch += batches ? 1 : 0;
      String said = look();
      told.append(said.isEmpty() ? "" : said + "@" + second + " ");
    }
    return told.toString().strip();
  }

  private String look() {
    Optional<Posted> posted = pulse.look(batch, alert, clock.nowUs());
    if (posted.isEmpty()) {
      return "";
    }
    var change =
        Lifecycle.onPosted(alert, posted.get(), clock.nowUs(), 1_000_000).orElseThrow();
    alert = change.alert();
    return change.kind().text();
  }

  @Test
  void silenceFiresAtItsLimitAndOnlyOnce() {
    assertThat(look()).isEmpty();
    assertThat(seconds(29, false)).isEmpty();
    assertThat(seconds(100, false)).isEqualTo("fired@1");
    Alert fired = java.util.Objects.requireNonNull(alert);
    assertThat(fired.name()).isEqualTo("TrailSilent");
    assertThat(fired.startsUs()).isEqualTo(ManualClock.START_US);
    assertThat(fired.labels()).containsEntry("trail", "1").containsEntry("severity", "critical");
  }

  @Test
  void trailThatGoesOnSaysNothing() {
    look();
    assertThat(seconds(300, true)).isEmpty();
  }

  @Test
  void batchesThatComeEverySecondAgainResolveIt() {
    look();
    seconds(60, false);
    assertThat(seconds(20, true)).isEqualTo("resolved@6");
    assertThat(seconds(20, true)).isEmpty();
    assertThat(seconds(40, false)).isEqualTo("fired@30");
  }

  /** Records of people who look around come one by one: they move log time, and do not keep it going. */
  @Test
  void singleBatchesDoNotResolveIt() {
    look();
    seconds(60, false);
    for (int i = 0; i < 10; i++) {
      assertThat(seconds(1, true)).isEmpty();
      assertThat(seconds(10, false)).isEmpty();
    }
  }

  @Test
  void itIsSaidAgainBeforeItEndsByItself() {
    look();
    assertThat(seconds(1300, false))
        .isEqualTo("fired@30 updated@331 updated@632 updated@933 updated@1234");
  }

  @Test
  void timeInWhichNobodyLookedDoesNotCount() {
    look();
    clock.advance(Duration.ofHours(3));
    assertThat(look()).isEmpty();
    clock.advance(Duration.ofHours(-5));
    assertThat(look()).isEmpty();
    assertThat(seconds(24, false)).isEmpty();
    assertThat(seconds(1, false)).isEqualTo("fired@1");
  }

  @Test
  void nextOwnerKeepsWhatFiredUntilBatchesCome() {
    look();
    seconds(60, false);
    pulse = new Pulse(1, Duration.ofSeconds(30));
    assertThat(look()).isEmpty();
    assertThat(seconds(60, false)).isEmpty();
    assertThat(seconds(10, true)).isEqualTo("resolved@6");
  }
}
