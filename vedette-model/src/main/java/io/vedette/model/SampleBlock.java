package io.vedette.model;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * The samples of a batch as one compressed block, by columns. An empty list is an empty block. The format is for ever; another one gets another version byte.
 *
 * <pre>
 *  +------+------------------------------------------------------------------+
 *  | 0x01 | raw DEFLATE (RFC 1951) of the columns                            |
 *  +------+------------------------------------------------------------------+
 *
 *  columns:
 *  | seriesCount | per series: name, labelCount, per label (by name): name, value |
 *  | sampleCount                                                                  |
 *  | sampleCount times: position of the series in the dictionary                  |
 *  | sampleCount times: zigzag(timeUs - timeUs of the sample before, 0 at first)  |
 *  | 8 planes of sampleCount bytes: byte p of each value, big-endian IEEE 754     |
 *
 *  numbers: unsigned LEB128, at most 10 bytes; text: length in bytes, UTF-8
 * </pre>
 */
public final class SampleBlock {

  private static final byte VERSION = 1;

  /** Largest block once inflated: about five million samples. A decoder's bound, not a batch's. */
  private static final int MAX_INFLATED_BYTES = 64 << 20;

  private SampleBlock() {}

  public static byte[] encode(List<Sample> samples) {
    if (samples.isEmpty()) {
      return new byte[0];
    }
    byte[] columns = columns(samples);
    Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
    try {
      deflater.setInput(columns);
      deflater.finish();
      ByteArrayOutputStream block = new ByteArrayOutputStream(columns.length / 2 + 16);
      block.write(VERSION);
      byte[] chunk = new byte[8192];
      while (!deflater.finished()) {
        block.write(chunk, 0, deflater.deflate(chunk));
      }
      return block.toByteArray();
    } finally {
      deflater.end();
    }
  }

  /** The samples in the order they were given. Bytes that are no block are refused with what is wrong. */
  public static List<Sample> decode(byte[] block) {
    if (block.length == 0) {
      return List.of();
    }
    if (block[0] != VERSION) {
      throw new IllegalArgumentException(
          "sample block: version " + block[0] + " (expected: " + VERSION + ")");
    }
    return samples(inflate(block));
  }

  static byte[] columns(List<Sample> samples) {
    Map<Series, Integer> dictionary = new LinkedHashMap<>();
    int[] positions = new int[samples.size()];
    for (int i = 0; i < positions.length; i++) {
      Series series = samples.get(i).series();
      Integer position = dictionary.putIfAbsent(series, dictionary.size());
      positions[i] = position == null ? dictionary.size() - 1 : position;
    }
    ByteArrayOutputStream out =
        new ByteArrayOutputStream(samples.size() * 12 + dictionary.size() * 48);
    number(out, dictionary.size());
    for (Series series : dictionary.keySet()) {
      text(out, series.name());
      number(out, series.labels().size());
      series.labels().forEach((name, value) -> {
        text(out, name);
        text(out, value);
      });
    }
    number(out, samples.size());
    for (int position : positions) {
      number(out, position);
    }
    long before = 0;
    for (Sample sample : samples) {
      long delta = sample.timeUs() - before;
      number(out, delta << 1 ^ delta >> 63);
      before = sample.timeUs();
    }
    for (int shift = 56; shift >= 0; shift -= 8) {
      for (Sample sample : samples) {
        out.write((int) (Double.doubleToRawLongBits(sample.value()) >>> shift));
      }
    }
    return out.toByteArray();
  }

