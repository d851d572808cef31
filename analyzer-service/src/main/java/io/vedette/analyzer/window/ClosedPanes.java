package io.vedette.analyzer.window;

import io.vedette.analyzer.rule.CompiledRule;
import io.vedette.analyzer.rule.GroupKey;
import io.vedette.store.analysis.KeyPanes;
import io.vedette.store.analysis.Pane;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Panes that a partition has closed and not stored yet, by rule and timeline. The owner stores before they become many: see {@link #size()}. */
public final class ClosedPanes {
  /** Panes of one rule and timeline: what one block holds. */
  public record OfRule(CompiledRule rule, int timeline, List<KeyPanes> keys) {
    public OfRule {
      keys = List.copyOf(keys);
    }
  }

  private record Place(String ruleHash, int timeline) {}

  private record Entry(CompiledRule rule, Map<GroupKey, List<Pane>> keys) {}

  private final Map<Place, Entry> rules = new LinkedHashMap<>();
  private int timeline;
  private int size;

  /** Panes added from now on belong to this timeline. */
  void timeline(int number) {
    timeline = number;
  }

  void add(CompiledRule rule, GroupKey key, Pane pane) {
    rules
        .computeIfAbsent(
            new Place(rule.hash(), timeline), place -> new Entry(rule, new TreeMap<>()))
        .keys()
        .computeIfAbsent(key, group -> new ArrayList<>())
        .add(pane);
    size++;
  }

  int size() {
    return size;
  }

  void clear() {
    rules.clear();
    size = 0;
  }

  /** Those of several partitions, together by rule and timeline. */
  static List<OfRule> merge(Iterable<ClosedPanes> partitions) {
    Map<Place, CompiledRule> rules = new LinkedHashMap<>();
    Map<Place, List<KeyPanes>> keys = new LinkedHashMap<>();
    for (ClosedPanes closed : partitions) {
      closed.rules.forEach((place, entry) -> {
        rules.put(place, entry.rule());
        List<KeyPanes> of = keys.computeIfAbsent(place, none -> new ArrayList<>());
        entry
            .keys()
            .forEach((key, panes) -> of.add(new KeyPanes(key.partition(), key.labels(), panes)));
      });
    }
    List<OfRule> merged = new ArrayList<>();
    rules.forEach((place, rule) ->
        merged.add(new OfRule(rule, place.timeline(), keys.getOrDefault(place, List.of()))));
    return merged;
  }
}
