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
    assertThat(pace.changed(5)).isZero();
    assertThat(pace.changed(40_005)).isEqualTo(60_000);
    assertThat(pace.changed(50_000)).isEqualTo(-1);
    pace.published(100_005);
    assertThat(pace.changed(300_000)).isZero();
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
