package io.vedette.collector.integrate.verify;

import io.vedette.model.RecordView;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The indices whose payloads may be absent, as records of the trail itself name them: erasures, and partitions that expired. Whoever adds such a record has to know that it belongs to its own entry. Not
 * thread safe; holds what is named, neighbours as one range.
 */
public final class Acts {
  /** By kind, the action that makes it an act. */
  private static final Map<String, String> ACTS =
      Map.of("trail.erase", "record.erase", "trail.retention", "partition.drop");

  private static final String OWN_SOURCE = "vedette";
  private static final byte[] HINT = "\"kind\":\"trail.".getBytes(StandardCharsets.US_ASCII);

  private final IndexRanges named = new IndexRanges();

  /** Whether a record may be an act: cheap, and true of some that are none. */
  public static boolean mayBe(byte[] canonical) {
    int last = canonical.length - HINT.length;
    for (int at = 0; at <= last; at++) {
      if (canonical[at] == HINT[0] && isHint(canonical, at)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isHint(byte[] canonical, int at) {
    for (int i = 1; i < HINT.length; i++) {
      if (canonical[at + i] != HINT[i]) {
        return false;
      }
    }
    return true;
  }

  /** Adds what a record names, if it is an act. It can only name what was there before it. */
  public void add(long index, byte[] canonical) {
    for (long[] range : ranges(new RecordView(canonical))) {
      if (range[1] < index && range[0] >= 0 && range[0] <= range[1]) {
        named.add(range[0], range[1] + 1);
      }
    }
  }

  public boolean name(long index) {
    return named.contains(index);
  }

  /** The smallest of these indices that no act names, -1 where there is none. */
  public long firstUnnamed(IndexRanges indices) {
    return indices.firstNotIn(named);
  }

  private static List<long[]> ranges(RecordView record) {
    List<long[]> found = new ArrayList<>();
    try {
      String kind = record.text("kind");
      String action = kind == null ? null : ACTS.get(kind);
      if (!OWN_SOURCE.equals(record.source())
          || action == null
          || !action.equals(record.text("action"))
          || !(record.attributes().get("ranges") instanceof List<?> ranges)) {
        return List.of();
      }
      for (Object range : ranges) {
        if (range instanceof List<?> pair
            && pair.size() == 2
            && pair.get(0) instanceof Long first
            && pair.get(1) instanceof Long last) {
          found.add(new long[] {first, last});
        }
      }
      return found;
    } catch (IllegalArgumentException | UncheckedIOException unreadable) {
      return List.of(); // no record that could excuse anything
    }
  }
}
