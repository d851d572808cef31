package io.vedette.analyzer.statistic;

import java.util.Arrays;

/**
 * Log-linear histogram of doubles, sparse: 32 buckets per power of two, so a quantile read from it is within 1/64 (1.6 %) of a value of that rank. A bucket is the upper 17 bits of the double (sign,
 * exponent, five bits of mantissa), mirrored for negative values so that buckets order as values do. At most {@link #MAX_BUCKETS} buckets a pane: beyond, the two lowest are joined, so high quantiles keep
 * their bound. Not thread safe.
 */
public final class Histogram {
  /** 128 buckets of 8 bytes are 1 KiB, and span a factor of 16 at full resolution. */
  public static final int MAX_BUCKETS = 128;

  private static final int SHIFT = 47;

  private final int bound;
  private int[] buckets;
  private int[] counts;
  private int size;

  public Histogram() {
    this(MAX_BUCKETS);
  }

  private Histogram(int bound) {
    this.bound = bound;
    this.buckets = new int[4];
    this.counts = new int[4];
  }

  /** For merging panes: a window may hold as many buckets as all its panes together. */
  public static Histogram unbounded() {
    return new Histogram(Integer.MAX_VALUE);
  }

  public static int bucketOf(double value) {
    long bits = Double.doubleToRawLongBits(value);
    int magnitude = (int) ((bits & Long.MAX_VALUE) >>> SHIFT);
    return bits >= 0 ? magnitude : -magnitude - 1;
  }

  /** Middle of the bucket. */
  static double valueOf(int bucket) {
    long magnitude = bucket >= 0 ? bucket : -(long) bucket - 1;
    double low = Double.longBitsToDouble(magnitude << SHIFT);
    double high = Double.longBitsToDouble((magnitude + 1) << SHIFT);
    double middle = magnitude == 0 ? 0 : low + (high - low) / 2;
    return bucket >= 0 ? middle : -middle;
  }

  public void add(double value) {
    add(bucketOf(value), 1);
  }

  public void add(int bucket, int count) {
    int at = Arrays.binarySearch(buckets, 0, size, bucket);
    if (at >= 0) {
      counts[at] += count;
      return;
    }
    at = -at - 1;
    if (size == buckets.length) {
      buckets = Arrays.copyOf(buckets, size * 2);
      counts = Arrays.copyOf(counts, size * 2);
    }
    System.arraycopy(buckets, at, buckets, at + 1, size - at);
    System.arraycopy(counts, at, counts, at + 1, size - at);
    buckets[at] = bucket;
    counts[at] = count;
    size++;
    if (size > bound) {
      counts[1] += counts[0];
      System.arraycopy(buckets, 1, buckets, 0, size - 1);
      System.arraycopy(counts, 1, counts, 0, size - 1);
      size--;
    }
  }

  public void merge(Histogram other) {
    for (int i = 0; i < other.size; i++) {
      add(other.buckets[i], other.counts[i]);
    }
  }

  public void clear() {
    size = 0;
  }

  /** The value of rank ceil(q * count), within 1/64 of it; NaN when empty. */
  public double quantile(double q) {
    long total = 0;
    for (int i = 0; i < size; i++) {
      total += counts[i];
    }
    if (total == 0) {
      return Double.NaN;
    }
    long rank = Math.max(1, (long) Math.ceil(q * total));
    long seen = 0;
    for (int i = 0; i < size; i++) {
      seen += counts[i];
      if (seen >= rank) {
        return valueOf(buckets[i]);
      }
    }
    return valueOf(buckets[size - 1]);
  }

  public int[] buckets() {
    return Arrays.copyOf(buckets, size);
  }

  public int[] counts() {
    return Arrays.copyOf(counts, size);
  }
}
