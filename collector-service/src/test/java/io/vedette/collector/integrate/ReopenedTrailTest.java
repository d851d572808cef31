package io.vedette.collector.integrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vedette.collector.integrate.NotSigningException.Reason;
import io.vedette.store.trail.Checkpoints.StoredCheckpoint;
import io.vedette.store.trail.Succession;
import io.vedette.trail.Checkpoint;
import io.vedette.trail.Note;
import io.vedette.trail.NoteSigner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An older copy was put back, and declared: collectors that remember what was lost go on by themselves, and by nothing less than the word of the key they knew. Each one's file had to be put aside by hand.
 */
class ReopenedTrailTest {
  private static final NoteSigner KEY = signer(MemoryLog.ORIGIN, 1);
  private static final NoteSigner SECOND = signer("example.org/second", 2);
  private static final NoteSigner THIRD = signer("example.org/third", 3);

  @TempDir
  Path folder = Path.of("");

  private final MemoryLog log = new MemoryLog();
  private MemoryLog yesterday = log;

  private static NoteSigner signer(String origin, int seed) {
    byte[] bytes = new byte[32];
    Arrays.fill(bytes, (byte) seed);
    return NoteSigner.ofSeed(origin, bytes);
  }

  private Integrator integrator(MemoryLog port, NoteSigner key, String... files) {
    List<Path> places = Arrays.stream(files).map(folder::resolve).toList();
    return new Integrator(
        port, () -> new SignerKeys(List.of(key)), new SignerState(origin -> places));
  }

  private static StoredCheckpoint run(Integrator integrator) {
    Integrator.Step step = integrator.integrate();
    while (step.behind()) {
      step = integrator.integrate();
    }
    return integrator.publish().orElseThrow();
  }

  /** Two collectors remember 1,000 entries, of which yesterday's copy has 600. */
  @BeforeEach
  void putYesterdaysCopyBack() {
    log.append(600);
    run(integrator(log, KEY, "a"));
    yesterday = log.copy();
    log.append(400);
    run(integrator(log, KEY, "a"));
    assertThat(integrator(log, KEY, "b").follow()).isTrue();
  }

  private static String declared(NoteSigner ended, NoteSigner next, long left, long agreed) {
    return new Succession(ended.verifier(), next.verifier(), left, agreed)
        .sign(ended)
        .toString();
  }

  /** As the database is after {@code reopen_trail}, one record, the gap, further. */
  private static void reopen(MemoryLog trail, NoteSigner next) {
    trail.origin = next.name();
    trail.epoch = "epoch of " + next.name();
    trail.tiles.clear();
    trail.checkpoints.clear();
    trail.keys.clear();
    trail.append(1);
  }

  private void assertRefused(Integrator integrator, String why) {
    assertThatThrownBy(() -> run(integrator))
        .isInstanceOfSatisfying(
            NotSigningException.class, e -> assertThat(e.reason()).isEqualTo(Reason.HISTORY))
        .hasMessageContaining(why);
  }

  @Test
  void signerAndFollowersGoOnByThemselves() throws IOException {
    String lost = Files.readString(folder.resolve("b"));
    yesterday.declared.add(declared(KEY, SECOND, 600, 600));
    reopen(yesterday, SECOND);
    StoredCheckpoint signed = run(integrator(yesterday, SECOND, "a"));
    assertThat(signed.size()).isEqualTo(601);
    assertThat(integrator(yesterday, SECOND, "b").follow()).isTrue();
    for (String file : List.of("a", "b")) {
      assertThat(folder.resolve(file)).as(file).hasContent(signed.note());
      assertThat(folder.resolve(file + ".example.org_audit"))
          .as("what was lost stays proven")
          .hasContent(lost);
    }
    yesterday.append(10);
    assertThat(run(integrator(yesterday, SECOND, "b")).size()).as("and sign").isEqualTo(611);
  }

  @Test
  void whoRunsAllTheTimeWithoutAFileGoesOnToo() {
    Integrator running = integrator(log, KEY);
    assertThat(running.follow()).isTrue();
    log.commitments.subList(600, 1000).clear();
    reopen(log, SECOND);
    run(integrator(log, SECOND));
    assertThatThrownBy(running::follow).isInstanceOf(NotSigningException.class);
    log.declared.add(declared(KEY, SECOND, 600, 600));
    assertThat(running.follow()).as("for want of the new key it cannot judge").isFalse();
  }

