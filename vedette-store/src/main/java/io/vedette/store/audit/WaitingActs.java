package io.vedette.store.audit;

import io.vedette.model.RecordDraft;
import io.vedette.model.Times;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What waits for the trail, oldest first. Acts that are alike and come within a minute, while the first of them still waits, are one record with their count: a rush of one actor takes one place. Bounded: what finds no place is counted,
 * so that a gap record can declare it. Not thread safe.
 */
final class WaitingActs {
  /** How many different values of a detail a record of several acts names. */
  private static final int NAMED = 8;

  /** Acts that are not recorded. */
  record Loss(long count, long fromUs, long toUs) {
    Loss and(@Nullable Loss other) {
      return other == null
          ? this
          : new Loss(
              count + other.count, Math.min(fromUs, other.fromUs), Math.max(toUs, other.toUs));
    }
  }

  private sealed interface Entry {
    RecordDraft draft();

    long acts();

    long sinceUs();
  }

  private record Made(RecordDraft draft, long acts) implements Entry {
    @Override
    public long sinceUs() {
      return draft.observedUs();
    }
  }

  private static final class Alike implements Entry {
    private final Act first;
    private final long sinceUs;
    private final Map<String, Set<String>> details = new TreeMap<>();
    private long untilUs;
    private long count;
    private boolean oneOrigin = true;

    Alike(Act first, long nowUs) {
      this.first = first;
      this.sinceUs = nowUs;
    }

    void add(Act act, long nowUs) {
      untilUs = Math.max(untilUs, nowUs);
      count++;
      oneOrigin &= act.origin().equals(first.origin());
      act.details().forEach((name, value) -> {
        Set<String> values = details.computeIfAbsent(name, absent -> new LinkedHashSet<>(2));
        if (values.size() <= NAMED) {
          values.add(value);
        }
      });
    }

    @Override
    public long acts() {
      return count;
    }

    @Override
    public long sinceUs() {
      return sinceUs;
    }

    @Override
    public RecordDraft draft() {
      if (count == 1) {
        return Coalescer.draft(first, sinceUs).build();
      }
      Map<String, String> named = new TreeMap<>();
      details.forEach((name, values) -> named.put(
          name,
          String.join(", ", values.stream().limit(NAMED).toList())
              + (values.size() > NAMED ? ", ..." : "")));
      Act all = new Act(
          first.actor(),
          first.action(),
          first.target(),
          first.outcome(),
          oneOrigin ? first.origin() : "",
          named);
      return Coalescer.draft(all, untilUs)
          .attribute("count", count)
          .attribute("since", Times.ofUs(sinceUs))
          .attribute("until", Times.ofUs(untilUs))
          .build();
    }
  }

  private final int most;
  private final Deque<Entry> waiting = new ArrayDeque<>();
  private final Map<Act.Key, Alike> open = new HashMap<>();
  private @Nullable Loss lost;

  WaitingActs(int most) {
    this.most = most;
  }

  /** False when there was no place. */
  boolean add(Coalescer.Counted counted) {
    return add(new Made(counted.draft(), counted.acts()));
  }

  /** False when there was neither one like it nor a place. */
  boolean add(Act act, long nowUs) {
    Alike same = open.get(act.key());
    if (same == null || nowUs - same.sinceUs >= Coalescer.WINDOW_US) {
      same = new Alike(act, nowUs);
      same.add(act, nowUs);
      if (!add(same)) {
        return false;
      }
      open.put(act.key(), same);
    } else {
      same.add(act, nowUs);
    }
    return true;
  }

  private boolean add(Entry entry) {
    if (waiting.size() < most) {
      return waiting.add(entry);
    }
    lost = new Loss(entry.acts(), entry.sinceUs(), entry.sinceUs()).and(lost);
    return false;
  }

  int size() {
    return waiting.size();
  }

  boolean hasLost() {
    return lost != null;
  }

  /** The oldest as records, to which nothing is added from here on. They go on waiting until {@link #written}. */
  List<RecordDraft> oldest(int count) {
    List<RecordDraft> oldest = new ArrayList<>(Math.min(count, waiting.size()));
    for (Entry entry : waiting) {
      if (oldest.size() == count) {
        break;
      }
      oldest.add(entry.draft());
      if (entry instanceof Alike alike) {
        open.remove(alike.first.key(), alike);
      }
    }
    return oldest;
  }

  void written(int count) {
    for (int i = 0; i < count; i++) {
      waiting.poll(); // abandoned meanwhile, perhaps
    }
  }

  /** What was lost since the last call; {@link #putBack} when it could not be declared. */
  @Nullable
  Loss takeLost() {
    Loss taken = lost;
    lost = null;
    return taken;
  }

  void putBack(Loss undeclared) {
    lost = undeclared.and(lost);
  }

  /** Gives up all that waits. */
  @Nullable
  Loss abandon(long nowUs) {
    for (Entry entry : waiting) {
      lost = new Loss(entry.acts(), entry.sinceUs(), nowUs).and(lost);
    }
    waiting.clear();
    open.clear();
    return takeLost();
  }
}
