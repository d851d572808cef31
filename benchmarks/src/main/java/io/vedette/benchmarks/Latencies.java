package io.vedette.benchmarks;

import java.util.Arrays;
import java.util.Locale;

/** Every latency of a run, kept as it was measured; grows by doubling. Not thread safe. Microseconds. */
final class Latencies {
  private long[] values = new long[1 << 16];
  private int size;

  void add(long us) {
    if (size == values.length) {
      values = Arrays.copyOf(values, size * 2);
    }
    values[size++] = us;
  }

  int size() {
    return size;
  }

  /** Nearest-rank quantile in microseconds, -1 when nothing was measured. */
  long quantile(double q) {
    if (size == 0) {
      return -1;
    }
    long[] sorted = Arrays.copyOf(values, size);
    Arrays.sort(sorted);
    return sorted[
        Math.min(size - 1, (int) Math.ceil(q * size) - 1 < 0 ? 0 : (int) Math.ceil(q * size) - 1)];
  }

  String summary() {
    return String.format(
        Locale.ROOT,
        "p50 %.1f ms, p99 %.1f ms, p99.9 %.1f ms, max %.1f ms (n=%d)",
        quantile(0.5) / 1e3,
        quantile(0.99) / 1e3,
        quantile(0.999) / 1e3,
        quantile(1) / 1e3,
        size);
  }
}
