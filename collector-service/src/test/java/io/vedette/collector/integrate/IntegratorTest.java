package io.vedette.collector.integrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vedette.collector.integrate.NotSigningException.Reason;
import io.vedette.store.trail.Checkpoints.StoredCheckpoint;
import io.vedette.trail.Note;
import io.vedette.trail.NoteSigner;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IntegratorTest {
  private static final NoteSigner KEY = signer(1);
  private static final NoteSigner NEXT = signer(2);
  private static final NoteSigner STRANGER = signer(3);

  @TempDir
  Path folder = Path.of("");

  private final MemoryLog log = new MemoryLog();

  private static NoteSigner signer(int seed) {
    byte[] bytes = new byte[32];
    Arrays.fill(bytes, (byte) seed);
    return NoteSigner.ofSeed(MemoryLog.ORIGIN, bytes);
  }

  private SignerState state() {
    return new SignerState(
        origin -> List.of(folder.resolve("last"), folder.resolve("elsewhere/last")));
  }

  private Integrator integrator(LogPort port, NoteSigner... signers) {
    return new Integrator(port, () -> new SignerKeys(List.of(signers)), state());
  }

  private static StoredCheckpoint run(Integrator integrator) {
    Integrator.Step step = integrator.integrate();
    while (step.behind()) {
      step = integrator.integrate();
    }
    return integrator.publish().orElseThrow();
  }

  private void assertVerifies(long size) {
    assertThat(log.verify(KEY.verifier().vkey()))
        .satisfies(verdict -> assertThat(verdict.fault()).isNull())
        .satisfies(verdict -> assertThat(verdict.checked()).isEqualTo(size));
  }

  @Test
  void signsTheEmptyTreeFirst() {
    assertThat(run(integrator(log, KEY)).size()).isZero();
    assertThat(log.checkpoints).containsOnlyKeys(0L);
  }

  @Test
  void growsOverManyTilesAndVerifies() {
    Integrator integrator = integrator(log, KEY);
    for (int count : new int[] {1, 255, 300, 70_000, 3}) {
      log.append(count);
      run(integrator);
    }
    assertVerifies(70_559);
    assertThat(log.checkpoints).containsOnlyKeys(1L, 256L, 556L, 70_556L, 70_559L);
  }

  @Test
  void publishesNothingTwice() {
    Integrator integrator = integrator(log, KEY);
    log.append(10);
    run(integrator);
    assertThat(integrator.integrate().unpublished()).isFalse();
    assertThat(integrator.publish()).isEmpty();
  }

  /** Before and after each of its calls the process dies; the next one goes on, and nothing contradicts what was signed before. */
  @Test
  void whateverStepItDiesAtTheNextOneGoesOnAndTheLogVerifies() {
    log.append(700);
    run(integrator(log, KEY));
    int steps = 0;
    for (int fatal = 0; ; fatal++) {
      for (boolean after : new boolean[] {false, true}) {
        log.append(300);
        DyingLog dying = new DyingLog(log, fatal, after);
        try {
          run(integrator(dying, KEY));
        } catch (DyingLog.Killed killed) {
          steps++;
        }
        if (dying.calls() <= fatal) {
          assertThat(steps).as("kills tried").isGreaterThanOrEqualTo(16);
          assertVerifies(log.commitments.size());
          return;
        }
        Integrator next = integrator(log, KEY);
        Integrator.Step step = next.integrate();
        Optional<StoredCheckpoint> published = next.publish();
        assertThat(step.size()).isEqualTo(log.commitments.size());
        assertThat(published.isPresent() || dying.calls() > 0).isTrue();
        assertVerifies(log.commitments.size());
      }
    }
  }

  @Test
  void diesBetweenItsOwnMemoryAndThePublicationAndStillGoesOn() {
    log.append(10);
    run(integrator(log, KEY));
    log.append(10);
    Integrator dying = integrator(log, KEY);
    dying.integrate();
    state()
        .write(
            new io.vedette.trail.Checkpoint(MemoryLog.ORIGIN, 20, rootOf(log)).sign(List.of(KEY)));
    log.append(10);

    Integrator next = integrator(log, KEY);
    Integrator.Step first = next.integrate();
    assertThat(first.size()).as("stops where something was signed").isEqualTo(20);
    assertThat(first.behind()).isTrue();
    assertThat(run(next).size()).isEqualTo(30);
    assertVerifies(30);
  }

  private static io.vedette.trail.Hash rootOf(MemoryLog of) {
    MemoryLog copy = of.copy();
    Integrator alone = new Integrator(
        copy, () -> new SignerKeys(List.of(KEY)), new SignerState(origin -> List.of()));
    return io.vedette.trail.Hash.of(run(alone).root());
  }

  @Test
  void twoAtOnceDoNoHarm() {
    Integrator one = integrator(log, KEY);
    Integrator two = integrator(log, KEY);
    log.append(100);
    one.integrate();
    two.integrate();
    assertThat(one.publish()).isPresent();
    assertThat(two.publish()).as("somebody was faster").isEmpty();
    log.append(200);
    assertThat(run(two).size()).isEqualTo(300);
    one.integrate();
    assertThat(one.publish()).isEmpty();
    assertVerifies(300);
  }

  @Test
  void refusesATrailThatIsShorterThanWhatItSigned() {
    log.append(600);
    run(integrator(log, KEY));
    MemoryLog yesterday = log.copy();
    log.append(400);
    run(integrator(log, KEY));

    Integrator integrator = integrator(yesterday, KEY);
    assertThatThrownBy(integrator::integrate)
        .isInstanceOfSatisfying(
            NotSigningException.class, e -> assertThat(e.reason()).isEqualTo(Reason.HISTORY))
        .hasMessageContaining("has 600 entries (expected: at least 1000");
    assertThat(yesterday.checkpoints).containsOnlyKeys(600L);
  }

  /** Somebody puts yesterday's copy back and lets it grow beyond what was signed, before the signer looks. */
  @Test
  void refusesAnotherHistoryThatIsLonger() {
    log.append(600);
    run(integrator(log, KEY));
    MemoryLog other = log.copy();
    log.append(400);
    run(integrator(log, KEY));
    other.commitments.add(new byte[32]);
    other.append(500);

    Integrator integrator = integrator(other, KEY);
    assertThatThrownBy(() -> run(integrator))
        .isInstanceOf(NotSigningException.class)
        .hasMessageContaining("size 1000")
        .hasMessageContaining("trail reopen");
    assertThat(other.checkpoints).containsOnlyKeys(600L);
  }

  @Test
  void refusesChangedTilesAndAChangedCheckpoint() {
    log.append(600);
    run(integrator(log, KEY));
    MemoryLog tile = log.copy();
    byte[] last = Objects.requireNonNull(tile.tiles.get("0/2")).clone();
    last[5] ^= 1;
    tile.tiles.put("0/2", last);
    assertThatThrownBy(() -> integrator(tile, KEY).integrate())
        .isInstanceOfSatisfying(
            NotSigningException.class, e -> assertThat(e.reason()).isEqualTo(Reason.STORED));

    MemoryLog resigned = log.copy();
    StoredCheckpoint newest = resigned.newest().orElseThrow();
    Note other = new io.vedette.trail.Checkpoint(
            MemoryLog.ORIGIN, 600, io.vedette.trail.Hash.of(newest.root()))
        .sign(List.of(STRANGER));
    resigned.checkpoints.put(
        600L, new StoredCheckpoint(newest.epoch(), 600, newest.root(), other.toString(), 0));
    resigned.append(10);
    Integrator refusing = integrator(resigned, KEY);
    assertThat(refusing.integrate().size()).as("tiles are made").isEqualTo(610);
    assertThatThrownBy(refusing::publish)
        .isInstanceOfSatisfying(
            NotSigningException.class, e -> assertThat(e.reason()).isEqualTo(Reason.KEY))
        .hasMessageContaining("not signed by a key given here");
    assertThat(refusing.integrate().unpublished()).isTrue();
    assertThat(resigned.checkpoints).containsOnlyKeys(600L);
  }

  /** Only who signs remembered what was signed: after a change of the signer an older copy of the database could be put back. */
  @Test
  void whoDidNotSignRefusesAForkAsWell() {
    Path own = folder.resolve("of-b");
    Integrator other = new Integrator(
        log, () -> new SignerKeys(List.of(KEY)), new SignerState(origin -> List.of(own)));
    assertThat(other.follow()).as("nothing is published").isFalse();
    log.append(700);
    run(integrator(log, KEY));
    MemoryLog yesterday = log.copy();
    assertThat(other.follow()).isTrue();
    assertThat(other.follow()).as("the same once more").isTrue();
    log.append(300);
    StoredCheckpoint signed = run(integrator(log, KEY));
    assertThat(other.follow()).isTrue();
    assertThat(own).hasContent(signed.note());

    yesterday.commitments.add(new byte[32]);
    yesterday.append(500);
    Integrator successor = new Integrator(
        yesterday, () -> new SignerKeys(List.of(KEY)), new SignerState(origin -> List.of(own)));
    assertThatThrownBy(() -> run(successor))
        .isInstanceOfSatisfying(
            NotSigningException.class, e -> assertThat(e.reason()).isEqualTo(Reason.HISTORY))
        .hasMessageContaining("size 1000");
    assertThat(yesterday.checkpoints).containsOnlyKeys(700L);

    run(new Integrator(
        yesterday,
        () -> new SignerKeys(List.of(KEY)),
        new SignerState(origin -> List.of()))); // somebody without a memory signs the fork
    Integrator witness = new Integrator(
        yesterday, () -> new SignerKeys(List.of(KEY)), new SignerState(origin -> List.of(own)));
    assertThatThrownBy(witness::follow).isInstanceOf(NotSigningException.class);
    assertThat(own).as("it remembers the first").hasContent(signed.note());
  }

  @Test
  void diesBetweenTheTwoPlacesOfItsMemoryAndStillGoesOn() {
    List<Path> places = List.of(folder.resolve("last"), folder.resolve("elsewhere/last"));
    boolean[] armed = {false};
    SignerState dying = new SignerState(origin -> new AbstractList<>() {
      @Override
      public Path get(int place) {
        if (armed[0] && place == 1) {
          throw new DyingLog.Killed();
        }
        return places.get(place);
      }

      @Override
      public int size() {
        return places.size();
      }
    });
    log.append(10);
    run(integrator(log, KEY));
    log.append(10);
    Integrator killed = new Integrator(log, () -> new SignerKeys(List.of(KEY)), dying);
    killed.integrate();
    armed[0] = true;
    assertThatThrownBy(killed::publish).isInstanceOf(DyingLog.Killed.class);
    assertThat(places.get(0)).content().contains("\n20\n");
    assertThat(places.get(1)).content().contains("\n10\n");
    log.append(10);
    run(integrator(log, KEY));
    assertThat(places.get(1)).content().contains("\n30\n");
    assertVerifies(30);
  }

  @Test
  void withoutItsKeyItMakesTilesAndSaysWhyItDoesNotSign() {
    log.append(300);
    Integrator keyless = integrator(log);
    assertThat(keyless.integrate().size()).isEqualTo(300);
    assertThat(log.tiles).containsOnlyKeys("0/0", "0/1", "1/0");
    assertThatThrownBy(keyless::publish)
        .hasMessageContaining("no key")
        .hasMessageContaining("trail.key-file");
    assertThat(log.checkpoints).isEmpty();

    NoteSigner foreign = NoteSigner.ofSeed("example.org/other", new byte[32]);
    Integrator wrong = integrator(log, foreign);
    wrong.integrate();
    assertThatThrownBy(wrong::publish)
        .hasMessageContaining(
            "example.org/other (expected: of the trail's origin, example.org/audit)");
  }

  @Test
  void aKeyThatIsNotTheTrailsDoesNotSign() {
    log.append(3);
    log.keys.add(KEY.verifier().vkey());
    Integrator stranger = integrator(log, STRANGER);
    stranger.integrate();
    assertThatThrownBy(stranger::publish)
        .isInstanceOfSatisfying(
            NotSigningException.class, e -> assertThat(e.reason()).isEqualTo(Reason.KEY));
    assertThat(log.checkpoints).isEmpty();
    assertThat(folder.resolve("last")).doesNotExist();
  }

  @Test
  void whileAKeyIsReplacedBothSign() {
    log.append(3);
    run(integrator(log, KEY));
    StoredCheckpoint both = run(integrator(log, KEY, NEXT));
    assertThat(both.size()).as("the same tree, signed once more").isEqualTo(3);
    assertThat(Note.parse(both.note().getBytes(StandardCharsets.UTF_8))
            .verify(List.of(KEY.verifier(), NEXT.verifier())))
        .hasSize(2);
    log.append(1);
    StoredCheckpoint alone = run(integrator(log, NEXT));
    assertThat(Note.parse(alone.note().getBytes(StandardCharsets.UTF_8)).signatures())
        .hasSize(1);
    assertThat(log.keys).containsExactly(NEXT.verifier().vkey());
    log.append(1);
    assertThatThrownBy(() -> run(integrator(log, KEY))).isInstanceOf(NotSigningException.class);
  }

  @Test
  void remembersInTwoPlacesAndHeedsTheGreater() throws IOException {
    log.append(10);
    run(integrator(log, KEY));
    byte[] old = Files.readAllBytes(folder.resolve("last"));
    MemoryLog yesterday = log.copy();
    log.append(10);
    run(integrator(log, KEY));
    Files.write(folder.resolve("last"), old); // the folder was put back, with its memory

    assertThatThrownBy(() -> integrator(yesterday, KEY).integrate())
        .hasMessageContaining("has 10 entries (expected: at least 20");
    Files.writeString(folder.resolve("last"), "rubbish");
    assertThatThrownBy(() -> integrator(log, KEY).integrate())
        .hasMessageContaining("last cannot be read");
  }

  @Test
  void anotherOriginNeedsItsMemoryPutAside() throws IOException {
    log.append(10);
    run(integrator(log, KEY));
    log.origin = "example.org/reopened";
    log.epoch = "fedcba9876543210";
    log.tiles.clear();
    log.keys.clear();
    NoteSigner renamed = NoteSigner.ofSeed("example.org/reopened", new byte[32]);
    assertThatThrownBy(() -> integrator(log, renamed).integrate())
        .hasMessageContaining("the trail is example.org/reopened (expected: example.org/audit");
    state().retire(MemoryLog.ORIGIN, "0123456789abcdef");
    log.checkpoints.clear();
    assertThat(run(integrator(log, renamed)).size()).isEqualTo(10);
    assertThat(folder.resolve("last.0123456789abcdef")).exists();
  }
}
