package io.vedette.trail;

import static io.vedette.trail.RefusedException.malformed;
import static io.vedette.trail.RefusedException.untrusted;

import java.util.Collection;
import java.util.List;

/**
 * What a log commits to: C2SP {@code tlog-checkpoint}, section "Note text".
 *
 * <pre>
 *   origin
 *   size, decimal
 *   root hash, base64
 *   extension lines, none in ours
 * </pre>
 */
public record Checkpoint(String origin, long size, Hash root, List<String> extensions) {
  public Checkpoint {
    extensions = List.copyOf(extensions);
    requireLine("checkpoint origin", origin);
    extensions.forEach(line -> requireLine("checkpoint extension", line));
    if (size < 0) {
      throw malformed("checkpoint size", Long.toString(size), "0 or more");
    }
  }

  public Checkpoint(String origin, long size, Hash root) {
    this(origin, size, root, List.of());
  }

  /** Parses the text of a note; see {@link #open} for one that can be trusted. */
  public static Checkpoint parse(String text) {
    String[] lines = text.split("\n", -1);
    if (lines.length < 4 || !lines[lines.length - 1].isEmpty()) {
      throw malformed("checkpoint", text, "origin, size and root hash, each with its newline");
    }
    return new Checkpoint(
        lines[0],
        Strict.decimal(lines[1], "checkpoint size"),
        Hash.of(Strict.base64(lines[2], Hash.SIZE, "checkpoint root")),
        List.of(lines).subList(3, lines.length - 1));
  }

  /** Reads a signed checkpoint and refuses it unless it is of this origin and signed by one of these keys. */
  public static Checkpoint open(byte[] note, String origin, Collection<NoteVerifier> keys) {
    Note parsed = Note.parse(note);
    Checkpoint checkpoint = parse(parsed.text());
    if (!checkpoint.origin.equals(origin)) {
      throw untrusted("checkpoint", "origin " + checkpoint.origin, "origin " + origin);
    }
    parsed.verify(keys);
    return checkpoint;
  }

  /** Signs it with every one of these keys: two while a key is being replaced. */
  public Note sign(Collection<NoteSigner> signers) {
    return Note.sign(text(), signers);
  }

  /** The text that is signed. */
  public String text() {
    StringBuilder text = new StringBuilder(origin + "\n" + size + "\n" + root + "\n");
    extensions.forEach(line -> text.append(line).append('\n'));
    return text.toString();
  }

  private static void requireLine(String what, String line) {
    if (line.isEmpty() || line.chars().anyMatch(c -> c < 0x20)) {
      throw malformed(what, line, "a non-empty line without control characters");
    }
  }
}
