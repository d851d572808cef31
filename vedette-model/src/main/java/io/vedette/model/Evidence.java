package io.vedette.model;

import java.util.List;

/**
 * What a finding rests on: the window, what was measured and the records behind it.
 *
 * @param windowStartUs first instant of the window, log time
 * @param windowEndUs end of the window, exclusive
 * @param value the measured value; NaN where there is none (absence)
 * @param comparison as the rule wrote it, for example {@code >} or {@code absent}
 * @param threshold what the value was compared with
 * @param count records or samples in the window
 * @param firstIndex index of the first record of the window, -1 where it held samples only
 * @param lastIndex index of the last record of the window, -1 where it held samples only
 * @param sample a bounded sample of indices behind the value
 */
public record Evidence(
    long windowStartUs,
    long windowEndUs,
    double value,
    String comparison,
    double threshold,
    long count,
    long firstIndex,
    long lastIndex,
    List<Long> sample) {
  public Evidence {
    sample = List.copyOf(sample);
  }
}
