package io.vedette.analyzer.window;

import io.vedette.analyzer.rule.CompiledRule;
import io.vedette.analyzer.rule.Condition;
import io.vedette.analyzer.rule.GroupKey;
import io.vedette.analyzer.rule.Rule;
import io.vedette.analyzer.statistic.Statistic;
import io.vedette.analyzer.statistic.WindowValue;
import io.vedette.analyzer.window.KeyState.Status;
import io.vedette.model.Evidence;
import io.vedette.model.StatisticUpdate;
import io.vedette.model.Transition;
import io.vedette.store.analysis.Pane;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One rule in one partition: panes of its keys, what is judged after each batch. Windows that may hold a condition are those that end at the pane a batch touched, at the current pane and at the one before it
 * (so that a window of one pane does not clear because a new pane has just begun). Owned by its partition; bounded by the rule's keys and panes.
 */
final class RuleState {
  private final CompiledRule compiled;
  private final Rule rule;
  private final long paneUs;
  private final int panes;
  private final long activeFrom;
  private final PaneSlab slab;
  private final Map<GroupKey, KeyState> keys = new HashMap<>();
  private final List<KeyState> touched = new ArrayList<>();
  private final WindowValue window = new WindowValue();
  private final ClosedPanes closed;
  private long openFrom;
  private long current;
  private boolean boundary;
  private boolean moved;
  private long late;
  private long refused;

  RuleState(CompiledRule compiled, long activeFrom, long atUs, ClosedPanes closed) {
    this.compiled = compiled;
    this.rule = compiled.rule();
    this.paneUs = rule.paneUs();
    this.panes = rule.panesPerWindow();
    this.activeFrom = activeFrom;
    this.slab = new PaneSlab(rule);
    this.closed = closed;
    this.openFrom = oldestOpen(atUs);
    this.current = Math.floorDiv(atUs, paneUs);
  }

  CompiledRule compiled() {
    return compiled;
  }

  long activeFrom() {
    return activeFrom;
  }

  long late() {
    return late;
  }

  long refused() {
    return refused;
  }

  int keyCount() {
    return keys.size();
  }

  /** A pane closes at the first batch with log time at or after its end plus lateness. */
  private long oldestOpen(long atUs) {
    return Math.floorDiv(atUs - Rule.LATENESS_US, paneUs);
  }

  /** First instant that an open pane may hold. */
  long openFromUs() {
    return openFrom * paneUs;
  }

  /** First instant of the oldest pane that a window may still need. */
  long neededFromUs() {
    return (openFrom - panes) * paneUs;
  }

  /** Log time moves on: panes close before anything of the batch is folded. */
  void advance(long atUs) {
    long now = Math.floorDiv(atUs, paneUs);
    boundary = now > current;
    current = now;
    long open = oldestOpen(atUs);
    moved = open > openFrom;
    if (moved) {
      for (KeyState key : keys.values()) {
        close(key, openFrom, Math.min(open - 1, key.newestPane));
      }
      openFrom = open;
    }
  }

  private void close(KeyState key, long from, long to) {
    for (long number = Math.max(from, to - slab.ring() + 1); number <= to; number++) {
      if (slab.holds(key.slot, number)) {
        closed.add(compiled, key.key, slab.read(key.slot, number));
      }
    }
  }

  /** Closes what is open: the rule or the timeline ends here. */
  void closeAll() {
    for (KeyState key : keys.values()) {
      close(key, openFrom, key.newestPane);
    }
  }

  /** The clocks went back: panes of the old timeline are closed, what is pending or firing goes on by the new clock. */
  void beginTimeline(long atUs) {
    closeAll();
    openFrom = oldestOpen(atUs);
    current = Math.floorDiv(atUs, paneUs);
    List<KeyState> old = new ArrayList<>(keys.values());
    keys.clear();
    for (KeyState key : old) {
      slab.free(key.slot);
    }
    for (KeyState key : old) {
      if (key.status != Status.QUIET || isTracked()) {
        KeyState again = new KeyState(key.key, slab.allocate());
        again.status = key.status;
        again.sinceUs = Math.min(key.sinceUs, atUs);
        again.lastHeldUs = Math.min(key.lastHeldUs, atUs);
        again.lastSeenUs = Math.min(key.lastSeenUs, atUs);
        again.firstPane = Math.min(key.firstPane, current);
        keys.put(again.key, again);
      }
    }
  }

  /** Rules that judge silence remember their keys beyond their panes. */
  private boolean isTracked() {
    return rule.isAbsence() || rule.judgesCompleteWindowsOnly();
  }

  private long paneOf(long timeUs, long atUs) {
    return Math.floorDiv(timeUs > atUs + Rule.CLAIM_US ? atUs : timeUs, paneUs);
  }

