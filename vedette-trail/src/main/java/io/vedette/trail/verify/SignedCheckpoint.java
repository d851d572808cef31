package io.vedette.trail.verify;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/** A checkpoint whose signature was verified: C2SP {@code tlog-checkpoint} in a C2SP {@code signed-note}. */
public final class SignedCheckpoint {
  private static final int MAX_BYTES = 1 << 20;
  private static final int MAX_SIGNATURES = 100;
  private static final String FORM = "origin, size, root hash, an empty line and signature lines";

  private final String origin;
  private final long size;
  private final byte[] root;

  private SignedCheckpoint(String origin, long size, byte[] root) {
    this.origin = origin;
    this.size = size;
    this.root = root;
  }

  /** Opens a checkpoint of the log named by this key. */
  public static SignedCheckpoint open(byte[] note, LogKey key) {
    return open(note, key.name(), List.of(key));
  }

  /** Opens a checkpoint of this origin: at least one of the keys must have signed it, and none of them wrongly. */
  public static SignedCheckpoint open(byte[] note, String origin, Collection<LogKey> keys) {
    if (note.length > MAX_BYTES) {
      throw malformed(note.length + " bytes");
    }
    String whole = Exact.text(note, "checkpoint");
    int blank = whole.lastIndexOf("\n\n");
    if (blank < 0 || !whole.endsWith("\n") || whole.chars().anyMatch(c -> c < ' ' && c != '\n')) {
      throw malformed(whole);
    }
    String text = whole.substring(0, blank + 1);
    SignedCheckpoint checkpoint = read(text, origin);
    requireSigned(whole.substring(blank + 2), text.getBytes(StandardCharsets.UTF_8), keys);
    return checkpoint;
  }

  public String origin() {
    return origin;
  }

  /** Leaves in the tree. */
  public long size() {
    return size;
  }

  public byte[] root() {
    return root.clone();
  }

  boolean hasRoot(byte[] other) {
    return Arrays.equals(root, other);
  }

  @Override
  public String toString() {
    return origin + " of size " + size + ", root " + Exact.base64(root);
  }

  private static SignedCheckpoint read(String text, String origin) {
    List<String> lines = text.lines().toList();
    if (lines.size() < 3 || lines.stream().anyMatch(String::isEmpty)) {
      throw malformed(text);
    }
    if (!lines.get(0).equals(origin)) {
      throw FaultException.of(Reason.CHECKPOINT, "origin", lines.get(0), origin);
    }
    return new SignedCheckpoint(
        origin,
        Exact.decimal(lines.get(1), "checkpoint size"),
        Exact.hash(lines.get(2), "checkpoint root"));
  }

  private static void requireSigned(String lines, byte[] text, Collection<LogKey> keys) {
    boolean signed = false;
    List<String> signatures = lines.lines().toList();
    if (signatures.isEmpty() || signatures.size() > MAX_SIGNATURES) {
      throw malformed(signatures.size() + " signatures");
    }
    for (String line : signatures) {
      String[] parts = line.split(" ", -1);
      if (parts.length != 3 || !parts[0].equals("\u2014") || !LogKey.isName(parts[1])) {
        throw malformed(line);
      }
      byte[] idAndSignature = Exact.base64(parts[2], "signature line");
      if (idAndSignature.length < 5) {
        throw malformed(line);
      }
      for (LogKey key : keys) {
        if (key.made(parts[1], idAndSignature)) {
          if (!key.verifies(text, idAndSignature)) {
            throw FaultException.of(
                Reason.SIGNATURE,
                "checkpoint",
                "a signature by " + key.name() + " that does not verify",
                "a valid one");
          }
          signed = true;
        }
      }
    }
    if (!signed) {
      throw FaultException.of(
          Reason.SIGNATURE,
          "checkpoint",
          "no signature by a known key",
          keys.stream().map(LogKey::name).toList().toString());
    }
  }

  private static FaultException malformed(String found) {
    return FaultException.of(Reason.CHECKPOINT, "checkpoint", found, FORM);
  }
}
