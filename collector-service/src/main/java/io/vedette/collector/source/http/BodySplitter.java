package io.vedette.collector.source.http;

import java.util.Arrays;
import java.util.BitSet;

/**
 * Splits a request body into the values that shall be records, while it streams: one JSON object, an array of them, or one per line (NDJSON), told apart by the body itself. Not thread safe; holds at most
 * one value of the largest size.
 *
 * <p>A broken value does not take its neighbours with it: a line feed within a string ends it, and so does a <code>{</code> that begins a line where no value may stand. What is between values and is no
 * object is handed on too, so that it can be rejected with its line.
 */
public final class BodySplitter {

  /** Takes the values; the bytes are only valid during the call. */
  public interface Sink {
    void value(byte[] bytes, int from, int to, long line);

    /** A value larger than the limit; its bytes were not kept. */
    void oversized(long line, long bytes);

    /** The body ended within an array. */
    void unclosed(long line);
  }

  private enum State {
    BETWEEN,
    NESTED,
    TOKEN
  }

  /** Deeper than the parser allows: only the balance of brackets matters there. */
  private static final int MAX_TRACKED_DEPTH = 1 << 16;

  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  private final int maxBytes;
  private State state = State.BETWEEN;
  private boolean inArray;
  private long line = 1;
  private long bytesRead;

  private byte[] held = new byte[256];
  private int length;
  private long valueBytes;
  private long valueLine;
  private int depth;
  private final BitSet arrays = new BitSet(); // which depths are arrays
  private boolean inString;
  private boolean escaped;
  private boolean lineFeed; // since the last significant byte
  private byte significant;

  public BodySplitter(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  public long bytesRead() {
    return bytesRead;
  }

  /** Whether it is within a value that is already too large. */
  public boolean oversized() {
    return valueBytes > maxBytes;
  }

  public void feed(byte[] bytes, Sink sink) {
    int start = state == State.BETWEEN ? -1 : 0; // first byte of the value in this chunk
    int at = 0;
    int to = bytes.length;
    while (at < to
        && bytesRead + at < BYTE_ORDER_MARK.length
        && bytes[at] == BYTE_ORDER_MARK[(int) bytesRead + at]
        && state == State.BETWEEN) {
      at++;
    }
    bytesRead += to;
    while (at < to) {
      byte next = bytes[at];
      switch (state) {
        case BETWEEN -> {
          if (next == '\n') {
            line++;
          } else if (next == '[' && !inArray) {
            inArray = true;
          } else if (next == ']' && inArray) {
            inArray = false;
          } else if (!blank(next) && !(next == ',' && inArray)) {
            begin(next);
            start = at;
          }
          at++;
        }
        case TOKEN -> {
          if (next == '\n' || (inArray && (next == ',' || next == ']'))) {
            finish(bytes, start, at, sink);
            start = -1;
          } else {
            at++;
          }
        }
        case NESTED -> {
          if (inString) {
            at = string(bytes, at, to);
            if (inString
                && at < to
                && bytes[at] == '\n') { // no string has one: the value is broken
              finish(bytes, start, at, sink);
              start = -1;
            }
          } else if (next == '{' && lineFeed && !valueMayStand()) {
            finish(bytes, start, at, sink);
            start = -1;
          } else {
            at++;
            if (nested(next)) {
              finish(bytes, start, at, sink);
              start = -1;
            }
          }
        }
      }
    }
    if (state != State.BETWEEN) {
      hold(bytes, start, to);
    }
  }

  /** The body is complete. */
  public void end(Sink sink) {
    if (state != State.BETWEEN) {
      finish(held, 0, 0, sink);
    } else if (inArray) {
      sink.unclosed(line);
    }
  }

  private void begin(byte first) {
    valueLine = line;
    length = 0;
    valueBytes = 0;
    if (first == '{' || first == '[') {
      state = State.NESTED;
      depth = 1;
      arrays.clear();
      arrays.set(1, first == '[');
      inString = false;
      escaped = false;
      lineFeed = false;
      significant = first;
    } else {
      state = State.TOKEN;
    }
  }

  /** Runs to the end of the string, of the chunk, or to a line feed. */
  private int string(byte[] bytes, int from, int to) {
    for (int at = from; at < to; at++) {
      byte next = bytes[at];
      if (next == '\n') {
        return at;
      }
      if (escaped) {
        escaped = false;
      } else if (next == '\\') {
        escaped = true;
      } else if (next == '"') {
        inString = false;
        significant = '"';
        return at + 1;
      }
    }
    return to;
  }

  /** Takes one byte outside strings; true when it ends the value. */
  private boolean nested(byte next) {
    if (next == '\n') {
      line++;
      lineFeed = true;
      return false;
    }
    if (blank(next)) {
      return false;
    }
    lineFeed = false;
    significant = next;
    switch (next) {
      case '"' -> inString = true;
      case '{', '[' -> {
        depth++;
        if (depth < MAX_TRACKED_DEPTH) {
          arrays.set(depth, next == '[');
        }
      }
      case '}', ']' -> depth--;
      default -> {
        return false;
      }
    }
    return depth == 0;
  }

  private boolean valueMayStand() {
    return significant == ':'
        || significant == '['
        || (significant == ',' && depth < MAX_TRACKED_DEPTH && arrays.get(depth));
  }

  private void finish(byte[] bytes, int start, int end, Sink sink) {
    int here = start < 0 ? 0 : end - start;
    valueBytes += here;
    state = State.BETWEEN;
    if (valueBytes > maxBytes) {
      sink.oversized(valueLine, valueBytes);
    } else if (length == 0) {
      sink.value(bytes, start, end, valueLine);
    } else {
      valueBytes -= here;
      hold(bytes, start, end);
      sink.value(held, 0, length, valueLine);
    }
    length = 0;
    valueBytes = 0;
    if (held.length > 1 << 16) {
      held = new byte[256];
    }
  }

  private void hold(byte[] bytes, int start, int end) {
    int here = end - start;
    valueBytes += here;
    if (valueBytes > maxBytes) {
      length = 0;
      return;
    }
    if (held.length - length < here) {
      held = Arrays.copyOf(held, Math.max(held.length * 2, length + here));
    }
    System.arraycopy(bytes, start, held, length, here);
    length += here;
  }

  private static boolean blank(byte next) {
    return next == ' ' || next == '\t' || next == '\r' || next == '\n';
  }
}