  void fold(GroupKey group, long timeUs, long atUs, long index, double value) {
    long number = paneOf(timeUs, atUs);
    if (number < openFrom) {
      late++;
      if (rule.late() == Rule.Late.COUNT) {
        return;
      }
      number = openFrom;
    }
    KeyState key = key(group);
    if (key == null) {
      refused++;
      return;
    }
    put(key, number, value, index);
    if (key.touchedPane == KeyState.NEVER) {
      touched.add(key);
    }
    key.touchedPane = Math.max(key.touchedPane, Math.min(number, current));
    key.lastSeenUs = atUs;
  }

  /** A batch before the stored one: what it put into panes that are still open is put there again, and nothing else. */
  void replay(GroupKey group, long timeUs, long atUs, long index, double value) {
    long open = oldestOpen(atUs);
    long number = paneOf(timeUs, atUs);
    if (number < open) {
      if (rule.late() == Rule.Late.COUNT) {
        return;
      }
      number = open;
    }
    if (number < openFrom) {
      return;
    }
    KeyState key = key(group);
    if (key != null) {
      put(key, number, value, index);
    }
  }

  private void put(KeyState key, long number, double value, long index) {
    slab.fold(key.slot, number, value, index);
    key.newestPane = Math.max(key.newestPane, number);
    key.firstPane = Math.min(key.firstPane, number);
  }

  private @Nullable KeyState key(GroupKey group) {
    KeyState key = keys.get(group);
    if (key == null && keys.size() < rule.maxKeysPerPartition()) {
      key = new KeyState(group, slab.allocate());
      keys.put(group, key);
    }
    return key;
  }

  /** Judges what the batch touched, and at a pane's end all keys. Changes are in the order of their keys. */
  List<Change> judge(long atUs) {
    List<Change> changes = new ArrayList<>();
    if (rule.kind() == Rule.Kind.ALERT) {
      if (boundary) {
        for (KeyState key : keys.values()) {
          judge(key, atUs, changes);
        }
      } else {
        for (KeyState key : touched) {
          judge(key, atUs, changes);
        }
      }
      changes.sort(Comparator.comparing(Change::key));
    }
    return changes;
  }

  /** The values of the keys that the batch touched, in the order of their keys. */
  List<StatisticUpdate.Value> values(long leaseEpoch) {
    if (rule.kind() != Rule.Kind.STATISTIC || touched.isEmpty()) {
      return List.of();
    }
    touched.sort(Comparator.comparing(key -> key.key));
    List<StatisticUpdate.Value> values = new ArrayList<>(touched.size());
    for (KeyState key : touched) {
      merge(key, current);
      if (window.count() == 0) {
        continue;
      }
      SortedMap<String, Double> fields = new TreeMap<>();
      for (Statistic statistic : rule.statistics()) {
        fields.put(statistic.name(), statistic.of(window, rule.sizeUs()));
      }
      values.add(new StatisticUpdate.Value(
          key.key.partition(),
          leaseEpoch,
          key.key.labels(),
          (current + 1 - panes) * paneUs,
          (current + 1) * paneUs,
          fields));
    }
    return values;
  }

  /** Ends the batch: forgets what was touched and the keys that are over. */
  void end(long atUs) {
    for (KeyState key : touched) {
      key.touchedPane = KeyState.NEVER;
    }
    touched.clear();
    if (boundary || moved) {
      for (Iterator<KeyState> all = keys.values().iterator(); all.hasNext(); ) {
        KeyState key = all.next();
        if (isOver(key, atUs)) {
          slab.free(key.slot);
          all.remove();
        }
      }
    }
    boundary = false;
    moved = false;
  }

  private boolean isOver(KeyState key, long atUs) {
    if (key.status != Status.QUIET || key.newestPane >= openFrom - panes) {
      return false;
    }
    return !isTracked() || isForgotten(key, atUs);
  }

  private boolean isForgotten(KeyState key, long atUs) {
    return key.lastSeenUs == KeyState.NEVER || atUs - key.lastSeenUs >= rule.forgetUs();
  }

  private void merge(KeyState key, long lastPane) {
    slab.merge(key.slot, lastPane - panes + 1, lastPane, window);
  }

