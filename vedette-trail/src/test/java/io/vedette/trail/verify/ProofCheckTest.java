package io.vedette.trail.verify;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vedette.trail.Checkpoint;
import io.vedette.trail.Hash;
import io.vedette.trail.InclusionProof;
import io.vedette.trail.NaiveTree;
import io.vedette.trail.Note;
import io.vedette.trail.NoteSigner;
import io.vedette.trail.NoteVerifier;
import io.vedette.trail.ProofFile;
import io.vedette.trail.RefusedException;
import io.vedette.trail.Seed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Proof files as the writer makes them, checked by the writer's code and by the verifier's. */
class ProofCheckTest {
  private static final String ORIGIN = "example.com/sample";
  private static final List<LogKey> KEYS = List.of(Sample.KEY);
  private static final List<NoteVerifier> WRITER_KEYS = List.of(Sample.SIGNER.verifier());
  private final Seed seed = Seed.of(11);
  private final Random random = seed.random();
  private final Sample log = Sample.of(random, 700);

  @Test
  void aProofShowsItsRecordAndNoOther() {
    for (int index : new int[] {0, 1, 255, 256, 511, 512, 698, 699}) {
      byte[] file = proof(index, true);
      byte[] record = record(index);
      ProofCheck.Proven proven = ProofCheck.record(file, record, ORIGIN, KEYS);
      assertThat(proven.index()).isEqualTo(index);
      assertThat(proven.checkpoint().size()).isEqualTo(700);
      assertThat(ProofCheck.entry(file, log.entries.get(index), ORIGIN, KEYS).index())
          .isEqualTo(index);
      assertThat(ProofFile.parse(file)
              .check(log.entries.get(index), ORIGIN, WRITER_KEYS)
              .size())
          .isEqualTo(700);
      assertThat(ProofFile.parse(file).toBytes()).isEqualTo(file);
      record[3] ^= 1;
      expect(Reason.PROOF, "root ", () -> ProofCheck.record(file, record, ORIGIN, KEYS));
      record[3] ^= 1;
      expect(
          Reason.PROOF,
          "",
          () -> ProofCheck.entry(file, log.entries.get((index + 1) % 700), ORIGIN, KEYS));
      assertThatThrownBy(() ->
              ProofFile.parse(file).check(log.entries.get((index + 1) % 700), ORIGIN, WRITER_KEYS))
          .isInstanceOfSatisfying(RefusedException.class, e -> assertThat(e.reason())
              .isEqualTo(RefusedException.Reason.MISMATCH));
    }
  }

  @Test
  void itsFormIsThatOfTheSpecification() {
    String file = new String(proof(5, true), UTF_8);
    byte[] salt = salt(5);
    assertThat(file)
        .startsWith("c2sp.org/tlog-proof@v1\nextra " + Base64.getEncoder().encodeToString(salt)
            + "\nindex 5\n")
        .contains("\n\n" + ORIGIN + "\n700\n");
    assertThat(new String(proof(5, false), UTF_8)).startsWith("c2sp.org/tlog-proof@v1\nindex 5\n");
    assertThat(ProofFile.parse(proof(5, true)).extra()).isEqualTo(salt);
    assertThat(ProofFile.parse(proof(5, false)).extra()).isNull();
  }

  @Test
  void aProofNeedsItsKeyAndItsOrigin() {
    byte[] file = proof(5, true);
    LogKey other = LogKey.parse(NoteSigner.generate(ORIGIN).verifier().vkey());
    expect(
        Reason.SIGNATURE,
        "no signature by a known key",
        () -> ProofCheck.record(file, record(5), ORIGIN, List.of(other)));
    expect(
        Reason.CHECKPOINT,
        "origin",
        () -> ProofCheck.record(file, record(5), "example.com/other", KEYS));
  }

