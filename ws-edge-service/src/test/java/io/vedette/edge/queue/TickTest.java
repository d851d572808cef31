package io.vedette.edge.queue;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TickTest {
  @Test
  void flushesAtOnceWhenIdleAndTakesHalfOfTheTimeWhenBusy() {
    Tick tick = new Tick(20_000);
    assertThat(tick.delayUs(1_000)).isZero();
    tick.flushed(1_000, 3_000);
    assertThat(tick.delayUs(3_000)).isEqualTo(2_000);
    assertThat(tick.delayUs(5_000)).isZero();
    tick.flushed(10_000, 110_000);
    assertThat(tick.delayUs(110_000)).isEqualTo(20_000);
  }

  @Test
  void aStateTopicPublishesTheFirstChangeAtOnceAndTheRestTogether() {
    Pace pace = new Pace(100_000);
    assertThat(pace.changed(5, 1)).isZero();
    assertThat(pace.take(5)).isEqualTo(1);
    assertThat(pace.changed(40_005, 40_001)).isEqualTo(60_000);
    assertThat(pace.changed(50_000, 50_000)).isEqualTo(-1);
    assertThat(pace.isWaiting(pace.turn())).isTrue();
    assertThat(pace.take(100_005)).isEqualTo(40_001);
    assertThat(pace.changed(300_000, 300_000)).isZero();
  }

  @Test
  void aStateTopicDoesNotWaitForATimerThatIsLate() {
    Pace pace = new Pace(100_000);
    assertThat(pace.changed(0, 0)).isZero();
    pace.take(0);
    assertThat(pace.changed(50_000, 49_000)).isEqualTo(50_000);
    long turn = pace.turn();
    assertThat(pace.changed(99_999, 99_999)).isEqualTo(-1);
    assertThat(pace.changed(100_000, 100_000)).isZero();
    assertThat(pace.take(100_000)).isEqualTo(49_000);
    assertThat(pace.isWaiting(turn)).as("nothing is left to the timer").isFalse();
    assertThat(pace.changed(130_000, 130_000)).isEqualTo(70_000);
    assertThat(pace.isWaiting(turn)).as("what waits now has its own timer").isFalse();
  }

  @Test
  void aClockThatIsSetBackDelaysNothing() {
    Pace pace = new Pace(100_000);
    pace.changed(3_600_000_000L, 0);
    pace.take(3_600_000_000L);
    assertThat(pace.changed(0, 0)).isEqualTo(100_000);
  }

  @Test
  void aBucketTakesItsBurstThenItsRate() {
    TokenBucket bucket = new TokenBucket(10, 0);
    for (int i = 0; i < 20; i++) {
      assertThat(bucket.take(0)).isTrue();
    }
    assertThat(bucket.take(0)).isFalse();
    assertThat(bucket.take(100_000)).isTrue();
    assertThat(bucket.take(100_000)).isFalse();
  }
}