  private void judge(KeyState key, long atUs, List<Change> changes) {
    Evidence held = rule.isAbsence() ? absent(key, atUs) : held(key);
    if (held != null) {
      key.lastHeldUs = atUs;
      switch (key.status) {
        case QUIET -> {
          key.sinceUs = atUs;
          key.status = rule.forUs() == 0 ? Status.FIRING : Status.PENDING;
          Transition transition = rule.forUs() == 0 ? Transition.FIRING : Transition.PENDING;
          changes.add(new Change(key.key, transition, key.sinceUs, held));
        }
        case PENDING -> {
          if (atUs - key.sinceUs >= rule.forUs()) {
            key.status = Status.FIRING;
            changes.add(new Change(key.key, Transition.FIRING, key.sinceUs, held));
          }
        }
        case FIRING -> {}
      }
    } else if (boundary && key.status != Status.QUIET) {
      boolean kept = key.status == Status.FIRING && atUs - key.lastHeldUs < rule.keepFiringForUs();
      if (!kept) {
        changes.add(cleared(key, atUs));
      }
    }
  }

  /** What clears now, whatever the condition says: the rule is no longer in force. */
  List<Change> clearAll(long atUs) {
    List<Change> changes = new ArrayList<>();
    for (KeyState key : keys.values()) {
      if (key.status != Status.QUIET) {
        changes.add(cleared(key, atUs));
      }
    }
    changes.sort(Comparator.comparing(Change::key));
    return changes;
  }

  private Change cleared(KeyState key, long atUs) {
    Evidence evidence;
    if (rule.isAbsence()) {
      evidence = silence(key, atUs);
    } else {
      merge(key, current);
      evidence = evidence(current, value());
    }
    Change change = new Change(key.key, Transition.CLEARED, key.sinceUs, evidence);
    key.status = Status.QUIET;
    key.sinceUs = KeyState.NEVER;
    key.lastHeldUs = KeyState.NEVER;
    return change;
  }

  private @Nullable Evidence absent(KeyState key, long atUs) {
    boolean silent = key.lastSeenUs != KeyState.NEVER && atUs - key.lastSeenUs >= rule.absentUs();
    return silent && !isForgotten(key, atUs) ? silence(key, atUs) : null;
  }

  private Evidence silence(KeyState key, long atUs) {
    long from = key.lastSeenUs == KeyState.NEVER ? atUs : key.lastSeenUs;
    return new Evidence(
        from, atUs, Double.NaN, "absent", rule.absentUs() / 1e6, 0, -1, -1, List.of());
  }

  private @Nullable Evidence held(KeyState key) {
    if (rule.judgesCompleteWindowsOnly()) {
      return boundary && key.firstPane <= current - panes ? heldAt(key, current - 1) : null;
    }
    Evidence held = heldAt(key, current);
    if (held == null && boundary) {
      held = heldAt(key, current - 1);
    }
    boolean touchedEarlier = key.touchedPane != KeyState.NEVER && key.touchedPane < current;
    return held == null && touchedEarlier ? heldAt(key, key.touchedPane) : held;
  }

  private @Nullable Evidence heldAt(KeyState key, long lastPane) {
    Condition condition = rule.condition();
    merge(key, lastPane);
    double value = value();
    return condition != null && condition.holds(value) ? evidence(lastPane, value) : null;
  }

  private double value() {
    return rule.statistics().get(0).of(window, rule.sizeUs());
  }

  private Evidence evidence(long lastPane, double value) {
    Condition condition = rule.condition();
    List<Long> sample = new ArrayList<>();
    for (long index : window.sample()) {
      sample.add(index);
    }
    return new Evidence(
        (lastPane + 1 - panes) * paneUs,
        (lastPane + 1) * paneUs,
        value,
        condition == null ? "" : condition.comparison(),
        condition == null ? Double.NaN : condition.threshold(),
        window.count(),
        window.firstIndex(),
        window.lastIndex(),
        sample);
  }

  // ------------------------------------------------------------------------------- stored state

  /** Keys whose state does not follow from panes alone. */
  List<KeyState> toStore() {
    List<KeyState> stored = new ArrayList<>();
    for (KeyState key : keys.values()) {
      if (key.status != Status.QUIET || isTracked()) {
        stored.add(key);
      }
    }
    stored.sort(Comparator.comparing(key -> key.key));
    return stored;
  }

  void restoreCounts(long lateCount, long refusedCount) {
    late = lateCount;
    refused = refusedCount;
  }

  KeyState restore(GroupKey group) {
    KeyState key = new KeyState(group, slab.allocate());
    keys.put(group, key);
    return key;
  }

  /** A stored pane comes back, if a window may still need it. */
  void load(GroupKey group, Pane pane) {
    long number = Math.floorDiv(pane.startUs(), paneUs);
    if (number < openFrom - panes || number >= openFrom) {
      return;
    }
    KeyState key = keys.get(group);
    if (key == null) {
      key = restore(group);
    }
    slab.load(key.slot, pane);
    key.newestPane = Math.max(key.newestPane, number);
    key.firstPane = Math.min(key.firstPane, number);
  }
}
