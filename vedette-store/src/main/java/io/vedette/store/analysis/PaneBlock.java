package io.vedette.store.analysis;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;

/**
 * Closed panes of one rule as they are stored: what one owner closed between two stores.
 *
 * <pre>
 * block   := 0x01 deflate(body)                       raw deflate, no zlib header
 * body    := paneUs keyCount key* doubles
 * key     := partition labelCount (name value)* paneCount pane*
 * pane    := zigzag(pane number - previous pane number of the key, 0 for the first) flags
 *            [count]                                  unless SINGLE
 *            [first (last-first) n (index-previous)*] when INDEXED
 *            [n (zigzag(bucket-previous) count)*]     when BUCKETS
 * doubles := 8 bytes each, in the order of the panes: SINGLE one (the value), else sum min max last m2;
 *            each is the exclusive or with the same field of the key's previous pane, so what stands still deflates to nothing
 * integers are unsigned LEB128, strings are length-prefixed UTF-8
 * flags   := 1 SINGLE | 2 INDEXED | 4 BUCKETS
 * </pre>
 */
public final class PaneBlock {
  private static final int VERSION = 1;
  private static final int SINGLE = 1;
  private static final int INDEXED = 2;
  private static final int BUCKETS = 4;
  private static final long[] NO_LONGS = {};
  private static final int[] NO_INTS = {};

  private PaneBlock() {}

