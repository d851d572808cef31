package io.vedette.collector.integrate.verify;

import io.vedette.collector.integrate.verify.StoredTrail.Payload;
import io.vedette.collector.integrate.verify.StoredTrail.StoredBatch;
import io.vedette.collector.integrate.verify.StoredTrail.StoredBounds;
import io.vedette.trail.verify.Fault;
import io.vedette.trail.verify.Reason;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Compares the times beside records, by which queries find them, with those the records state: that of the row, the bounds of the batch, the bounds of the partition. A batch's log time is in no record and
 * not in the tree: only its order and the partition's bounds can be looked at. For one pass, told of each index in order; one thread.
 */
final class TimeCheck {
  private final Deque<StoredBatch> ahead = new ArrayDeque<>();
  private List<StoredBounds> partitions = List.of();
  private @Nullable StoredBatch batch;
  private @Nullable Fault fault;

  // Of the batch, so far.
  private boolean whole;
  private long least;
  private long greatest;

  /** What the next indices lie in; a batch that was begun may be named again. */
  void page(List<StoredBatch> batches, List<StoredBounds> bounds) {
    ahead.clear();
    for (StoredBatch next : batches) {
      if (batch == null || next.first() >= batch.end()) {
        ahead.add(next);
      }
    }
    partitions = bounds;
  }

  void add(long index, @Nullable Payload payload) {
    StoredBatch of = batchOf(index);
    if (payload == null) {
      whole = false;
    } else {
      row(payload);
      partition(payload, of);
    }
    if (of != null && index == of.end() - 1) {
      bounds(of);
    }
  }

  /** The first that does not fit. */
  @Nullable
  Fault fault() {
    return fault;
  }

  private @Nullable StoredBatch batchOf(long index) {
    StoredBatch present = batch;
    if (present != null && index < present.end()) {
      return present;
    }
    StoredBatch next = ahead.poll();
    if (next != null) {
      if (present != null && goesBack(present, next)) {
        note(
            next.first(),
            next.end(),
            "batch " + next.number() + " has log time " + next.atUs()
                + " us (expected: not before that of the batch before it, " + present.atUs()
                + " us)");
      }
      whole = index == next.first();
      least = Long.MAX_VALUE;
      greatest = Long.MIN_VALUE;
    }
    batch = next;
    return next;
  }

  private static boolean goesBack(StoredBatch one, StoredBatch next) {
    return next.timeline() < one.timeline()
        || (next.timeline() == one.timeline() && next.atUs() < one.atUs());
  }

  private void row(Payload payload) {
    long stated = RecordTime.us(payload.canonical());
    long timeUs = stated == RecordTime.NONE ? payload.timeUs() : stated;
    least = Math.min(least, timeUs);
    greatest = Math.max(greatest, timeUs);
    if (timeUs != payload.timeUs()) {
      note(
          payload.index(),
          payload.index() + 1,
          "stored under time " + payload.timeUs() + " us (expected: " + stated
              + " us, as the record says)");
    }
  }

  private void partition(Payload payload, @Nullable StoredBatch of) {
    StoredBounds bounds = null;
    for (StoredBounds candidate : partitions) {
      if (candidate.retentionClass() == payload.retentionClass()
          && payload.index() >= candidate.first()
          && payload.index() < candidate.end()) {
        bounds = candidate;
      }
    }
    String name = "the partition of class " + payload.retentionClass();
    if (bounds == null) {
      note(payload.index(), payload.index() + 1, name + " that holds the record is not named");
    } else if (!within(payload.timeUs(), bounds.firstTimeUs(), bounds.lastTimeUs())) {
      note(
          payload.index(),
          payload.index() + 1,
          name + " says its records are of " + bounds.firstTimeUs() + " to " + bounds.lastTimeUs()
              + " us (expected: bounds that hold " + payload.timeUs() + " us)");
    } else if (of != null && !within(of.atUs(), bounds.firstAtUs(), bounds.lastAtUs())) {
      note(
          payload.index(),
          payload.index() + 1,
          name + " says its batches are of " + bounds.firstAtUs() + " to " + bounds.lastAtUs()
              + " us (expected: bounds that hold " + of.atUs() + " us)");
    }
  }

  /** Exact where all records are there; where some are gone, wide enough for the others. */
  private void bounds(StoredBatch of) {
    if (least > greatest) {
      return; // all of them are gone
    }
    Long first = of.firstTimeUs();
    Long last = of.lastTimeUs();
    boolean right = whole
        ? first != null && last != null && first == least && last == greatest
        : within(least, first, last) && within(greatest, first, last);
    if (!right) {
      note(
          of.first(),
          of.end(),
          "batch " + of.number() + " says its records are of " + first + " to " + last
              + " us (expected: " + least + " to " + greatest + " us"
              + (whole ? ")" : " at least)"));
    }
  }

  private static boolean within(long us, @Nullable Long first, @Nullable Long last) {
    return first != null && last != null && us >= first && us <= last;
  }

  private void note(long first, long end, String detail) {
    if (fault == null || first < fault.first()) {
      fault = new Fault(Reason.TIME, first, end, detail);
    }
  }
}
