package io.vedette.store.trail;

import io.vedette.trail.Checkpoint;
import io.vedette.trail.Note;
import io.vedette.trail.NoteSigner;
import io.vedette.trail.NoteVerifier;
import io.vedette.trail.RefusedException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Says that a trail was reopened, signed by the key of the incarnation that ended, so that whoever remembers that one can tell a declared restore from a fork. The text of its note:
 *
 * <pre>
 *   vedette trail reopened v1     (no origin holds a space: no checkpoint reads like this)
 *   vkey that ended
 *   vkey that follows
 *   entries left, decimal
 *   entries up to which a signed checkpoint agrees with what is left, decimal
 * </pre>
 */
public record Succession(NoteVerifier ended, NoteVerifier next, long left, long agreed) {
  private static final String HEAD = "vedette trail reopened v1";
  private static final int LINES = 5;

  /** Signs it. Takes most of a millisecond. */
  public Note sign(NoteSigner key) {
    return Note.sign(
        String.join("\n", HEAD, ended.vkey(), next.vkey(), left + "", agreed + "") + "\n",
        List.of(key));
  }

  /** Reads one, if it is signed by the key that it says ended. */
  static Succession open(Note note) {
    String[] lines = note.text().split("\n", -1);
    if (lines.length != LINES + 1 || !lines[0].equals(HEAD)) {
      throw new IllegalArgumentException("not a declaration of a reopened trail: " + note.text());
    }
    Succession said = new Succession(
        NoteVerifier.parse(lines[1]),
        NoteVerifier.parse(lines[2]),
        Long.parseLong(lines[3]),
        Long.parseLong(lines[4]));
    note.verify(List.of(said.ended));
    return said;
  }

  /** Empty where no key said so. */
  private static Optional<Succession> proven(String note) {
    try {
      return Optional.of(open(Note.parse(note.getBytes(StandardCharsets.UTF_8))));
    } catch (RefusedException | IllegalArgumentException unproven) {
      return Optional.empty();
    }
  }

  /**
   * Whether declarations lead from a remembered checkpoint to an origin, and up to which size the checkpoints of the former one still hold. Believes nothing but signatures: the first declaration must be
   * of a key that signed the checkpoint, each further one of the key that the one before names. (No other key can be made for which a given signature holds: Ed25519 hashes the key.)
   *
   * @param declared notes, as a database says them; what is none is left out
   */
  public static OptionalLong agreed(Note remembered, String origin, List<String> declared) {
    List<Succession> all =
        declared.stream().flatMap(note -> proven(note).stream()).toList();
    String from = Checkpoint.parse(remembered.text()).origin();
    for (Succession first : all) {
      if (first.ended.name().equals(from) && isSignedBy(remembered, first.ended)) {
        OptionalLong size = follow(first, origin, all, new HashSet<>());
        if (size.isPresent()) {
          return size;
        }
      }
    }
    return OptionalLong.empty();
  }

  private static OptionalLong follow(
      Succession at, String origin, List<Succession> all, Set<Succession> seen) {
    if (at.next.name().equals(origin)) {
      return OptionalLong.of(at.agreed);
    }
    for (Succession further : all) {
      if (further.ended.equals(at.next) && seen.add(further)) {
        OptionalLong size = follow(further, origin, all, seen);
        if (size.isPresent()) {
          return OptionalLong.of(Math.min(at.agreed, size.getAsLong()));
        }
      }
    }
    return OptionalLong.empty();
  }

  private static boolean isSignedBy(Note note, NoteVerifier key) {
    try {
      return note.verify(List.of(key)).contains(key);
    } catch (RefusedException other) {
      return false;
    }
  }
}