  @Test
  void nothingButTheWordOfTheFormerKeyCounts() {
    reopen(yesterday, SECOND);
    assertRefused(integrator(yesterday, SECOND, "a"), "the trail is example.org/second");
    NoteSigner namesake = signer(MemoryLog.ORIGIN, 9);
    String said = declared(KEY, SECOND, 600, 600);
    for (String other : List.of(
        declared(namesake, SECOND, 600, 600),
        new Succession(KEY.verifier(), SECOND.verifier(), 600, 600)
            .sign(namesake)
            .toString(),
        declared(KEY, THIRD, 600, 600),
        said.replace("\n600\n600\n", "\n600\n500\n"),
        Note.sign("vedette trail reopened v1\n", List.of(KEY)).toString(),
        "rubbish")) {
      yesterday.declared.clear();
      yesterday.declared.add(other);
      assertRefused(integrator(yesterday, SECOND, "a"), "or a declaration by its key");
      assertThatThrownBy(() -> integrator(yesterday, SECOND, "b").integrate())
          .as(other)
          .isInstanceOf(NotSigningException.class);
    }
    assertThat(yesterday.checkpoints).isEmpty();
    yesterday.declared.add(said);
    assertThat(run(integrator(yesterday, SECOND, "a")).size()).isEqualTo(601);
  }

  /** What was said to be left is held against what is remembered: a declaration is no leave to change it. */
  @Test
  void aChangeWithinWhatWasSaidToBeLeftIsRefused() throws IOException {
    String remembered = Files.readString(folder.resolve("b"));
    log.declared.add(declared(KEY, SECOND, 1000, 1000));
    log.commitments.get(30)[3] ^= 1;
    reopen(log, SECOND);
    assertRefused(integrator(log, SECOND, "a"), "of size 1000");
    run(integrator(log, SECOND)); // somebody without a memory signs it, little by little
    assertRefused(integrator(log, SECOND, "b"), "of size 1000");
    assertThatThrownBy(() -> integrator(log, SECOND, "b").follow())
        .isInstanceOf(NotSigningException.class);
    assertThat(folder.resolve("b")).hasContent(remembered);
  }

  /** The first checkpoints of the new incarnation may be of less than what is remembered. */
  @Test
  void isNotForgottenBeforeItCouldBeCompared() throws IOException {
    String remembered = Files.readString(folder.resolve("b"));
    MemoryLog growing = log.copy();
    growing.declared.add(declared(KEY, SECOND, 1000, 1000));
    growing.commitments.get(900)[3] ^= 1;
    reopen(growing, SECOND);
    MemoryLog early = growing.copy();
    early.commitments.subList(700, 1001).clear();
    run(integrator(early, SECOND));
    growing.tiles.putAll(early.tiles);
    growing.checkpoints.putAll(early.checkpoints);
    assertThat(integrator(growing, SECOND, "b").follow()).isTrue();
    assertThat(folder.resolve("b")).hasContent(remembered);
    assertRefused(integrator(growing, SECOND, "b"), "of size 1000");
  }

  @Test
  void whoWasAwayForTwoReopeningsFollowsBoth() throws IOException {
    yesterday.declared.add(declared(KEY, SECOND, 600, 600));
    reopen(yesterday, SECOND);
    run(integrator(yesterday, SECOND, "a"));
    yesterday.declared.add(declared(SECOND, THIRD, 601, 601));
    reopen(yesterday, THIRD);
    StoredCheckpoint signed = run(integrator(yesterday, THIRD, "a"));
    assertThat(integrator(yesterday, THIRD, "b").follow()).isTrue();
    assertThat(folder.resolve("b")).hasContent(signed.note());
    yesterday.declared.remove(0);
    Files.writeString(folder.resolve("c"), Files.readString(folder.resolve("b.example.org_audit")));
    assertThatThrownBy(() -> integrator(yesterday, THIRD, "c").follow())
        .hasMessageContaining("example.org/audit");
  }

  @Test
  void diedBetweenItsTwoPlacesItGoesOn() throws IOException {
    Note lost = Note.parse(Files.readAllBytes(folder.resolve("a")));
    yesterday.declared.add(declared(KEY, SECOND, 600, 600));
    reopen(yesterday, SECOND);
    run(integrator(yesterday, SECOND, "a"));
    Files.write(folder.resolve("elsewhere"), lost.toBytes());
    yesterday.append(5);
    assertThat(run(integrator(yesterday, SECOND, "a", "elsewhere")).size()).isEqualTo(606);
    for (String file : List.of("a", "elsewhere")) {
      Note kept = Note.parse(Files.readAllBytes(folder.resolve(file)));
      assertThat(Checkpoint.parse(kept.text()).size()).as(file).isEqualTo(606);
    }
  }
}
