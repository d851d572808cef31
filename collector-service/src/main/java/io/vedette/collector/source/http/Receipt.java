package io.vedette.collector.source.http;

import io.vedette.collector.append.Settlement;
import java.util.ArrayList;
import java.util.List;

/** Where the records of one request are in the trail: the evidence its producer keeps. Neighbouring ranges are joined; at most {@link #MAX_RANGES} are listed. Not thread safe. */
public final class Receipt {

  public static final int MAX_RANGES = 1_000;

  /** First and last index. */
  public record Range(long first, long last) {}

  private final List<Range> ranges = new ArrayList<>();
  private long accepted;
  private long quarantined;
  private String epoch = "";
  private long first = -1;
  private long last = -1;

  public void add(Settlement.Appended appended) {
    quarantined += appended.quarantined();
    if (appended.count() == 0) {
      return;
    }
    accepted += appended.count();
    epoch = appended.epoch();
    long begin = appended.firstIndex();
    long end = begin + appended.count() - 1;
    first = first < 0 ? begin : Math.min(first, begin);
    last = Math.max(last, end);
    int newest = ranges.size() - 1;
    if (newest >= 0 && ranges.get(newest).last() + 1 == begin) {
      ranges.set(newest, new Range(ranges.get(newest).first(), end));
    } else if (ranges.size() < MAX_RANGES) {
      ranges.add(new Range(begin, end));
    }
  }

  /** What an earlier request under the same key has in the trail; -1 where it has nothing. Comes first. */
  public void repeated(long firstIndex, long lastIndex) {
    first = firstIndex;
    last = lastIndex;
  }

  public long accepted() {
    return accepted;
  }

  public long quarantined() {
    return quarantined;
  }

  /** The incarnation of the newest records; empty when all were appended by an earlier request. */
  public String epoch() {
    return epoch;
  }

  /** -1 when it has no record. */
  public long firstIndex() {
    return first;
  }

  public long lastIndex() {
    return last;
  }

  public List<Range> ranges() {
    return ranges;
  }
}
