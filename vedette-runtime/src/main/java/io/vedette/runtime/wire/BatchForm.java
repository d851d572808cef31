package io.vedette.runtime.wire;

import io.vedette.model.Batch;
import io.vedette.model.Stamps;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A {@link Batch} as bytes, so that records cross the bus as they are stored. Numbers are big-endian.
 *
 * <pre>
 *  0        1        2                 6          14             22        26        30
 * +--------+--------+-----------------+----------+--------------+---------+---------+
 * | 0x01   | flags  | trail           | number   | first index  | count   | timeline|
 * +--------+--------+-----------------+----------+--------------+---------+---------+
 *  30       38              46             54              62
 * +--------+---------------+--------------+---------------+--------------------------+
 * | at us  | received us   | sealed us    | committed us  | u16 length, epoch UTF-8  |
 * +--------+---------------+--------------+---------------+--------------------------+
 * | u32 length, samples    | count times: u32 length, canonical record (if inline)   |
 * +------------------------+---------------------------------------------------------+
 * flags: bit 0 inline; others 0
 * </pre>
 */
public final class BatchForm {
  static final String TYPE = "batch.v1";
  private static final byte VERSION = 1;
  private static final int INLINE = 1;
  private static final int FIXED = 62;

  private BatchForm() {}

  public static void write(Batch batch, Buffer out) {
    byte[] epoch = batch.epoch().getBytes(StandardCharsets.UTF_8);
    if (epoch.length > 0xFFFF) {
      throw new WireFormatException(
          TYPE, "epoch of " + epoch.length + " bytes (expected: at most 65535)");
    }
    out.appendByte(VERSION).appendByte((byte) (batch.inline() ? INLINE : 0));
    out.appendInt(batch.trail())
        .appendLong(batch.number())
        .appendLong(batch.firstIndex())
        .appendInt(batch.count())
        .appendInt(batch.timeline());
    out.appendLong(batch.atUs());
    out.appendLong(batch.stamps().receivedUs())
        .appendLong(batch.stamps().sealedUs())
        .appendLong(batch.stamps().committedUs());
    out.appendUnsignedShort(epoch.length).appendBytes(epoch);
    out.appendInt(batch.samples().length).appendBytes(batch.samples());
    for (byte[] record : batch.records()) {
      out.appendInt(record.length).appendBytes(record);
    }
  }

  /** Reads one batch that fills {@code buffer} from {@code start} to {@code end}. */
  public static Batch read(Buffer buffer, int start, int end) {
    Cursor in = new Cursor(buffer, start, end);
    in.need(FIXED, "head");
    byte version = buffer.getByte(start);
    int flags = buffer.getByte(start + 1);
    if (version != VERSION || (flags & ~INLINE) != 0) {
      throw new WireFormatException(
          TYPE, "version " + version + ", flags " + flags + " (expected: version 1, flags 0 or 1)");
    }
    int count = buffer.getInt(start + 22);
    boolean inline = (flags & INLINE) != 0;
    Stamps stamps = new Stamps(
        buffer.getLong(start + 38), buffer.getLong(start + 46), buffer.getLong(start + 54));
    in.at = start + FIXED;
    String epoch = new String(in.bytes(in.u16("epoch"), "epoch"), StandardCharsets.UTF_8);
    byte[] samples = in.bytes(in.u32("samples"), "samples");
    // Each record has at least its length: a count beyond that is refused before anything is
    // reserved for it.
    if (count < 0 || (inline && count > (end - in.at) / Integer.BYTES)) {
      throw new WireFormatException(TYPE, "count " + count + " in " + (end - in.at) + " bytes");
    }
    List<byte[]> records = new ArrayList<>(inline ? count : 0);
    for (int i = 0; inline && i < count; i++) {
      records.add(in.bytes(in.u32("record " + i), "record " + i));
    }
    if (in.at != end) {
      throw new WireFormatException(
          TYPE, (end - in.at) + " bytes after the last record (expected: none)");
    }
    try {
      return new Batch(
          buffer.getInt(start + 2),
          epoch,
          buffer.getLong(start + 6),
          buffer.getLong(start + 14),
          count,
          buffer.getLong(start + 30),
          buffer.getInt(start + 26),
          inline,
          records,
          samples,
          stamps);
    } catch (IllegalArgumentException contradiction) {
      throw new WireFormatException(
          TYPE, String.valueOf(contradiction.getMessage()), contradiction);
    }
  }

  private static final class Cursor {
    private final Buffer buffer;
    private final int end;
    private int at;

    Cursor(Buffer buffer, int at, int end) {
      this.buffer = buffer;
      this.at = at;
      this.end = end;
    }

    void need(int length, String what) {
      if (length < 0 || length > end - at) {
        throw new WireFormatException(
            TYPE,
            what + ": " + (end - at) + " bytes left (expected: " + Integer.toUnsignedString(length)
                + ")");
      }
    }

    int u16(String what) {
      need(Short.BYTES, "length of " + what);
      at += Short.BYTES;
      return buffer.getUnsignedShort(at - Short.BYTES);
    }

    int u32(String what) {
      need(Integer.BYTES, "length of " + what);
      at += Integer.BYTES;
      return buffer.getInt(at - Integer.BYTES);
    }

    byte[] bytes(int length, String what) {
      need(length, what);
      at += length;
      return buffer.getBytes(at - length, at);
    }
  }
}
