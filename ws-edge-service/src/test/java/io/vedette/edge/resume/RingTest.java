package io.vedette.edge.resume;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RingTest {
  private static Entry entry(long offset, int bytes) {
    return new Entry(offset, new byte[bytes]);
  }

  @Test
  void theOldestGoesWhenSlotsAreFull() {
    Ring ring = new Ring(4, 1_000);
    for (int i = 0; i < 6; i++) {
      ring.add(entry(i, 10));
    }
    assertThat(ring.get(1)).isNull();
    assertThat(ring.get(2)).isNotNull();
    assertThat(ring.get(5)).isNotNull();
    assertThat(ring.get(6)).isNull();
    assertThat(ring.bytes()).isEqualTo(40);
  }

  @Test
  void theOldestGoesWhenBytesAreFullButTheNewestStays() {
    Ring ring = new Ring(100, 50);
    ring.add(entry(0, 20));
    ring.add(entry(1, 20));
    ring.add(entry(2, 20));
    assertThat(ring.get(0)).isNull();
    assertThat(ring.bytes()).isEqualTo(40);
    ring.add(entry(3, 900));
    assertThat(ring.get(3)).isNotNull();
    assertThat(ring.get(2)).isNull();
    assertThat(ring.bytes()).isEqualTo(900);
  }

  @Test
  void aHoleEmptiesTheRing() {
    Ring ring = new Ring(8, 1_000);
    ring.add(entry(0, 10));
    ring.add(entry(7, 10));
    assertThat(ring.get(0)).isNull();
    assertThat(ring.get(7)).isNotNull();
    assertThat(ring.bytes()).isEqualTo(10);
    ring.clear();
    assertThat(ring.get(7)).isNull();
    assertThat(ring.bytes()).isZero();
  }

  @Test
  void gapsTellNextFromOldFromMissing() {
    Gaps gaps = new Gaps(4);
    assertThat(gaps.offer(5)).isEqualTo(Gaps.Verdict.NEXT);
    assertThat(gaps.offer(5)).isEqualTo(Gaps.Verdict.OLD);
    assertThat(gaps.behind()).isFalse();
    assertThat(gaps.offer(8)).isEqualTo(Gaps.Verdict.MISSING);
    assertThat(gaps.behind()).isTrue();
    assertThat(gaps.next()).isEqualTo(6);
    gaps.skipTo(8);
    assertThat(gaps.offer(8)).isEqualTo(Gaps.Verdict.NEXT);
    assertThat(gaps.behind()).isFalse();
    assertThat(gaps.head(9)).isTrue();
  }
}
