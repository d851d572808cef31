package io.vedette.trail;

import static io.vedette.trail.RefusedException.malformed;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Decoders that accept exactly one spelling of each value, so that what was signed and what was read cannot differ. */
final class Strict {
  private Strict() {}

  static String utf8(byte[] bytes, String what) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw malformed(what, bytes.length + " bytes that are not UTF-8", "valid UTF-8");
    }
  }

  static byte[] utf8(String text, String what) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (!new String(bytes, StandardCharsets.UTF_8).equals(text)) {
      throw malformed(what, "an unpaired surrogate", "valid Unicode");
    }
    return bytes;
  }

  /** RFC 4648, section 4, with padding and zero trailing bits; {@code length} of -1 takes any. */
  static byte[] base64(String text, int length, String what) {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw malformed(what, text, "base64");
    }
    if (!Base64.getEncoder().encodeToString(bytes).equals(text)) {
      throw malformed(what, text, "canonical, padded base64");
    }
    if (length >= 0 && bytes.length != length) {
      throw malformed(what, bytes.length + " bytes", length + " bytes in base64");
    }
    return bytes;
  }

  /** ASCII decimal without sign or additional leading zeroes, at most 2^63 - 1. */
  static long decimal(String text, String what) {
    if (text.isEmpty()
        || text.length() > 19
        || (text.length() > 1 && text.charAt(0) == '0')
        || !isDigits(text)) {
      throw malformed(what, text, "a decimal from 0 to 9223372036854775807 without leading zeroes");
    }
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw malformed(what, text, "at most 9223372036854775807");
    }
  }

  static boolean isDigits(String text) {
    return text.chars().allMatch(c -> c >= '0' && c <= '9');
  }
}
