package io.vedette.benchmarks.edge;

import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Inflates messages of permessage-deflate. Not thread safe. */
final class Inflation implements AutoCloseable {
  private static final byte[] TAIL = {0, 0, (byte) 0xFF, (byte) 0xFF};

  private final Inflater inflater = new Inflater(true);
  private final boolean context;
  private byte[] out = new byte[16 << 10];
  private int length;

  /** @param context whether each message may refer to the ones before it */
  Inflation(boolean context) {
    this.context = context;
  }

  /** The text is in {@link #text()}, {@link #length()} bytes of it. */
  void inflate(byte[] payload, int from, int to) {
    if (!context) {
      inflater.reset();
    }
    byte[] in = Arrays.copyOfRange(payload, from, to + TAIL.length);
    System.arraycopy(TAIL, 0, in, to - from, TAIL.length);
    inflater.setInput(in);
    length = 0;
    try {
      while (true) {
        int more = inflater.inflate(out, length, out.length - length);
        length += more;
        if (length < out.length) {
          return;
        }
        out = Arrays.copyOf(out, out.length * 2);
      }
    } catch (DataFormatException broken) {
      throw new IllegalStateException("a compressed message cannot be inflated", broken);
    }
  }

  byte[] text() {
    return out;
  }

  int length() {
    return length;
  }

  @Override
  public void close() {
    inflater.end();
  }
}
