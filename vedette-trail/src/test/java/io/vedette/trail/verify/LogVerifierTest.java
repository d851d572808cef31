package io.vedette.trail.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vedette.trail.Hash;
import io.vedette.trail.NoteSigner;
import io.vedette.trail.Seed;
import io.vedette.trail.TileId;
import io.vedette.trail.TreeHasher;
import java.util.Arrays;
import java.util.Collections;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tampering, tried; each test names what shows it and where. The log has 70,000 records unless another size matters. */
class LogVerifierTest {
  private static final int SIZE = 70_000;
  private final Seed seed = Seed.of(3);
  private final Random random = seed.random();
  private final Sample log = Sample.of(random, 1000, 66_000, SIZE);

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 255, 256, 257, 511, 512, 2047, 2048, 2049, 5000})
  void anUntouchedLogVerifies(int size) {
    Sample small = Sample.of(random, size);
    for (int threads = 1; threads <= 2; threads++) {
      Verdict verdict = small.verify(small.setup(size).threads(threads), size);
      assertThat(verdict).as("%s", seed).isEqualTo(new Verdict(size, size, 0, null));
    }
  }

  @Test
  void anUntouchedLogVerifiesAgainstAllItsCheckpoints() {
    Verdict verdict = log.verify(
        log.setup(SIZE)
            .earlier(log.checkpoint(66_000))
            .earlier(log.checkpoint(1000))
            .threads(2),
        SIZE);
    assertThat(verdict).isEqualTo(new Verdict(SIZE, SIZE, 0, null));
    assertThat(log.verify(66_000).ok()).isTrue();
    assertThat(log.verify(LogVerifier.against(log.checkpoint(SIZE)), SIZE).ok())
        .as("entries alone")
        .isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 255, 256, 4711, 65_535, 65_536, 69_887, 69_888, 69_999})
  void aChangedPayloadIsFoundByItsEntry(int index) {
    byte[] record = present(log.records.get(index));
    record[record.length / 2] ^= 1;
    expect(Reason.PAYLOAD, index, index + 1);
    record[record.length / 2] ^= 1;
    present(log.salts.get(index))[7] ^= 1;
    expect(Reason.PAYLOAD, index, index + 1);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 255, 256, 4711, 65_535, 65_536, 69_887, 69_888, 69_999})
  void aChangedEntryIsFoundByTheSignedTree(int index) {
    log.entries.get(index)[20] ^= 1;
    expect(Reason.ENTRY, index, index + 1);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 255, 256, 4711, 65_535, 65_536, 69_887, 69_888, 69_999})
  void payloadSaltAndEntryChangedTogetherAreFoundByTheSignedTree(int index) {
    log.forge(index);
    expect(Reason.ENTRY, index, index + 1);
  }

  @Test
  void entriesOfAnotherFormAreRefused() {
    log.entries.set(300, new byte[32]);
    expect(Reason.ENTRY, 300, 301);
  }

  @Test
  void aDeletedRecordInTheMiddleIsFoundWhereItWas() {
    log.remove(4711);
    expect(Reason.ENTRY, 4711, 4712);
  }

  @Test
  void anInsertedRecordIsFoundWhereItIs() {
    log.entries.add(4711, log.entries.get(3));
    log.salts.add(4711, log.salts.get(3));
    log.records.add(4711, log.records.get(3));
    expect(Reason.ENTRY, 4711, 4712);
  }

  @Test
  void swappedRecordsAreFoundAtTheFirst() {
    Collections.swap(log.entries, 600, 40_000);
    Collections.swap(log.salts, 600, 40_000);
    Collections.swap(log.records, 600, 40_000);
    expect(Reason.ENTRY, 600, 601);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 69_632, 69_700, 69_888, 69_950, 69_999})
  void deletedNewestRecordsAreMissing(int left) {
    while (log.entries.size() > left) {
      log.remove(log.entries.size() - 1);
    }
    expect(Reason.MISSING, left, SIZE);
  }

  @Test
  void aShortLogIsComparedToItsEndBeforeItIsCalledShort() {
    log.remove(69_990);
    while (log.entries.size() > 69_995) {
      log.remove(69_995);
    }
    expect(Reason.ENTRY, 69_990, 69_991);
  }

  @Test
  void aChangedTileIsFoundOnEveryLevel() {
    tamper(0, 7, 256, 9);
    expect(Reason.TILE, 7 * 256 + 9, 7 * 256 + 10);
    tamper(0, 7, 256, 9);
    tamper(0, 273, 112, 5);
    expect(Reason.TILE, 273 * 256 + 5, 273 * 256 + 6);
    tamper(0, 273, 112, 5);
    tamper(1, 0, 256, 3);
    expect(Reason.TILE, 3 * 256, 4 * 256);
    tamper(1, 0, 256, 3);
    tamper(1, 1, 17, 16);
    expect(Reason.TILE, 272 * 256, 273 * 256);
    tamper(1, 1, 17, 16);
    tamper(2, 0, 1, 0);
    expect(Reason.TILE, 0, 65_536);
  }

  @Test
  void anAbsentOrShortTileIsFoundOnEveryLevel() {
    byte[] tile = log.tiles.remove(new TileId(0, 7, 256));
    expect(Reason.TILE, 7 * 256, 8 * 256);
    log.tiles.put(new TileId(0, 7, 256), new byte[31]);
    expect(Reason.TILE, 7 * 256, 8 * 256);
    log.tiles.put(new TileId(0, 7, 256), present(tile));
    log.tiles.remove(new TileId(1, 1, 17));
    expect(Reason.TILE, 65_536, 65_792);
  }

  @Test
  void aTileAndItsEntryChangedTogetherAreNarrowedToTheTile() {
    log.forge(4711);
    byte[] leaf = new TreeHasher().leaf(log.entries.get(4711)).toBytes();
    System.arraycopy(
        leaf, 0, present(log.tiles.get(new TileId(0, 18, 256))), (4711 % 256) * 32, 32);
    expect(Reason.TREE, 18 * 256, 19 * 256);
  }

  @Test
  void anEntryAndAnotherTileInTheSameTileAreBothWrong() {
    log.forge(4711);
    tamper(0, 18, 256, 200);
    expect(Reason.TREE, 18 * 256, 19 * 256);
  }

  @Test
  void aTreeRebuiltWithoutTheKeyIsFoundByTheSignedRoot() {
    log.forge(4711);
    log.rebuildTiles(SIZE);
    expect(Reason.TREE, 0, SIZE);
    Verdict narrowed = log.verify(log.setup(SIZE).earlier(log.checkpoint(1000)), SIZE);
    assertThat(narrowed.fault()).isNotNull();
    assertThat(present(narrowed.fault()).first())
        .as("1,000 entries are still what was signed then")
        .isEqualTo(1000);
  }

  @Test
  void aTreeRebuiltAndSignedWithTheKeyIsFoundByTheEarlierCheckpoint() {
    log.forge(4711);
    Hash root = log.rebuildTiles(SIZE);
    SignedCheckpoint held = log.checkpoint(66_000);
    SignedCheckpoint older = log.checkpoint(1000);
    log.checkpoints.put((long) SIZE, Sample.sign(SIZE, root, Sample.SIGNER));
    assertThat(log.verify(SIZE).ok()).as("nothing within the log shows it").isTrue();
    Verdict verdict = log.verify(log.setup(SIZE).earlier(held).earlier(older), SIZE);
    expect(verdict, Reason.EARLIER_CHECKPOINT, 1000, 66_000);
  }

  @Test
  void aCheckpointSignedWithAnotherKeyIsRefused() {
    NoteSigner other = NoteSigner.generate("example.com/sample");
    byte[] note = Sample.sign(SIZE, Hash.of(new byte[32]), other);
    assertThatThrownBy(() -> SignedCheckpoint.open(note, Sample.KEY))
        .isInstanceOfSatisfying(
            FaultException.class, e -> assertThat(e.fault().reason()).isEqualTo(Reason.SIGNATURE));
  }

  @Test
  void aRollbackIsFoundByTheEarlierCheckpoint() {
    Verdict verdict = log.verify(log.setup(66_000).earlier(log.checkpoint(SIZE)), 66_000);
    expect(verdict, Reason.EARLIER_CHECKPOINT, 66_000, SIZE);
  }

  @Test
  void aRecordThatIsGoneNeedsAnExcuse() {
    log.records.set(4711, null);
    log.salts.set(4711, null);
    log.records.set(50_000, null);
    expect(Reason.PAYLOAD_MISSING, 4711, 4712);
    Verdict one = log.verify(log.setup(SIZE).payloads(index -> index == 4711), SIZE);
    expect(one, Reason.PAYLOAD_MISSING, 50_000, 50_001);
    Verdict both = log.verify(
        log.setup(SIZE).payloads(index -> index == 4711 || index == 50_000).threads(2), SIZE);
    assertThat(both).isEqualTo(new Verdict(SIZE, SIZE - 2, 2, null));
  }

  @Test
  void anErasedEntryIsStillCompared() {
    log.records.set(4711, null);
    log.salts.set(4711, null);
    log.entries.get(4711)[5] ^= 1;
    expect(log.verify(log.setup(SIZE).payloads(index -> true), SIZE), Reason.ENTRY, 4711, 4712);
  }

  @Test
  void ofSeveralFaultsTheFirstIsTold() {
    present(log.records.get(4700))[3] ^= 1;
    log.forge(4690);
    expect(Reason.ENTRY, 4690, 4691);
    tamper(1, 1, 17, 3);
    expect(Reason.TREE, 4690, SIZE);
    present(log.records.get(4680))[3] ^= 1;
    expect(Reason.PAYLOAD, 4680, 4681);
  }

  @Test
  void aWrongEdgeTileDoesNotHideAnEarlierFault() {
    tamper(2, 0, 1, 0);
    present(log.records.get(4700))[3] ^= 1;
    expect(Reason.PAYLOAD, 4700, 4701);
  }

  @Test
  void aRunGoesOnWhereAnotherEnded() {
    for (int stop : new int[] {0, 1, 255, 256, 3000, 65_999, 66_000}) {
      byte[] state;
      try (LogVerifier verifier =
          log.setup(66_000).earlier(log.checkpoint(1000)).threads(1 + stop % 2).start()) {
        log.feed(verifier, stop);
        if (stop == 66_000) {
          assertThat(verifier.finish().ok()).isTrue();
        }
        state = verifier.state().orElseThrow();
      }
      LogVerifier.Setup resumed = log.setup(SIZE).resume(state).earlier(log.checkpoint(66_000));
      try (LogVerifier verifier = resumed.start()) {
        assertThat(verifier.next())
            .as("stop %d", stop)
            .isLessThanOrEqualTo(stop)
            .isGreaterThan(stop - 12_000L);
        log.feed(verifier, SIZE);
        assertThat(verifier.finish().ok()).as("stop %d", stop).isTrue();
      }
      log.forge(69_000);
      expect(log.verify(log.setup(SIZE).resume(state), SIZE), Reason.ENTRY, 69_000, 69_001);
      restore(69_000);
    }
  }

  @Test
  void aStateOfAnotherHistoryIsNotResumedQuietly() {
    byte[] state;
    try (LogVerifier verifier = log.setup(SIZE).start()) {
      log.feed(verifier, SIZE);
      assertThat(verifier.finish().ok()).isTrue();
      state = verifier.state().orElseThrow();
    }
    expect(
        log.verify(log.setup(66_000).resume(state), 66_000),
        Reason.EARLIER_CHECKPOINT,
        66_000,
        SIZE);
    assertThatThrownBy(
            () -> log.setup(SIZE).resume(state).earlier(log.checkpoint(1000)).start())
        .hasMessageContaining("verify from the start");
    Sample other = Sample.of(random, SIZE);
    expect(other.verify(other.setup(SIZE).resume(state), SIZE), Reason.EARLIER_CHECKPOINT, 0, SIZE);
    for (int cut = 0; cut < state.length; cut++) {
      byte[] shorter = Arrays.copyOf(state, cut);
      try {
        log.setup(SIZE).resume(shorter).start().close();
        assertThat(cut).as("only whole confirmed lines may go").isGreaterThan(state.length - 60);
      } catch (FaultException e) {
        assertThat(e.fault().reason()).isEqualTo(Reason.CHECKPOINT);
      }
    }
  }

  /** What a finished run confirmed is history for the next, also the entries after the last full tile, which are fed again. */
  @Test
  void entriesChangedAndSignedAgainSinceTheLastRunAreFound() {
    byte[] state;
    try (LogVerifier verifier = log.setup(66_000).start()) {
      log.feed(verifier, 66_000);
      assertThat(verifier.finish().ok()).isTrue();
      state = verifier.state().orElseThrow();
    }
    log.forge(65_900);
    log.checkpoints.put((long) SIZE, Sample.sign(SIZE, log.rebuildTiles(SIZE), Sample.SIGNER));
    expect(log.verify(log.setup(SIZE).resume(state), SIZE), Reason.EARLIER_CHECKPOINT, 0, 66_000);
  }

  @Test
  void feedingBeyondTheCheckpointIsAMistakeOfTheCaller() {
    try (LogVerifier verifier = log.setup(1000).start()) {
      log.feed(verifier, 1000);
      assertThatThrownBy(() -> verifier.add(new byte[33]))
          .hasMessageContaining("beyond the checkpoint's size, 1000");
    }
  }

  /** Random single changes, whatever they hit, never verify and never point behind themselves. */
  @Test
  void aThousandRandomChangesAreAllFound() {
    Sample small = Sample.of(random, 300, 1500);
    for (int round = 0; round < 1000; round++) {
      int index = random.nextInt(1500);
      byte[] victim =
          switch (random.nextInt(4)) {
            case 0 -> present(small.records.get(index));
            case 1 -> present(small.salts.get(index));
            case 2 -> small.entries.get(index);
            default ->
              present(small.hashes(0, index / 256, Math.min(256, 1500 - index / 256 * 256)));
          };
      int at = random.nextInt(victim.length);
      byte bit = (byte) (1 << random.nextInt(8));
      victim[at] ^= bit;
      Verdict verdict = small.verify(small.setup(1500).threads(1 + round % 2), 1500);
      assertThat(verdict.ok()).as("round %d, %s", round, seed).isFalse();
      assertThat(present(verdict.fault()).first() / 256)
          .as("round %d, %s, %s", round, seed, verdict)
          .isEqualTo(index / 256);
      victim[at] ^= bit;
    }
    assertThat(small.verify(1500).ok()).isTrue();
  }

  private void restore(int index) {
    Sample again = Sample.of(seed.random(), 1000, 66_000, SIZE);
    log.entries.set(index, again.entries.get(index));
    log.salts.set(index, again.salts.get(index));
    log.records.set(index, again.records.get(index));
  }

  private void tamper(int level, long index, int width, int hash) {
    present(log.tiles.get(new TileId(level, index, width)))[hash * 32 + 5] ^= 1;
  }

  private void expect(Reason reason, long first, long end) {
    expect(log.verify(SIZE), reason, first, end);
    expect(log.verify(log.setup(SIZE).threads(2), SIZE), reason, first, end);
  }

  private void expect(Verdict verdict, Reason reason, long first, long end) {
    Fault fault = verdict.fault();
    assertThat(fault).as("%s", seed).isNotNull();
    assertThat(present(fault).reason()).as("%s, %s", fault, seed).isEqualTo(reason);
    assertThat(present(fault).first()).as("%s, %s", fault, seed).isEqualTo(first);
    assertThat(present(fault).end()).as("%s, %s", fault, seed).isEqualTo(end);
  }

  private static <T> T present(@Nullable T value) {
    if (value == null) {
      throw new AssertionError("absent");
    }
    return value;
  }
}
