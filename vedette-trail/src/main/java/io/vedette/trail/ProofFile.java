package io.vedette.trail;

import static io.vedette.trail.RefusedException.malformed;
import static io.vedette.trail.RefusedException.mismatch;

import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A proof that fits in a file and is checked without the log: C2SP {@code tlog-proof}.
 *
 * <pre>
 *   c2sp.org/tlog-proof@v1
 *   extra &lt;base64&gt;                  (optional; Vedette's: the record's salt, 16 bytes)
 *   index &lt;decimal&gt;
 *   &lt;base64&gt;                        (the inclusion proof, one hash per line)
 *                                   (an empty line)
 *   the signed checkpoint, verbatim
 * </pre>
 */
public final class ProofFile {
  /** The extension its files have. */
  public static final String EXTENSION = ".tlog-proof";

  private static final String MAGIC = "c2sp.org/tlog-proof@v1";
  private static final int MAX_BYTES = 2 * Note.MAX_BYTES;

  private final byte @Nullable [] extra;
  private final InclusionProof inclusion;
  private final Note checkpoint;

  private ProofFile(byte @Nullable [] extra, InclusionProof inclusion, Note checkpoint) {
    this.extra = extra;
    this.inclusion = inclusion;
    this.checkpoint = checkpoint;
  }

  /** Puts a proof together; its checkpoint must be of the size of the inclusion proof. */
  public static ProofFile of(byte @Nullable [] extra, InclusionProof inclusion, Note checkpoint) {
    long size = Checkpoint.parse(checkpoint.text()).size();
    if (size != inclusion.size()) {
      throw mismatch("proof", "a checkpoint of size " + size, "size " + inclusion.size());
    }
    return new ProofFile(extra == null ? null : extra.clone(), inclusion, checkpoint);
  }

  public static ProofFile parse(byte[] file) {
    if (file.length > MAX_BYTES) {
      throw malformed("proof", file.length + " bytes", "at most " + MAX_BYTES);
    }
    String text = Strict.utf8(file, "proof");
    int blank = text.indexOf("\n\n");
    if (blank < 0 || !text.startsWith(MAGIC + "\n")) {
      throw malformed("proof", text, MAGIC + ", index, hashes, an empty line and a checkpoint");
    }
    List<String> lines = List.of(text.substring(0, blank).split("\n", -1));
    boolean hasExtra = lines.size() > 1 && lines.get(1).startsWith("extra ");
    byte[] extra = hasExtra
        ? Strict.base64(lines.get(1).substring("extra ".length()), -1, "proof extra")
        : null;
    int indexLine = hasExtra ? 2 : 1;
    if (lines.size() <= indexLine
        || !lines.get(indexLine).startsWith("index ")
        || (extra != null && extra.length == 0)) {
      throw malformed("proof", text, "an extra line with content or none, then an index line");
    }
    Note checkpoint = Note.parse(Strict.utf8(text.substring(blank + 2), "proof"));
    InclusionProof inclusion = new InclusionProof(
        Strict.decimal(lines.get(indexLine).substring("index ".length()), "proof index"),
        Checkpoint.parse(checkpoint.text()).size(),
        lines.subList(indexLine + 1, lines.size()).stream().map(Hash::parse).toList());
    return new ProofFile(extra, inclusion, checkpoint);
  }

  /** Refuses the proof unless it shows {@code entry} in a tree of this origin signed by one of these keys; returns that tree. */
  public Checkpoint check(byte[] entry, String origin, Collection<NoteVerifier> keys) {
    Checkpoint trusted = Checkpoint.open(checkpoint.toBytes(), origin, keys);
    Hash root = inclusion.root(new TreeHasher().leaf(entry));
    if (!root.equals(trusted.root())) {
      throw mismatch(
          "proof of index " + inclusion.index(), "root " + root, "root " + trusted.root());
    }
    return trusted;
  }

  /** What the extra line holds, which no signature covers. */
  public byte @Nullable [] extra() {
    return extra == null ? null : Arrays.copyOf(extra, extra.length);
  }

  public InclusionProof inclusion() {
    return inclusion;
  }

  /** The signed checkpoint, unverified. */
  public Note checkpoint() {
    return checkpoint;
  }

  public byte[] toBytes() {
    return Strict.utf8(toString(), "proof");
  }

  /** The text of the file. */
  @Override
  public String toString() {
    Stream<String> head = Stream.of(
        MAGIC,
        extra == null ? "" : "extra " + Base64.getEncoder().encodeToString(extra),
        "index " + inclusion.index());
    StringBuilder file = new StringBuilder();
    head.filter(line -> !line.isEmpty()).forEach(line -> file.append(line).append('\n'));
    inclusion.path().forEach(hash -> file.append(hash).append('\n'));
    return file.append('\n').append(checkpoint).toString();
  }
}
