package io.vedette.model;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes RFC 8785 JSON straight to bytes: members by UTF-16 order of their names, shortest numbers, minimal escapes. Takes the tidy values of a {@link RecordDraft} only. */
final class CanonicalWriter {

  private static final byte[] HEX = {
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'
  };

  private byte[] bytes;
  private int length;

  CanonicalWriter(int capacity) {
    bytes = new byte[capacity];
  }

  int length() {
    return length;
  }

  byte[] range(int from, int to) {
    return Arrays.copyOfRange(bytes, from, to);
  }

  CanonicalWriter ascii(String text) {
    int count = text.length();
    ensure(count);
    for (int i = 0; i < count; i++) {
      bytes[length++] = (byte) text.charAt(i);
    }
    return this;
  }

  CanonicalWriter time(long epochSecond, int nano) {
    ensure(32);
    bytes[length] = '"';
    Times.write(epochSecond, nano, bytes, length + 1);
    bytes[length + 31] = '"';
    length += 32;
    return this;
  }

  void value(@Nullable Object value) {
    if (value == null) {
      ascii("null");
    } else if (value instanceof String text) {
      string(text);
    } else if (value instanceof Long number) {
      ascii(Long.toString(number));
    } else if (value instanceof Double number) {
      ascii(Numbers.shortest(number));
    } else if (value instanceof Boolean truth) {
      ascii(truth ? "true" : "false");
    } else if (value instanceof Map<?, ?> map) {
      object(map);
    } else if (value instanceof List<?> list) {
      array(list);
    } else {
      throw new IllegalArgumentException(
          "no canonical form for a " + value.getClass().getName());
    }
  }

  void object(Map<?, ?> map) {
    int size = map.size();
    if (size == 1) {
      Map.Entry<?, ?> only = map.entrySet().iterator().next();
      ascii("{");
      string((String) only.getKey());
      ascii(":");
      value(only.getValue());
      ascii("}");
      return;
    }
    String[] names = map.keySet().toArray(new String[size]);
    Arrays.sort(names);
    ascii("{");
    for (int i = 0; i < size; i++) {
      if (i > 0) {
        ascii(",");
      }
      string(names[i]);
      ascii(":");
      value(map.get(names[i]));
    }
    ascii("}");
  }

  private void array(List<?> list) {
    ascii("[");
    boolean first = true;
    for (Object element : list) {
      if (!first) {
        ascii(",");
      }
      first = false;
      value(element);
    }
    ascii("]");
  }

  CanonicalWriter string(String text) {
    int count = text.length();
    ensure(count * 3 + 2); // UTF-8 takes at most three bytes per char; escapes ensure their own
    bytes[length++] = '"';
    for (int i = 0; i < count; i++) {
      char c = text.charAt(i);
      if (c >= ' ' && c < 0x80) {
        if (c == '"' || c == '\\') {
          ensure((count - i) * 3 + 2);
          bytes[length++] = '\\';
        }
        bytes[length++] = (byte) c;
      } else if (c < ' ') {
        ensure((count - i) * 3 + 7);
        control(c);
      } else if (c < 0x800) {
        bytes[length++] = (byte) (0xC0 | (c >> 6));
        bytes[length++] = (byte) (0x80 | (c & 0x3F));
      } else if (!Character.isSurrogate(c)) {
        bytes[length++] = (byte) (0xE0 | (c >> 12));
        bytes[length++] = (byte) (0x80 | (c >> 6 & 0x3F));
        bytes[length++] = (byte) (0x80 | (c & 0x3F));
      } else {
        int point = Character.toCodePoint(c, text.charAt(++i)); // pairs only: the draft is clean
        bytes[length++] = (byte) (0xF0 | (point >> 18));
        bytes[length++] = (byte) (0x80 | (point >> 12 & 0x3F));
        bytes[length++] = (byte) (0x80 | (point >> 6 & 0x3F));
        bytes[length++] = (byte) (0x80 | (point & 0x3F));
      }
    }
    bytes[length++] = '"';
    return this;
  }

  private void control(char c) {
    bytes[length++] = '\\';
    switch (c) {
      case '\b' -> bytes[length++] = 'b';
      case '\t' -> bytes[length++] = 't';
      case '\n' -> bytes[length++] = 'n';
      case '\f' -> bytes[length++] = 'f';
      case '\r' -> bytes[length++] = 'r';
      default -> {
        bytes[length++] = 'u';
        bytes[length++] = '0';
        bytes[length++] = '0';
        bytes[length++] = HEX[c >> 4];
        bytes[length++] = HEX[c & 0xF];
      }
    }
  }

  private void ensure(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
    }
  }
}