  static byte[] inflate(byte[] block) {
    Inflater inflater = new Inflater(true);
    try {
      inflater.setInput(block, 1, block.length - 1);
      ByteArrayOutputStream columns = new ByteArrayOutputStream(block.length * 3);
      byte[] chunk = new byte[8192];
      while (!inflater.finished()) {
        int count = inflater.inflate(chunk);
        if (count == 0 && (inflater.needsInput() || inflater.needsDictionary())) {
          throw new IllegalArgumentException("sample block: ends within its deflate stream");
        }
        columns.write(chunk, 0, count);
        if (columns.size() > MAX_INFLATED_BYTES) {
          throw new IllegalArgumentException(
              "sample block: inflates beyond " + MAX_INFLATED_BYTES + " bytes");
        }
      }
      if (inflater.getRemaining() > 0) {
        throw new IllegalArgumentException(
            "sample block: " + inflater.getRemaining() + " bytes after its end");
      }
      return columns.toByteArray();
    } catch (DataFormatException broken) {
      throw new IllegalArgumentException("sample block: " + broken.getMessage(), broken);
    } finally {
      inflater.end();
    }
  }

  private static List<Sample> samples(byte[] columns) {
    Columns in = new Columns(columns);
    int seriesCount = in.count("series", 2);
    List<Series> dictionary = new ArrayList<>(seriesCount);
    for (int i = 0; i < seriesCount; i++) {
      String name = in.text();
      int labelCount = in.count("labels", 2);
      SortedMap<String, String> labels = new TreeMap<>();
      for (int label = 0; label < labelCount; label++) {
        String labelName = in.text();
        labels.put(labelName, in.text());
      }
      dictionary.add(new Series(name, labels));
    }
    int sampleCount = in.count("samples", 10);
    Series[] series = new Series[sampleCount];
    for (int i = 0; i < sampleCount; i++) {
      long position = in.number();
      if (position < 0 || position >= seriesCount) {
        throw new IllegalArgumentException(
            "sample block: series " + position + " (expected: below " + seriesCount + ")");
      }
      series[i] = dictionary.get((int) position);
    }
    long[] times = new long[sampleCount];
    long time = 0;
    for (int i = 0; i < sampleCount; i++) {
      long zigzag = in.number();
      time += zigzag >>> 1 ^ -(zigzag & 1);
      times[i] = time;
    }
    long[] values = new long[sampleCount];
    for (int plane = 0; plane < 8; plane++) {
      for (int i = 0; i < sampleCount; i++) {
        values[i] = values[i] << 8 | in.unsigned();
      }
    }
    in.end();
    List<Sample> samples = new ArrayList<>(sampleCount);
    for (int i = 0; i < sampleCount; i++) {
      samples.add(new Sample(series[i], times[i], Double.longBitsToDouble(values[i])));
    }
    return samples;
  }

  private static void number(ByteArrayOutputStream out, long value) {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      out.write((int) (rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  private static void text(ByteArrayOutputStream out, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    number(out, bytes.length);
    out.write(bytes, 0, bytes.length);
  }

  /** A cursor over inflated columns; refuses to read past their end. */
  private static final class Columns {
    private final byte[] bytes;
    private int at;

    Columns(byte[] bytes) {
      this.bytes = bytes;
    }

    int unsigned() {
      if (at >= bytes.length) {
        throw new IllegalArgumentException("sample block: ends at byte " + at + " of its columns");
      }
      return bytes[at++] & 0xFF;
    }

    long number() {
      long value = 0;
      for (int shift = 0; shift < 70; shift += 7) {
        int next = unsigned();
        value |= (long) (next & 0x7F) << shift;
        if (next < 0x80) {
          return value;
        }
      }
      throw new IllegalArgumentException(
          "sample block: a number longer than 10 bytes at byte " + at);
    }

    /** A count whose items take at least so many bytes each, so that a lie cannot make us allocate. */
    int count(String what, int atLeastBytes) {
      long count = number();
      if (count < 0 || count > (bytes.length - at) / atLeastBytes) {
        throw new IllegalArgumentException(
            "sample block: " + count + " " + what + " in " + (bytes.length - at) + " bytes");
      }
      return (int) count;
    }

    String text() {
      int length = count("bytes of text", 1);
      String text = new String(bytes, at, length, StandardCharsets.UTF_8);
      at += length;
      return text;
    }

    void end() {
      if (at != bytes.length) {
        throw new IllegalArgumentException(
            "sample block: " + (bytes.length - at) + " bytes after its columns");
      }
    }
  }
}
