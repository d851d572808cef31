package io.vedette.benchmarks.edge;

import java.util.Arrays;

/** Counts of microseconds in buckets of at most 1.6 % width, so that a latency costs the load generator nanoseconds. Not thread safe. */
final class Histogram {
  private static final int SUB_BITS = 7;
  private static final int SUB = 1 << SUB_BITS;

  private final long[] counts = new long[SUB * (65 - SUB_BITS)];
  private long total;
  private long max;

  void add(long us) {
    long value = Math.max(0, us);
    counts[bucket(value)]++;
    total++;
    max = Math.max(max, value);
  }

  void clear() {
    Arrays.fill(counts, 0);
    total = 0;
    max = 0;
  }

  long total() {
    return total;
  }

  /** Milliseconds, the upper end of the bucket; -1 when nothing was counted. */
  double quantileMs(double q) {
    if (total == 0) {
      return -1;
    }
    long rank = Math.max(1, (long) Math.ceil(q * total));
    long seen = 0;
    for (int i = 0; i < counts.length; i++) {
      seen += counts[i];
      if (seen >= rank) {
        return Math.min(max, upper(i)) / 1e3;
      }
    }
    return max / 1e3;
  }

  /** Values below {@code SUB} are their own bucket; above, the leading {@code SUB_BITS} bits and how far they were shifted. */
  private static int bucket(long value) {
    int shift = Math.max(0, Long.SIZE - SUB_BITS - Long.numberOfLeadingZeros(value));
    return shift * SUB + (int) (value >>> shift);
  }

  private static long upper(int bucket) {
    return ((long) (bucket % SUB + 1) << (bucket / SUB)) - 1;
  }
}
