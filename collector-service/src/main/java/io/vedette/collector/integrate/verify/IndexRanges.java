package io.vedette.collector.integrate.verify;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** A set of indices, neighbours kept as one range. Not thread safe. */
public final class IndexRanges {
  private final NavigableMap<Long, Long> ranges = new TreeMap<>(); // first to end, apart

  /** Adds indices {@code [from, until)}. */
  public void add(long from, long until) {
    long first = from;
    long end = until;
    for (Map.Entry<Long, Long> near = ranges.floorEntry(end);
        near != null && near.getValue() >= first;
        near = ranges.floorEntry(end)) {
      first = Math.min(first, near.getKey());
      end = Math.max(end, near.getValue());
      ranges.remove(near.getKey());
    }
    ranges.put(first, end);
  }

  public boolean contains(long index) {
    Map.Entry<Long, Long> range = ranges.floorEntry(index);
    return range != null && index < range.getValue();
  }

  /** How many indices. */
  public long count() {
    long count = 0;
    for (Map.Entry<Long, Long> range : ranges.entrySet()) {
      count += range.getValue() - range.getKey();
    }
    return count;
  }

  /** The smallest index that another set lacks, -1 where there is none. */
  public long firstNotIn(IndexRanges other) {
    for (Map.Entry<Long, Long> range : ranges.entrySet()) {
      long at = range.getKey();
      while (at < range.getValue()) {
        Map.Entry<Long, Long> covering = other.ranges.floorEntry(at);
        if (covering == null || covering.getValue() <= at) {
          return at;
        }
        at = covering.getValue();
      }
    }
    return -1;
  }
}