  public static byte[] encode(long paneUs, List<KeyPanes> keys) {
    ByteArrayOutputStream meta = new ByteArrayOutputStream(1024);
    ByteArrayOutputStream doubleBytes = new ByteArrayOutputStream(1024);
    try (DataOutputStream doubles = new DataOutputStream(doubleBytes)) {
      varint(meta, paneUs);
      varint(meta, keys.size());
      for (KeyPanes key : keys) {
        encodeKey(meta, doubles, paneUs, key);
      }
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    block.write(VERSION);
    Deflater deflater = new Deflater(6, true);
    try (DeflaterOutputStream out = new DeflaterOutputStream(block, deflater)) {
      meta.writeTo(out);
      doubleBytes.writeTo(out);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    } finally {
      deflater.end();
    }
    return block.toByteArray();
  }

  private static void encodeKey(
      ByteArrayOutputStream meta, DataOutputStream doubles, long paneUs, KeyPanes key)
      throws IOException {
    varint(meta, key.partition());
    varint(meta, key.key().size());
    for (Map.Entry<String, String> label : key.key().entrySet()) {
      string(meta, label.getKey());
      string(meta, label.getValue());
    }
    varint(meta, key.panes().size());
    long previousPane = 0;
    long[] previous = new long[5];
    for (Pane pane : key.panes()) {
      long number = Math.floorDiv(pane.startUs(), paneUs);
      varint(meta, zigzag(number - previousPane));
      previousPane = number;
      boolean single = pane.isSingle();
      boolean indexed = pane.firstIndex() >= 0;
      boolean buckets = !single && pane.buckets().length > 0;
      meta.write((single ? SINGLE : 0) | (indexed ? INDEXED : 0) | (buckets ? BUCKETS : 0));
      if (!single) {
        varint(meta, pane.count());
      }
      if (indexed) {
        varint(meta, pane.firstIndex());
        varint(meta, pane.lastIndex() - pane.firstIndex());
        varint(meta, pane.sample().length);
        long before = pane.firstIndex();
        for (long index : pane.sample()) {
          varint(meta, index - before);
          before = index;
        }
      }
      if (buckets) {
        varint(meta, pane.buckets().length);
        int before = 0;
        for (int i = 0; i < pane.buckets().length; i++) {
          varint(meta, zigzag((long) pane.buckets()[i] - before));
          varint(meta, pane.counts()[i]);
          before = pane.buckets()[i];
        }
      }
      double[] fields = single
          ? new double[] {pane.sum()}
          : new double[] {pane.sum(), pane.min(), pane.max(), pane.last(), pane.m2()};
      for (int i = 0; i < fields.length; i++) {
        long bits = Double.doubleToRawLongBits(fields[i]);
        doubles.writeLong(bits ^ previous[i]);
        previous[i] = bits;
      }
    }
  }

  /** The panes of a block, with the partition of each key. */
  public static List<KeyPanes> decode(byte[] block) {
    if (block.length == 0 || block[0] != VERSION) {
      throw new IllegalArgumentException("pane block: version "
          + (block.length == 0 ? "missing" : block[0])
          + " (expected: "
          + VERSION
          + ")");
    }
    Inflater inflater = new Inflater(true);
    try (InflaterInputStream in =
        new InflaterInputStream(new ByteArrayInputStream(block, 1, block.length - 1), inflater)) {
      return decodeBody(new DataInputStream(new ByteArrayInputStream(in.readAllBytes())));
    } catch (IOException broken) {
      throw new IllegalArgumentException("pane block: broken: " + broken.getMessage(), broken);
    } finally {
      inflater.end();
    }
  }

  private record Shape(
      long startUs,
      boolean single,
      long count,
      long firstIndex,
      long lastIndex,
      long[] sample,
      int[] buckets,
      int[] counts) {}

  private record KeyShape(int partition, SortedMap<String, String> key, List<Shape> panes) {}

  private static List<KeyPanes> decodeBody(DataInputStream in) throws IOException {
    long paneUs = varint(in);
    int keyCount = (int) varint(in);
    List<KeyShape> shapes = new ArrayList<>();
    for (int k = 0; k < keyCount; k++) {
      int partition = (int) varint(in);
      SortedMap<String, String> key = new TreeMap<>();
      for (long labels = varint(in); labels > 0; labels--) {
        String name = string(in);
        key.put(name, string(in));
      }
      List<Shape> panes = new ArrayList<>();
      long number = 0;
      for (long n = varint(in); n > 0; n--) {
        number += unzigzag(varint(in));
        panes.add(decodeShape(in, number * paneUs));
      }
      shapes.add(new KeyShape(partition, key, panes));
    }
    List<KeyPanes> keys = new ArrayList<>(shapes.size());
    for (KeyShape shape : shapes) {
      long[] bits = new long[5];
      List<Pane> panes = new ArrayList<>(shape.panes().size());
      for (Shape pane : shape.panes()) {
        for (int i = 0; i < (pane.single() ? 1 : 5); i++) {
          bits[i] ^= in.readLong();
        }
        double sum = Double.longBitsToDouble(bits[0]);
        boolean single = pane.single();
        panes.add(new Pane(
            pane.startUs(),
            pane.count(),
            sum,
            single ? sum : Double.longBitsToDouble(bits[1]),
            single ? sum : Double.longBitsToDouble(bits[2]),
            single ? sum : Double.longBitsToDouble(bits[3]),
            single ? 0 : Double.longBitsToDouble(bits[4]),
            pane.firstIndex(),
            pane.lastIndex(),
            pane.sample(),
            pane.buckets(),
            pane.counts()));
      }
      keys.add(new KeyPanes(shape.partition(), shape.key(), panes));
    }
    return keys;
  }

  private static Shape decodeShape(DataInputStream in, long startUs) throws IOException {
    int flags = in.readUnsignedByte();
    boolean single = (flags & SINGLE) != 0;
    long count = single ? 1 : varint(in);
    long first = -1;
    long last = -1;
    long[] sample = NO_LONGS;
    if ((flags & INDEXED) != 0) {
      first = varint(in);
      last = first + varint(in);
      sample = new long[(int) varint(in)];
      long before = first;
      for (int i = 0; i < sample.length; i++) {
        before += varint(in);
        sample[i] = before;
      }
    }
    int[] buckets = NO_INTS;
    int[] counts = NO_INTS;
    if ((flags & BUCKETS) != 0) {
      buckets = new int[(int) varint(in)];
      counts = new int[buckets.length];
      int before = 0;
      for (int i = 0; i < buckets.length; i++) {
        before += (int) unzigzag(varint(in));
        buckets[i] = before;
        counts[i] = (int) varint(in);
      }
    }
    return new Shape(startUs, single, count, first, last, sample, buckets, counts);
  }

  private static void string(ByteArrayOutputStream out, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    varint(out, bytes.length);
    out.writeBytes(bytes);
  }

  private static String string(DataInputStream in) throws IOException {
    byte[] bytes = in.readNBytes((int) varint(in));
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static void varint(ByteArrayOutputStream out, long value) {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      out.write((int) (rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  private static long varint(DataInputStream in) throws IOException {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      int next = in.readUnsignedByte();
      value |= (long) (next & 0x7F) << shift;
      if ((next & 0x80) == 0) {
        return value;
      }
    }
    throw new IOException("integer longer than 64 bits");
  }

  private static long zigzag(long value) {
    return (value << 1) ^ (value >> 63);
  }

  private static long unzigzag(long value) {
    return (value >>> 1) ^ -(value & 1);
  }
}
