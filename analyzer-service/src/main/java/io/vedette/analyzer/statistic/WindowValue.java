package io.vedette.analyzer.statistic;

/** Panes merged in pane order: a left fold, so its bits depend on the panes alone. One is reused for many windows; not thread safe. */
public final class WindowValue {
  /** Ten indices let a reader look at examples; first and last index bound the rest. */
  public static final int MAX_SAMPLE = 10;

  private final Histogram histogram = Histogram.unbounded();
  private final long[] sample = new long[MAX_SAMPLE];
  private int sampled;
  private long count;
  private double sum;
  private double min;
  private double max;
  private double last;
  private double m2;
  private long firstIndex = -1;
  private long lastIndex = -1;

  public void clear() {
    histogram.clear();
    sampled = 0;
    count = 0;
    sum = 0;
    min = Double.POSITIVE_INFINITY;
    max = Double.NEGATIVE_INFINITY;
    last = Double.NaN;
    m2 = 0;
    firstIndex = -1;
    lastIndex = -1;
  }

  public void merge(
      long paneCount,
      double paneSum,
      double paneMin,
      double paneMax,
      double paneLast,
      double paneM2) {
    if (count == 0) {
      sum = paneSum;
      m2 = paneM2;
    } else {
      double distance = paneSum / paneCount - sum / count;
      m2 = m2 + paneM2 + distance * distance * ((double) count * paneCount / (count + paneCount));
      sum += paneSum;
    }
    count += paneCount;
    min = Math.min(min, paneMin);
    max = Math.max(max, paneMax);
    last = paneLast;
  }

  public void mergeIndices(long first, long last, long[] indices, int from, int to) {
    firstIndex = firstIndex < 0 ? first : Math.min(firstIndex, first);
    lastIndex = Math.max(lastIndex, last);
    for (int i = from; i < to && sampled < MAX_SAMPLE; i++) {
      sample[sampled++] = indices[i];
    }
  }

  public Histogram histogram() {
    return histogram;
  }

  public long count() {
    return count;
  }

  public double sum() {
    return sum;
  }

  public double min() {
    return min;
  }

  public double max() {
    return max;
  }

  public double last() {
    return last;
  }

  public double m2() {
    return m2;
  }

  public long firstIndex() {
    return firstIndex;
  }

  public long lastIndex() {
    return lastIndex;
  }

  public long[] sample() {
    return java.util.Arrays.copyOf(sample, sampled);
  }
}
