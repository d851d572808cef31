package io.vedette.trail.verify;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Pattern;

/** Reads text in its one allowed spelling. */
final class Exact {
  private static final Pattern DECIMAL = Pattern.compile("0|[1-9][0-9]{0,18}", Pattern.DOTALL);

  private Exact() {}

  static String text(byte[] bytes, String what) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw FaultException.of(Reason.CHECKPOINT, what, "bytes that are not UTF-8", "UTF-8");
    }
  }

  static byte[] base64(String text, String what) {
    try {
      byte[] bytes = Base64.getDecoder().decode(text);
      if (Base64.getEncoder().encodeToString(bytes).equals(text)) {
        return bytes;
      }
    } catch (IllegalArgumentException e) {
      throw FaultException.of(Reason.CHECKPOINT, what, text, "base64");
    }
    throw FaultException.of(Reason.CHECKPOINT, what, text, "base64 in its canonical form");
  }

  static byte[] hash(String text, String what) {
    byte[] hash = base64(text, what);
    if (hash.length != Sha.SIZE) {
      throw FaultException.of(
          Reason.CHECKPOINT, what, hash.length + " bytes", "a hash of 32 bytes");
    }
    return hash;
  }

  static long decimal(String text, String what) {
    if (DECIMAL.matcher(text).matches()
        && (text.length() < 19 || text.compareTo(Long.toString(Long.MAX_VALUE)) <= 0)) {
      return Long.parseLong(text);
    }
    throw FaultException.of(
        Reason.CHECKPOINT, what, text, "a decimal of at most 2^63 - 1 without leading zeroes");
  }

  static String base64(byte[] hash) {
    return Base64.getEncoder().encodeToString(hash);
  }
}