  /** Else a byte could wander from the record into the salt and the proof would show a record that never was. */
  @Test
  void aSaltOfAnotherLengthIsRefused() {
    byte[] record = record(5);
    byte[] salt = Arrays.copyOf(salt(5), 17);
    salt[16] = record[0];
    byte[] file = ProofFile.of(salt, InclusionProof.of(5, 700, log.tiles::get), checkpoint())
        .toBytes();
    byte[] shorter = Arrays.copyOfRange(record, 1, record.length);
    expect(
        Reason.PROOF,
        "17 bytes (expected: a salt of 16 bytes)",
        () -> ProofCheck.record(file, shorter, ORIGIN, KEYS));
    expect(Reason.PROOF, "0 bytes", () -> ProofCheck.record(proof(5, false), record, ORIGIN, KEYS));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "s/^/ /",
        "s/@v1/@v2/",
        "s/@v1\n/@v1\r\n/",
        "s/index 5/index 05/",
        "s/index 5/index -5/",
        "s/index 5/index 700/",
        "s/index 5/index 99999999999999999999/",
        "s/index 5/index/",
        "s/index 5\n//",
        "s/index 5/Index 5/",
        "s/index 5/index 5 /",
        "s/extra [^\n]*\n/extra \n/",
        "s/extra [^\n]*\n/extra AA\n/",
        "s/extra ([^\n]*)\n/extra $1\nextra $1\n/",
        "s/(extra [^\n]*)\n(index 5)\n/$2\n$1\n/",
        "s/index 5\n[^\n]*\n/index 5\n/",
        "s/index 5\n([^\n]*)\n/index 5\n$1\n$1\n/",
        "s/index 5\n[^\n]*\n/index 5\nAAAA\n/",
        "s/index 5\n[^\n]*=\n/index 5\nnonsense\n/",
        "s/\n\n/\n/",
        "s/\n\n/\n\n\n/",
        "s/\n\n[^~]*$/\n\n/",
        "s/\n700\n/\n701\n/",
        "s/\n$//"
      })
  void malformedProofsAreRefused(String edit) {
    String[] parts = edit.split("/", -1);
    String file = new String(proof(5, true), UTF_8);
    String edited = file.replaceFirst(parts[1], parts[2]);
    assertThat(edited).as("the edit hits").isNotEqualTo(file);
    byte[] bytes = edited.getBytes(UTF_8);
    assertThatThrownBy(() -> ProofCheck.record(bytes, record(5), ORIGIN, KEYS))
        .isInstanceOf(FaultException.class);
    assertThatThrownBy(() -> ProofFile.parse(bytes).check(log.entries.get(5), ORIGIN, WRITER_KEYS))
        .isInstanceOf(RefusedException.class);
  }

  @Test
  void aProofOfAnotherSizeIsNotPutTogether() {
    InclusionProof inclusion = new InclusionProof(0, 1, List.of());
    assertThatThrownBy(() -> ProofFile.of(null, inclusion, checkpoint()))
        .hasMessage("proof: a checkpoint of size 700 (expected: size 1)");
  }

  @Test
  void consistencyIsProvenBetweenAllSmallTreesAndSampledLargerOnes() {
    NaiveTree tree = NaiveTree.ofSize(600);
    SignedCheckpoint[] signed = new SignedCheckpoint[601];
    for (int size = 0; size <= 600; size++) {
      signed[size] =
          SignedCheckpoint.open(Sample.sign(size, tree.root(size), Sample.SIGNER), Sample.KEY);
    }
    for (int newer = 0; newer <= 600; newer++) {
      for (int old = 0; old <= newer; old += newer <= 40 ? 1 : 1 + random.nextInt(100)) {
        List<byte[]> path =
            tree.consistency(old, newer).stream().map(Hash::toBytes).toList();
        ConsistencyCheck.check(signed[old], signed[newer], path);
        refuseChanged(signed, old, newer, path);
      }
    }
  }

  private void refuseChanged(SignedCheckpoint[] signed, int old, int newer, List<byte[]> path) {
    expect(
        Reason.EARLIER_CHECKPOINT,
        "no way",
        () -> ConsistencyCheck.check(signed[old], signed[newer], plus(path, new byte[32])));
    expect(
        Reason.EARLIER_CHECKPOINT,
        "no way",
        () -> ConsistencyCheck.check(signed[old], signed[newer], plus(path, new byte[31])));
    if (old > 0 && old < newer) {
      expect(
          Reason.EARLIER_CHECKPOINT,
          "",
          () -> ConsistencyCheck.check(signed[newer], signed[old], path));
      expect(
          Reason.EARLIER_CHECKPOINT,
          "",
          () -> ConsistencyCheck.check(
              signed[old - 1], signed[newer], old == 1 ? plus(path, path.get(0)) : path));
      List<byte[]> changed = new ArrayList<>(path);
      int position = random.nextInt(path.size());
      byte[] hash = path.get(position).clone();
      changed.set(position, hash);
      hash[random.nextInt(32)] ^= 1;
      expect(
          Reason.EARLIER_CHECKPOINT,
          "",
          () -> ConsistencyCheck.check(signed[old], signed[newer], changed));
      expect(
          Reason.EARLIER_CHECKPOINT,
          "",
          () -> ConsistencyCheck.check(signed[old], signed[newer], path.subList(1, path.size())));
    }
  }

  /** Both verifications of inclusion agree with the definition for every leaf of every small tree. */
  @Test
  void everyInclusionProofOfSmallTreesIsAcceptedByBoth() {
    NaiveTree tree = NaiveTree.ofSize(64);
    for (int size = 1; size <= 64; size++) {
      Note note = new Checkpoint(ORIGIN, size, tree.root(size)).sign(List.of(Sample.SIGNER));
      for (int index = 0; index < size; index += 1 + random.nextInt(8)) {
        byte[] file = ProofFile.of(
                null, new InclusionProof(index, size, tree.path(index, 0, size)), note)
            .toBytes();
        assertThat(ProofCheck.entry(file, NaiveTree.entry(index), ORIGIN, KEYS).index())
            .isEqualTo(index);
        assertThat(ProofFile.parse(file)
                .check(NaiveTree.entry(index), ORIGIN, WRITER_KEYS)
                .size())
            .isEqualTo(size);
      }
    }
  }

  private static List<byte[]> plus(List<byte[]> path, byte[] hash) {
    List<byte[]> longer = new ArrayList<>(path);
    longer.add(hash);
    return longer;
  }

  private void expect(Reason reason, String message, ThrowingCallable check) {
    assertThatThrownBy(check)
        .as("%s", seed)
        .isInstanceOfSatisfying(
            FaultException.class, e -> assertThat(e.fault().reason()).isEqualTo(reason))
        .hasMessageContaining(message);
  }

  private byte[] proof(int index, boolean withSalt) {
    return ProofFile.of(
            withSalt ? salt(index) : null,
            InclusionProof.of(index, 700, log.tiles::get),
            checkpoint())
        .toBytes();
  }

  private Note checkpoint() {
    byte[] note = log.checkpoints.get(700L);
    return Note.parse(note == null ? new byte[0] : note);
  }

  private byte[] salt(int index) {
    byte[] salt = log.salts.get(index);
    return salt == null ? new byte[0] : salt;
  }

  private byte[] record(int index) {
    byte[] record = log.records.get(index);
    return record == null ? new byte[0] : record;
  }
}
