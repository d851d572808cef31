package io.vedette.edge.filter;

import io.vedette.model.RecordView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The filters in use on one topic. Equality filters over the same fields are found by one look-up of the publication's values there, however many they are; an expression is evaluated once, however many
 * subscriptions have it. Bounded: what costs something per publication, distinct sets of fields and distinct expressions, by {@code maxSieves}; and the time of expressions, each of which may take one
 * twentieth of the loop and all together a quarter, over five seconds: what takes more is evicted. Not thread safe.
 */
public final class FilterIndex {
  private static final class Held {
    final Filter filter;
    int holders;
    long spentNs;

    Held(Filter filter) {
      this.filter = filter;
    }
  }

  private static final long WINDOW_NS = 5_000_000_000L;
  private static final long MAX_SPENT_NS = WINDOW_NS / 20;
  private static final long MAX_TOGETHER_NS = WINDOW_NS / 4;

  private final int maxSieves;
  private final LongSupplier clockNs;
  private final Map<String, Held> held = new HashMap<>();
  private final Map<List<Path>, Map<@Nullable Object, List<Filter>>> equalities =
      new LinkedHashMap<>();
  private final List<Held> conditions = new ArrayList<>();
  private List<Filter> evicted = new ArrayList<>();
  private long windowNs;
  private long togetherNs;

  /** @param clockNs times evaluations: {@code System::nanoTime} */
  public FilterIndex(int maxSieves, LongSupplier clockNs) {
    this.maxSieves = maxSieves;
    this.clockNs = clockNs;
    this.windowNs = clockNs.getAsLong();
  }

  /** The filter to use for an expression that is in use already, so that it need not be compiled again; null when it is not. */
  public @Nullable Filter holdExpression(String text) {
    Held known = held.get(Filter.Condition.key(text));
    if (known == null) {
      return null;
    }
    known.holders++;
    return known.filter;
  }

  /** Whether one more expression may be held. */
  public boolean hasRoom() {
    return equalities.size() + conditions.size() < maxSieves;
  }

  /** The filter to use for {@code wanted}, the same object for the same wish; null when this would be one sieve too many. */
  public @Nullable Filter hold(Filter wanted) {
    Held known = held.get(wanted.key());
    if (known == null) {
      boolean costs = !(wanted instanceof Filter.Equality equality)
          || !equalities.containsKey(equality.paths());
      if (costs && !hasRoom()) {
        return null;
      }
      known = new Held(wanted);
      held.put(wanted.key(), known);
      add(known);
    }
    known.holders++;
    return known.filter;
  }

  private void add(Held added) {
    Filter filter = added.filter;
    if (filter instanceof Filter.Equality equality) {
      Map<@Nullable Object, List<Filter>> byValue =
          equalities.computeIfAbsent(equality.paths(), absent -> new HashMap<>());
      for (Object value : equality.combinations()) {
        byValue.computeIfAbsent(value, absent -> new ArrayList<>(1)).add(filter);
      }
    } else {
      conditions.add(added);
    }
  }

  /** One holder less; with the last one the filter costs nothing any more. */
  public void release(Filter filter) {
    Held known = held.get(filter.key());
    if (known == null || known.filter != filter || --known.holders > 0) {
      return; // an evicted one is gone already
    }
    held.remove(filter.key());
    if (!(filter instanceof Filter.Equality equality)) {
      conditions.remove(known);
      togetherNs -= known.spentNs;
      return;
    }
    Map<@Nullable Object, List<Filter>> byValue = equalities.get(equality.paths());
    if (byValue == null) {
      return;
    }
    for (Object value : equality.combinations()) {
      List<Filter> there = byValue.get(value);
      if (there != null && there.remove(filter) && there.isEmpty()) {
        byValue.remove(value);
      }
    }
    if (byValue.isEmpty()) {
      equalities.remove(equality.paths());
    }
  }

  public boolean isEmpty() {
    return held.isEmpty();
  }

  /** Distinct filters in use. */
  public int size() {
    return held.size();
  }

  /** Those that want the publication, each once. */
  public List<Filter> matching(RecordView facts) {
    List<Filter> matching = new ArrayList<>(4);
    for (Map.Entry<List<Path>, Map<@Nullable Object, List<Filter>>> shape : equalities.entrySet()) {
      List<Filter> there = shape.getValue().get(Filter.Equality.valueOf(shape.getKey(), facts));
      if (there != null) {
        matching.addAll(there);
      }
    }
    if (!conditions.isEmpty()) {
      evaluate(facts, matching);
    }
    return matching;
  }

  private void evaluate(RecordView facts, List<Filter> matching) {
    long startedNs = clockNs.getAsLong();
    if (startedNs - windowNs > WINDOW_NS) {
      windowNs = startedNs;
      togetherNs = 0;
      conditions.forEach(condition -> condition.spentNs = 0);
    }
    boolean dear = false;
    for (Held condition : conditions) {
      if (condition.filter.matches(facts)) {
        matching.add(condition.filter);
      }
      long endedNs = clockNs.getAsLong();
      condition.spentNs += endedNs - startedNs;
      togetherNs += endedNs - startedNs;
      dear |= condition.spentNs > MAX_SPENT_NS;
      startedNs = endedNs;
    }
    if (dear || togetherNs > MAX_TOGETHER_NS) {
      evict();
    }
  }

  /** Those that took more than their share and, while all together still take too much, the dearest. */
  private void evict() {
    List<Held> dearestFirst = new ArrayList<>(conditions);
    dearestFirst.sort(
        Comparator.comparingLong((Held condition) -> condition.spentNs).reversed());
    for (Held condition : dearestFirst) {
      if (condition.spentNs <= MAX_SPENT_NS && togetherNs <= MAX_TOGETHER_NS) {
        return;
      }
      held.remove(condition.filter.key());
      conditions.remove(condition);
      togetherNs -= condition.spentNs;
      evicted.add(condition.filter);
    }
  }

  /** Filters evicted since the last call, each once: their holders get nothing any more and are to be told. */
  public List<Filter> takeEvicted() {
    if (evicted.isEmpty()) {
      return List.of();
    }
    List<Filter> taken = evicted;
    evicted = new ArrayList<>();
    return taken;
  }
}
