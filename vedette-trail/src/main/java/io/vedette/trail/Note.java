package io.vedette.trail;

import static io.vedette.trail.RefusedException.malformed;
import static io.vedette.trail.RefusedException.untrusted;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A text with the signatures under it: C2SP {@code signed-note}.
 *
 * <pre>
 *   text, ends with a newline
 *                                   (an empty line)
 *   — &lt;key name&gt; &lt;base64&gt;           (one line per signature)
 * </pre>
 *
 * <p>Parsing proves nothing: the text counts only after {@link #verify}.
 *
 * @param text with its final newline
 */
public record Note(String text, List<NoteSignature> signatures) {
  /** The largest note read, a hundred times a checkpoint with 16 of the longest known signatures (5 kB). */
  public static final int MAX_BYTES = 1 << 20;

  /** Signatures a note may carry; readers must accept at least 16. */
  public static final int MAX_SIGNATURES = 100;

  public Note {
    signatures = List.copyOf(signatures);
    requireText(text);
    if (signatures.isEmpty() || signatures.size() > MAX_SIGNATURES) {
      throw malformed("note", signatures.size() + " signatures", "1 to " + MAX_SIGNATURES);
    }
  }

  /** Signs a text, which must end with a newline, with every one of these keys. */
  public static Note sign(String text, Collection<NoteSigner> signers) {
    requireText(text);
    byte[] bytes = Strict.utf8(text, "note");
    return new Note(text, signers.stream().map(signer -> signer.sign(bytes)).toList());
  }

  public static Note parse(byte[] note) {
    if (note.length > MAX_BYTES) {
      throw malformed("note", note.length + " bytes", "at most " + MAX_BYTES);
    }
    return parse(Strict.utf8(note, "note"));
  }

  private static Note parse(String note) {
    int blank = note.lastIndexOf("\n\n");
    if (blank < 0 || !note.endsWith("\n") || blank + 2 == note.length()) {
      throw malformed(
          "note", note, "text, an empty line and signature lines, each with its newline");
    }
    String[] lines = note.substring(blank + 2, note.length() - 1).split("\n", -1);
    if (lines.length > MAX_SIGNATURES) {
      throw malformed("note", lines.length + " signatures", "1 to " + MAX_SIGNATURES);
    }
    List<NoteSignature> signatures = new ArrayList<>(lines.length);
    for (String line : lines) {
      signatures.add(NoteSignature.parse(line));
    }
    return new Note(note.substring(0, blank + 1), signatures);
  }

  /**
   * Checks the signatures of these keys and ignores those of others. Refuses the note if one of them does not verify, or if none
   * signed; returns those that did.
   */
  public List<NoteVerifier> verify(Collection<NoteVerifier> known) {
    byte[] bytes = Strict.utf8(text, "note");
    List<NoteVerifier> signed = new ArrayList<>();
    for (NoteSignature signature : signatures) {
      for (NoteVerifier verifier : known) {
        if (verifier.made(signature) && !verifier.verifies(bytes, signature)) {
          throw untrusted(
              "note",
              "a signature by " + verifier.name() + " that does not verify",
              "valid signatures");
        }
        if (verifier.made(signature) && !signed.contains(verifier)) {
          signed.add(verifier);
        }
      }
    }
    if (signed.isEmpty()) {
      throw untrusted("note", "signatures by " + names(signatures), "one by " + known);
    }
    return signed;
  }

  /** The same note with one more signature, a witness' perhaps. */
  public Note with(NoteSigner signer) {
    List<NoteSignature> more = new ArrayList<>(signatures);
    more.add(signer.sign(Strict.utf8(text, "note")));
    return new Note(text, more);
  }

  public byte[] toBytes() {
    return Strict.utf8(toString(), "note");
  }

  /** The note as it is stored and served. */
  @Override
  public String toString() {
    return text + "\n" + signatures.stream().map(line -> line + "\n").collect(Collectors.joining());
  }

  private static void requireText(String text) {
    if (!text.endsWith("\n") || text.chars().anyMatch(c -> c < 0x20 && c != '\n')) {
      throw malformed(
          "note", text, "text that ends with a newline and has no other control characters");
    }
  }

  private static String names(List<NoteSignature> signatures) {
    return signatures.stream()
        .map(line -> line.name() + "+" + KeyName.hex(line.keyId()))
        .toList()
        .toString();
  }
}
