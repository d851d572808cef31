package io.vedette.model;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Well-formedness of UTF-8 (Unicode, table 3-7), and what to write where it ends: the text {@code \xNN} per byte that belongs to no character. */
public final class Utf8 {

  private Utf8() {}

  public static boolean valid(byte[] bytes, int from, int to) {
    return firstInvalid(bytes, from, to) == to;
  }

  /** The text of bytes that may be no UTF-8: each byte that belongs to no character becomes {@code \xNN}. */
  public static String text(byte[] bytes, int from, int to) {
    if (valid(bytes, from, to)) {
      return new String(bytes, from, to - from, StandardCharsets.UTF_8);
    }
    byte[] escaped = escape(bytes, from, to, false);
    return new String(escaped, StandardCharsets.UTF_8);
  }

  /** The same bytes with each byte that belongs to no character written as {@code \xNN}, with the backslash doubled when it is to stand in a JSON string. */
  static byte[] escape(byte[] bytes, int from, int to, boolean json) {
    byte[] out = new byte[(to - from) + 64];
    int length = 0;
    int at = from;
    while (at < to) {
      int bad = firstInvalid(bytes, at, to);
      if (out.length - length < bad - at + 5) {
        out = Arrays.copyOf(out, Math.max(out.length * 2, length + bad - at + 5));
      }
      System.arraycopy(bytes, at, out, length, bad - at);
      length += bad - at;
      at = bad;
      if (at < to) {
        out[length++] = '\\';
        if (json) {
          out[length++] = '\\';
        }
        out[length++] = 'x';
        out[length++] = (byte) Character.forDigit(bytes[at] >> 4 & 0xF, 16);
        out[length++] = (byte) Character.forDigit(bytes[at] & 0xF, 16);
        at++;
      }
    }
    return Arrays.copyOf(out, length);
  }

  /** Position of the first byte that belongs to no character, {@code to} when all do. */
  static int firstInvalid(byte[] bytes, int from, int to) {
    int at = from;
    while (at < to) {
      int lead = bytes[at];
      if (lead >= 0) {
        at++;
        continue;
      }
      lead &= 0xFF;
      int count;
      int low = 0x80;
      int high = 0xBF;
      if (lead >= 0xC2 && lead <= 0xDF) {
        count = 1;
      } else if (lead >= 0xE0 && lead <= 0xEF) {
        count = 2;
        low = lead == 0xE0 ? 0xA0 : 0x80;
        high = lead == 0xED ? 0x9F : 0xBF;
      } else if (lead >= 0xF0 && lead <= 0xF4) {
        count = 3;
        low = lead == 0xF0 ? 0x90 : 0x80;
        high = lead == 0xF4 ? 0x8F : 0xBF;
      } else {
        return at;
      }
      if (at + count >= to) {
        return at;
      }
      int second = bytes[at + 1] & 0xFF;
      if (second < low || second > high) {
        return at;
      }
      for (int i = 2; i <= count; i++) {
        if ((bytes[at + i] & 0xC0) != 0x80) {
          return at;
        }
      }
      at += count + 1;
    }
    return to;
  }
}
