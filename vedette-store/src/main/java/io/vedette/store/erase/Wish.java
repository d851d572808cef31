package io.vedette.store.erase;

import java.util.List;

/**
 * Which records to erase, and why.
 *
 * @param ranges inclusive; empty means all
 * @param filter what the records must say, besides
 * @param reason kept in the trail for ever: it must not name what is erased
 * @param purge whether the tables are written anew at once, so that their files hold nothing of it either
 */
public record Wish(List<Range> ranges, RecordFilter filter, String reason, boolean purge) {
  /** A reason is a sentence, not a document. */
  public static final int MAX_REASON = 1_000;

  /** Indices, both inclusive. */
  public record Range(long first, long last) {
    public Range {
      if (first < 0 || last < first) {
        throw new IllegalArgumentException("range: " + first + " to " + last
            + " (expected: from 0, the last not below the first)");
      }
    }
  }

  public Wish {
    ranges = List.copyOf(ranges);
    if (reason.isBlank() || reason.length() > MAX_REASON) {
      throw new IllegalArgumentException("reason: " + reason.length()
          + " characters (expected: 1 to " + MAX_REASON + ", not blank)");
    }
    if (ranges.isEmpty() && filter.isEmpty()) {
      throw new IllegalArgumentException(
          "neither indices nor ranges nor a filter (expected: at least one, so that nobody erases everything by mistake)");
    }
  }
}
