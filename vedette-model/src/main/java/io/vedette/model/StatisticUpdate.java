package io.vedette.model;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Changed values of one statistic: the payload of {@code statistic.<name>}. A value with a newer (partition epoch, batch) replaces an older one, never the other way.
 */
public record StatisticUpdate(
    int trail, String name, long batch, long atUs, List<Value> values, Stamps stamps) {
  public StatisticUpdate {
    values = List.copyOf(values);
  }

  /**
   * The statistics of one key over its current window.
   *
   * @param partition the analysis partition that owns the key
   * @param epoch the partition's ownership epoch
   * @param key label name to value
   * @param windowEndUs end of the window, exclusive
   * @param fields statistic to value, for example {@code mean}, {@code p95}, {@code last}
   */
  public record Value(
      int partition,
      long epoch,
      SortedMap<String, String> key,
      long windowStartUs,
      long windowEndUs,
      SortedMap<String, Double> fields) {
    public Value {
      key = Collections.unmodifiableSortedMap(new TreeMap<>(key));
      fields = Collections.unmodifiableSortedMap(new TreeMap<>(fields));
    }
  }
}
