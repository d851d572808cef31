package io.vedette.trail;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.trail.verify.FaultException;
import io.vedette.trail.verify.LogKey;
import io.vedette.trail.verify.ProofCheck;
import io.vedette.trail.verify.SignedCheckpoint;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * 100,000 mutations of each format. Whatever is read must be the one spelling of what it says, so a mutant is either refused, with the
 * documented exception and no other, or is itself what would be written. No mutant whose meaning differs passes as signed; since an
 * Ed25519 verification takes 0.7 ms, that is tried for one well-formed mutant in 16, in both halves.
 */
class MutationTest {
  private static final int MUTANTS = 100_000;
  private static final int SIGNATURES_TRIED = 16;

  private static final NoteSigner SIGNER = NoteSigner.ofSeed("example.com/log", new byte[32]);
  private static final NoteSigner STRANGER =
      NoteSigner.ofSeed("example.com/witness", TreeHasher.EMPTY_ROOT.toBytes());
  private static final List<NoteVerifier> KEYS = List.of(SIGNER.verifier());
  private static final LogKey KEY = LogKey.parse(SIGNER.verifier().vkey());

  private final Seed seed = Seed.of(20_260);
  private final NaiveTree tree = NaiveTree.ofSize(21);
  private final Note checkpoint =
      new Checkpoint("example.com/log", 21, tree.root(21)).sign(List.of(SIGNER)).with(STRANGER);

  private int wellFormed;

  @Test
  void notes() {
    Note note = Note.sign("a text\n\nof lines\n", List.of(SIGNER, STRANGER));
    mutate(note.toBytes(), bytes -> {
      Note read = Note.parse(bytes);
      assertThat(read.toBytes()).as("%s", seed).isEqualTo(bytes);
      if (tried()) {
        read.verify(KEYS);
        assertThat(read.text()).as("%s", seed).isEqualTo(note.text());
      }
    });
  }

  @Test
  void checkpoints() {
    mutate(checkpoint.toBytes(), bytes -> {
      Note read = Note.parse(bytes);
      assertThat(Checkpoint.parse(read.text()).text()).as("%s", seed).isEqualTo(read.text());
      if (tried()) {
        assertThat(Checkpoint.open(bytes, "example.com/log", KEYS))
            .as("%s", seed)
            .isEqualTo(Checkpoint.parse(checkpoint.text()));
      }
    });
  }

  @Test
  void checkpointsInTheVerifier() {
    SignedCheckpoint original = SignedCheckpoint.open(checkpoint.toBytes(), KEY);
    mutate(checkpoint.toBytes(), bytes -> {
      if (tried()) {
        SignedCheckpoint read = SignedCheckpoint.open(bytes, KEY);
        assertThat(read.size()).as("%s", seed).isEqualTo(original.size());
        assertThat(read.root()).as("%s", seed).isEqualTo(original.root());
      } else {
        SignedCheckpoint.open(bytes, "example.com/log", List.of());
      }
    });
  }

  @Test
  void proofs() {
    byte[] proof = ProofFile.of(
            new byte[16], new InclusionProof(9, 21, tree.path(9, 0, 21)), checkpoint)
        .toBytes();
    byte[] entry = NaiveTree.entry(9);
    ProofFile original = ProofFile.parse(proof);
    mutate(proof, bytes -> {
      ProofFile read = ProofFile.parse(bytes);
      assertThat(read.toBytes()).as("%s", seed).isEqualTo(bytes);
      if (tried()) {
        read.check(entry, "example.com/log", KEYS);
        assertThat(read.inclusion()).as("%s", seed).isEqualTo(original.inclusion());
      }
    });
  }

  @Test
  void proofsInTheVerifier() {
    byte[] proof = ProofFile.of(
            new byte[16], new InclusionProof(9, 21, tree.path(9, 0, 21)), checkpoint)
        .toBytes();
    byte[] entry = NaiveTree.entry(9);
    mutate(proof, bytes -> {
      List<LogKey> keys = tried() ? List.of(KEY) : List.of();
      assertThat(ProofCheck.entry(bytes, entry, "example.com/log", keys).index())
          .as("%s", seed)
          .isEqualTo(9);
    });
  }

  @Test
  void tilePaths() {
    for (String path :
        List.of("tile/0/x001/x234/067.p/89", "tile/entries/x001/000", "tile/63/999")) {
      mutate(path.getBytes(UTF_8), bytes -> {
        String mutant = new String(bytes, UTF_8);
        assertThat(TileId.parse(mutant).path()).as("%s", seed).isEqualTo(mutant);
      });
    }
  }

  @Test
  void vkeysAndPrivateKeys() {
    mutate(KEYS.get(0).vkey().getBytes(UTF_8), bytes -> {
      String mutant = new String(bytes, UTF_8);
      assertThat(NoteVerifier.parse(mutant).vkey()).as("%s", seed).isEqualTo(mutant);
    });
    mutate(
        KEYS.get(0).vkey().getBytes(UTF_8),
        bytes -> assertThat(LogKey.parse(new String(bytes, UTF_8)).name()).isNotEmpty());
    byte[] bundle = EntryBundle.encode(List.of(new byte[3], new byte[0], new byte[33]));
    mutate(bundle, bytes -> assertThat(EntryBundle.encode(EntryBundle.decode(bytes, 3)))
        .as("%s", seed)
        .isEqualTo(bytes));
  }

  private boolean tried() {
    return wellFormed++ % SIGNATURES_TRIED == 0;
  }

  /** Reads mutants of {@code original}; those that are refused must be so by the documented exception. */
  private void mutate(byte[] original, Consumer<byte[]> read) {
    Random random = seed.random();
    int refused = 0;
    for (int i = 0; i < MUTANTS; i++) {
      byte[] mutant = mutant(original, random);
      try {
        read.accept(mutant);
      } catch (RefusedException | FaultException e) {
        refused++;
        assertThat(e).hasMessageContaining("(expected: ");
      } catch (RuntimeException e) {
        throw new AssertionError("mutant " + i + ", " + seed + ": " + new String(mutant, UTF_8), e);
      }
    }
    assertThat(refused).as("most mutants are malformed").isGreaterThan(MUTANTS / 10);
  }

  private static byte[] mutant(byte[] original, Random random) {
    byte[] mutant = original.clone();
    for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
      int at = random.nextInt(mutant.length);
      int length = 1 + random.nextInt(Math.min(40, mutant.length - at));
      switch (random.nextInt(7)) {
        case 0 -> mutant[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> mutant[at] = (byte) random.nextInt(256);
        case 2 -> mutant[at] = original[random.nextInt(original.length)];
        case 3 ->
          mutant = join(
              mutant, at, new byte[] {original[random.nextInt(original.length)]}, at); // insert
        case 4 ->
          mutant = join(mutant, at, Arrays.copyOfRange(mutant, at, at + length), at); // repeat
        case 5 -> mutant = join(mutant, at, new byte[0], at + length); // cut out
        default ->
          mutant =
              join(mutant, at, "\n 0+=\u2014/.".substring(random.nextInt(8)).getBytes(UTF_8), at);
      }
      if (mutant.length == 0) {
        return mutant;
      }
    }
    return mutant;
  }

  private static byte[] join(byte[] bytes, int end, byte[] middle, int rest) {
    byte[] joined = Arrays.copyOf(bytes, end + middle.length + bytes.length - rest);
    System.arraycopy(middle, 0, joined, end, middle.length);
    System.arraycopy(bytes, rest, joined, end + middle.length, bytes.length - rest);
    return joined;
  }
}
