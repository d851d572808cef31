package io.vedette.trail;

import static io.vedette.trail.RefusedException.malformed;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;

/**
 * One signature line of a note: C2SP {@code signed-note}, section "Signatures".
 *
 * <pre>
 *   — &lt;key name&gt; base64(key id: 4 bytes, big-endian || signature)
 * </pre>
 */
public final class NoteSignature {
  private static final String HEAD = "\u2014 ";

  private final String name;
  private final int keyId;
  private final byte[] bytes;

  NoteSignature(String name, int keyId, byte[] bytes) {
    this.name = name;
    this.keyId = keyId;
    this.bytes = bytes;
  }

  /** Parses the line without its newline; the signature may be of any kind. */
  static NoteSignature parse(String line) {
    int space = line.indexOf(' ', HEAD.length());
    if (!line.startsWith(HEAD) || space < 0) {
      throw malformed("signature line", line, "em dash, space, key name, space, base64");
    }
    String name = KeyName.require(line.substring(HEAD.length(), space), "signature line");
    byte[] idAndBytes = Strict.base64(line.substring(space + 1), -1, "signature line");
    if (idAndBytes.length <= Integer.BYTES) {
      throw malformed(
          "signature line", idAndBytes.length + " bytes", "a key id of 4 bytes and a signature");
    }
    return new NoteSignature(
        name,
        ByteBuffer.wrap(idAndBytes).getInt(),
        Arrays.copyOfRange(idAndBytes, Integer.BYTES, idAndBytes.length));
  }

  public String name() {
    return name;
  }

  public int keyId() {
    return keyId;
  }

  byte[] bytes() {
    return bytes;
  }

  /** The line without its newline. */
  @Override
  public String toString() {
    byte[] idAndBytes = ByteBuffer.allocate(Integer.BYTES + bytes.length)
        .putInt(keyId)
        .put(bytes)
        .array();
    return HEAD + name + " " + Base64.getEncoder().encodeToString(idAndBytes);
  }
}
