package io.vedette.edge.resume;

import io.vedette.model.StatisticUpdate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The newest values of every statistic, so that a page opened now shows the last minutes as finely as one that was open. Thread safe; bounded by age and by an estimate of its bytes, the oldest values of
 * all statistics going first.
 */
public final class StatisticMemory {
  /** A point is an object, an array and one double per field; the estimate errs on the large side. */
  private static final int POINT_BYTES = 64;

  private static final int FIELD_BYTES = 8;

  /** A busy trail judges a key many times a second; a chart shows one value of each. */
  private static final long RESOLUTION_US = 1_000_000;

  /** One value: when its window ended and its fields, in the order of the series' field names. */
  public record Point(long endUs, double[] fields) {}

  /** The values of one key. */
  public record History(SortedMap<String, String> key, List<String> fields, List<Point> points) {}

  private record Held(
      String statistic, SortedMap<String, String> key, List<String> fields, Deque<Point> points) {}

  private final long maxBytes;
  private final long maxAgeUs;
  private final Map<String, Map<SortedMap<String, String>, Held>> statistics = new TreeMap<>();
  /** Who got a point when, oldest first: the order of eviction. */
  private final Deque<Held> order = new ArrayDeque<>();

  private long bytes;

  public StatisticMemory(long maxBytes, long maxAgeUs) {
    this.maxBytes = maxBytes;
    this.maxAgeUs = maxAgeUs;
  }

  public synchronized void add(StatisticUpdate update) {
    Map<SortedMap<String, String>, Held> keys =
        statistics.computeIfAbsent(update.name(), absent -> new LinkedHashMap<>());
    for (StatisticUpdate.Value value : update.values()) {
      List<String> fields = List.copyOf(value.fields().keySet());
      Held held = keys.get(value.key());
      if (held == null || !held.fields().equals(fields)) {
        held = new Held(update.name(), value.key(), fields, new ArrayDeque<>());
        keys.put(value.key(), held);
      }
      Point last = held.points().peekLast();
      if (last != null && value.windowEndUs() < last.endUs()) {
        continue;
      }
      double[] numbers = new double[fields.size()];
      int i = 0;
      for (double number : value.fields().values()) {
        numbers[i++] = number;
      }
      if (last != null && last.endUs() / RESOLUTION_US == value.windowEndUs() / RESOLUTION_US) {
        held.points().removeLast();
        held.points().add(new Point(value.windowEndUs(), numbers));
        continue;
      }
      held.points().add(new Point(value.windowEndUs(), numbers));
      order.add(held);
      bytes += cost(held);
    }
    evict(update.atUs() - maxAgeUs);
  }

  private void evict(long beforeUs) {
    while (!order.isEmpty()) {
      Held oldest = order.peek();
      Point point = oldest.points().peek();
      if (point != null && point.endUs() >= beforeUs && bytes <= maxBytes) {
        return;
      }
      order.poll();
      if (point != null) {
        oldest.points().poll();
        bytes -= cost(oldest);
      }
      if (oldest.points().isEmpty()) {
        forget(oldest);
      }
    }
  }

  private void forget(Held held) {
    Map<SortedMap<String, String>, Held> keys = statistics.get(held.statistic());
    if (keys != null && keys.remove(held.key(), held) && keys.isEmpty()) {
      statistics.remove(held.statistic());
    }
  }

  private static long cost(Held held) {
    return POINT_BYTES + (long) FIELD_BYTES * held.fields().size();
  }

  public synchronized List<String> names() {
    return List.copyOf(statistics.keySet());
  }

  public synchronized long bytes() {
    return bytes;
  }

  /** Values whose window ended within the range, by key. */
  public synchronized List<History> read(String statistic, long fromUs, long toUs) {
    List<History> histories = new ArrayList<>();
    for (Held held : statistics.getOrDefault(statistic, Map.of()).values()) {
      List<Point> points = new ArrayList<>();
      for (Iterator<Point> all = held.points().iterator(); all.hasNext(); ) {
        Point point = all.next();
        if (point.endUs() > fromUs && point.endUs() <= toUs) {
          points.add(new Point(point.endUs(), point.fields().clone()));
        }
      }
      if (!points.isEmpty()) {
        histories.add(new History(held.key(), held.fields(), points));
      }
    }
    return histories;
  }
}
