package io.vedette.store.analysis;

/**
 * What one key saw in one closed pane.
 *
 * @param startUs first instant of the pane, log time
 * @param m2 sum of squared distances from the pane's mean
 * @param firstIndex index of the first record folded, -1 where samples were folded
 * @param lastIndex index of the last record folded, -1 where samples were folded
 * @param sample a bounded sample of the indices folded, ascending; not to be modified
 * @param buckets buckets of the histogram, ascending; empty where the rule asks for no quantile or the pane holds one value; not to be modified
 * @param counts how many values each bucket holds; not to be modified
 */
public record Pane(
    long startUs,
    long count,
    double sum,
    double min,
    double max,
    double last,
    double m2,
    long firstIndex,
    long lastIndex,
    long[] sample,
    int[] buckets,
    int[] counts) {

  /** One value and nothing else: what a pane of one second of a host's series mostly is. */
  boolean isSingle() {
    long bits = Double.doubleToRawLongBits(sum);
    return count == 1
        && bits == Double.doubleToRawLongBits(min)
        && bits == Double.doubleToRawLongBits(max)
        && bits == Double.doubleToRawLongBits(last)
        && Double.doubleToRawLongBits(m2) == 0;
  }

  public double mean() {
    return sum / count;
  }
}
