package io.vedette.trail;

import static io.vedette.trail.RefusedException.malformed;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;

/** Names and ids of keys: C2SP {@code signed-note}, sections "Format" and "Signatures". */
final class KeyName {
  private KeyName() {}

  /** Non-empty, without Unicode spaces, control characters and plus. */
  static String require(String name, String what) {
    if (name.isEmpty() || name.codePoints().anyMatch(c -> c == '+' || isSpace(c) || c < 0x20)) {
      throw malformed(what, name, "a key name without spaces and plus");
    }
    return name;
  }

  /** {@code SHA-256(name || 0x0A || type || public key)[:4]}. */
  static int id(String name, byte[] typeAndKey) {
    MessageDigest sha256 = TreeHasher.sha256();
    sha256.update(Strict.utf8(name, "key name"));
    sha256.update((byte) '\n');
    return ByteBuffer.wrap(sha256.digest(typeAndKey)).getInt();
  }

  static int parseId(String hex, String what) {
    if (hex.length() != 8
        || !hex.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
      throw malformed(what, hex, "a key id of 8 lower case hexadecimal digits");
    }
    return HexFormat.fromHexDigits(hex);
  }

  static String hex(int id) {
    return HexFormat.of().toHexDigits(id);
  }

  /** The key material after its type byte, which must be that of Ed25519. */
  static byte[] ed25519(byte[] typeAndKey, String what) {
    if (typeAndKey.length != 1 + Ed25519.KEY_SIZE || typeAndKey[0] != Ed25519.TYPE) {
      String found = typeAndKey.length == 0
          ? "no bytes"
          : typeAndKey.length + " bytes of type " + (typeAndKey[0] & 0xff);
      throw malformed(what, found, "33 bytes of type 1, Ed25519");
    }
    return Arrays.copyOfRange(typeAndKey, 1, typeAndKey.length);
  }

  private static boolean isSpace(int c) {
    return Character.isSpaceChar(c) || Character.isWhitespace(c) || c == 0x85;
  }
}
