package io.vedette.collector.integrate.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.model.CanonicalRecord;
import io.vedette.model.RecordDraft;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ActsTest {
  private static byte[] act(String source, String kind, String action, List<?> ranges) {
    RecordDraft draft = RecordDraft.builder()
        .kind(kind)
        .action(action)
        .observedUs(1)
        .attribute("ranges", ranges)
        .build();
    return CanonicalRecord.of(draft, source).seal(1);
  }

  @Test
  void erasuresAndExpiriesNameWhatCameBeforeThemAndNothingElseDoes() {
    Acts acts = new Acts();
    acts.add(100, act("vedette", "trail.erase", "record.erase", List.of(List.of(3L, 4L))));
    acts.add(101, act("vedette", "trail.retention", "partition.drop", List.of(List.of(10L, 19L))));
    acts.add(102, act("web", "trail.erase", "record.erase", List.of(List.of(30L, 30L))));
    acts.add(103, act("vedette", "trail.erase", "partition.drop", List.of(List.of(31L, 31L))));
    acts.add(104, act("vedette", "audit", "record.erase", List.of(List.of(32L, 32L))));
    acts.add(33, act("vedette", "trail.erase", "record.erase", List.of(List.of(33L, 40L))));
    acts.add(105, act("vedette", "trail.erase", "record.erase", List.of(List.of(9L, 5L), 7L)));
    acts.add(106, "rubbish".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    for (long index = 0; index < 50; index++) {
      assertThat(acts.name(index))
          .as("index %d", index)
          .isEqualTo((index >= 3 && index <= 4) || (index >= 10 && index <= 19));
    }
    assertThat(Acts.mayBe(act("vedette", "trail.erase", "record.erase", List.of())))
        .isTrue();
    assertThat(Acts.mayBe(act("web", "audit", "record.erase", List.of()))).isFalse();
  }

  /** Against a set of bits; the seed is in the failure. */
  @Test
  void rangesAreASet() {
    long seed = Long.getLong("seed", 20261122L);
    Random random = new Random(seed);
    for (int round = 0; round < 300; round++) {
      IndexRanges one = new IndexRanges();
      IndexRanges other = new IndexRanges();
      BitSet bits = new BitSet();
      BitSet otherBits = new BitSet();
      for (int i = 0; i < random.nextInt(30); i++) {
        int first = random.nextInt(200);
        int end = first + 1 + random.nextInt(i % 5 == 0 ? 60 : 5);
        (i % 3 == 0 ? other : one).add(first, end);
        (i % 3 == 0 ? otherBits : bits).set(first, end);
      }
      for (int index = 0; index < 270; index++) {
        assertThat(one.contains(index))
            .as("seed %d round %d", seed, round)
            .isEqualTo(bits.get(index));
      }
      assertThat(one.count()).as("seed %d round %d", seed, round).isEqualTo(bits.cardinality());
      BitSet lacking = (BitSet) bits.clone();
      lacking.andNot(otherBits);
      assertThat(one.firstNotIn(other))
          .as("seed %d round %d", seed, round)
          .isEqualTo(lacking.nextSetBit(0));
    }
  }
}
