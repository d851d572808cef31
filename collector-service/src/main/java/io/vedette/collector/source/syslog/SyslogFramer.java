package io.vedette.collector.source.syslog;

import java.util.Arrays;

/**
 * Cuts a TCP stream into syslog messages, both framings of RFC 6587, told apart message by message: octet counting ({@code LENGTH SP message}) and a line feed at the end. Not thread safe; holds at most
 * one message of the largest size, a longer one is cut there and its rest skipped.
 */
public final class SyslogFramer {

  /** Takes messages; the bytes are only valid during the call. */
  @FunctionalInterface
  public interface Sink {
    void message(byte[] bytes, int from, int to, boolean cut);
  }

  private enum State {
    BEGIN,
    LENGTH,
    COUNTED,
    LINE
  }

  private static final int MAX_LENGTH_DIGITS = 9;

  private final int maxBytes;
  private byte[] held = new byte[512];
  private int length;
  private int digits;
  private long remaining;
  private boolean cut;
  private State state = State.BEGIN;

  public SyslogFramer(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  public void feed(byte[] bytes, int from, int to, Sink sink) {
    int at = from;
    while (at < to) {
      switch (state) {
        case BEGIN -> {
          byte first = bytes[at];
          if (first == '\n' || first == '\r' || first == 0) {
            at++; // between messages
          } else if (first >= '1' && first <= '9') {
            state = State.LENGTH;
            digits = 0;
          } else {
            state = State.LINE;
          }
        }
        case LENGTH -> at = length(bytes, at, to);
        case COUNTED -> {
          int take = (int) Math.min(remaining, to - at);
          hold(bytes, at, at + take);
          at += take;
          remaining -= take;
          if (remaining == 0) {
            emit(sink);
          }
        }
        case LINE -> {
          int end = at;
          while (end < to && bytes[end] != '\n') {
            end++;
          }
          hold(bytes, at, end);
          at = end;
          if (end < to) {
            at++;
            emit(sink);
          }
        }
      }
    }
  }

  /** Digits and a space, else it was a line that begins with a digit. */
  private int length(byte[] bytes, int from, int to) {
    int at = from;
    while (at < to) {
      byte next = bytes[at];
      if (next == ' ' && digits > 0) {
        state = State.COUNTED;
        remaining =
            Long.parseLong(new String(held, 0, length, java.nio.charset.StandardCharsets.US_ASCII));
        length = 0;
        return at + 1;
      }
      if (next < '0' || next > '9' || digits >= MAX_LENGTH_DIGITS) {
        state = State.LINE;
        return at;
      }
      hold(bytes, at, at + 1);
      digits++;
      at++;
    }
    return at;
  }

  /** The stream ended: what is held is the last message. */
  public void end(Sink sink) {
    if (state != State.BEGIN && length > 0) {
      cut |= state == State.COUNTED && remaining > 0;
      emit(sink);
    }
  }

  private void hold(byte[] bytes, int from, int to) {
    int take = Math.min(to - from, maxBytes - length);
    cut |= take < to - from;
    if (held.length - length < take) {
      held = Arrays.copyOf(held, Math.min(maxBytes, Math.max(held.length * 2, length + take)));
    }
    System.arraycopy(bytes, from, held, length, take);
    length += take;
  }

  private void emit(Sink sink) {
    int count = length;
    boolean wasCut = cut;
    length = 0;
    cut = false;
    state = State.BEGIN;
    if (count > 0) {
      sink.message(held, 0, count, wasCut);
    }
    if (held.length > 1 << 16) {
      held = new byte[512];
    }
  }
}
