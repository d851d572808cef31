package io.vedette.collector.integrate.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vedette.trail.Checkpoint;
import io.vedette.trail.Hash;
import io.vedette.trail.NoteSigner;
import io.vedette.trail.verify.FaultException;
import io.vedette.trail.verify.LogKey;
import java.util.List;
import org.junit.jupiter.api.Test;

class OpenedNotesTest {
  private static final String ORIGIN = "example.org/audit";
  private static final NoteSigner KEY = NoteSigner.generate(ORIGIN);
  private static final List<LogKey> KNOWN = List.of(LogKey.parse(KEY.verifier().vkey()));

  private static byte[] note(long size) {
    return new Checkpoint(ORIGIN, size, Hash.of(new byte[32]))
        .sign(List.of(KEY))
        .toBytes();
  }

  private static void pass(OpenedNotes notes, List<String> keys, int count) {
    notes.beginPass(keys);
    for (int size = 1; size <= count; size++) {
      assertThat(notes.open(note(size), ORIGIN, KNOWN).size()).isEqualTo(size);
    }
  }

  @Test
  void verifiesTheSameBytesOnce() {
    OpenedNotes notes = new OpenedNotes();
    pass(notes, List.of("k"), 5);
    pass(notes, List.of("k"), 5);
    assertThat(notes.verified()).isEqualTo(5);
    pass(notes, List.of("k"), 6);
    assertThat(notes.verified()).isEqualTo(6);
    pass(notes, List.of("other"), 6);
    assertThat(notes.verified()).as("by other keys").isEqualTo(12);
  }

  @Test
  void anythingElseIsVerified() {
    OpenedNotes notes = new OpenedNotes();
    pass(notes, List.of("k"), 2);
    notes.beginPass(List.of("k"));
    byte[] flipped = note(2);
    flipped[flipped.length - 10] ^= 1;
    assertThatThrownBy(() -> notes.open(flipped, ORIGIN, KNOWN)).isInstanceOf(FaultException.class);
    assertThatThrownBy(() -> notes.open(flipped, ORIGIN, KNOWN))
        .as("once more")
        .isInstanceOf(FaultException.class);
  }

  @Test
  void forgetsWhatIsGoneAndHoldsNoMoreThanItsBound() {
    OpenedNotes notes = new OpenedNotes(3);
    pass(notes, List.of("k"), 5);
    assertThat(notes.size()).isEqualTo(3);
    pass(notes, List.of("k"), 5);
    assertThat(notes.verified()).as("two did not fit").isEqualTo(7);
    pass(notes, List.of("k"), 1);
    assertThat(notes.size()).isEqualTo(1);
  }
}
