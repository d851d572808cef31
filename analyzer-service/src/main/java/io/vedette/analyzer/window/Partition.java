package io.vedette.analyzer.window;

import io.vedette.analyzer.rule.CompiledRule;
import io.vedette.analyzer.rule.GroupKey;
import io.vedette.analyzer.rule.RuleBook;
import io.vedette.analyzer.rule.RuleSet;
import io.vedette.model.Batch;
import io.vedette.model.Finding;
import io.vedette.model.StatisticUpdate;
import io.vedette.store.analysis.KeyPanes;
import io.vedette.store.analysis.Pane;
import io.vedette.store.analysis.PartitionRow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** One of the 64 parts of the analysis: the groups that hash to it, and the number of its last finding. Its state after a batch is a function of rules and batches. */
public final class Partition {
  private final int trail;
  private final int id;
  private final long leaseEpoch;
  private final ClosedPanes closed = new ClosedPanes();
  private final Map<String, RuleState> rules = new LinkedHashMap<>();
  private RuleSet inForce = RuleSet.NONE;
  private final long storedBatch;
  private long batch;
  private long atUs;
  private int timeline;
  private long findings;

  /** Takes up where the row says; panes are loaded and batches replayed next. */
  public Partition(PartitionRow row, long leaseEpoch, RuleBook book) {
    this.trail = row.trail();
    this.id = row.partition();
    this.leaseEpoch = leaseEpoch;
    this.batch = row.batch();
    this.storedBatch = row.batch();
    this.atUs = row.atUs();
    this.timeline = row.timeline();
    closed.timeline(timeline);
    this.findings = row.findings();
    this.inForce = book.inForce(batch);
    for (CompiledRule rule : inForce.rules()) {
      rules.put(
          rule.hash(), new RuleState(rule, book.activeFrom(rule.hash(), batch), atUs, closed));
    }
    Snapshot.decode(row.state(), rules);
  }

  public int id() {
    return id;
  }

  public long leaseEpoch() {
    return leaseEpoch;
  }

  /** The last batch in its state. */
  public long batch() {
    return batch;
  }

  public int timeline() {
    return timeline;
  }

  ClosedPanes closed() {
    return closed;
  }

  /** Rules whose stored panes are needed, with the first instant needed of each. */
  public Map<String, Long> panesNeeded() {
    Map<String, Long> needed = new LinkedHashMap<>();
    rules.forEach((hash, state) -> needed.put(hash, state.neededFromUs()));
    return needed;
  }

  public void load(String ruleHash, KeyPanes panes) {
    RuleState state = rules.get(ruleHash);
    if (state != null) {
      GroupKey key = GroupKey.of(state.compiled().rule().name(), panes.key());
      for (Pane pane : panes.panes()) {
        state.load(key, pane);
      }
    }
  }

  /** Log time from which batches have to be replayed; the stored batch's own where it has no rules. */
  public long replayFromUs() {
    long from = atUs;
    for (RuleState state : rules.values()) {
      from = Math.min(from, state.openFromUs());
    }
    return from - io.vedette.analyzer.rule.Rule.CLAIM_US;
  }

  boolean isReplaying(Batch next) {
    return next.number() <= storedBatch;
  }

  /** Opens a batch: rules, timeline, log time. Findings of rules that end here come first. */
  void begin(Batch next, RuleSet set, RuleBook book, List<Finding> found) {
    if (next.number() != batch + 1 && batch + 1 >= book.firstBatch()) {
      throw new IllegalStateException(
          "partition " + id + ": batch " + next.number() + " (expected: " + (batch + 1) + ")");
    }
    batch = next.number();
    if (next.timeline() != timeline) {
      if (timeline != 0) {
        rules.values().forEach(state -> state.beginTimeline(next.atUs()));
      }
      timeline = next.timeline();
      closed.timeline(timeline);
    }
    atUs = next.atUs();
    if (set != inForce) {
      putInForce(set, next, book, found);
    }
    for (RuleState state : rules.values()) {
      state.advance(atUs);
    }
  }

  private void putInForce(RuleSet set, Batch next, RuleBook book, List<Finding> found) {
    Map<String, RuleState> before = new LinkedHashMap<>(rules);
    rules.clear();
    for (CompiledRule rule : set.rules()) {
      RuleState kept = before.remove(rule.hash());
      rules.put(
          rule.hash(),
          kept != null
              ? kept
              : new RuleState(rule, book.activeFrom(rule.hash(), batch), atUs, closed));
    }
    for (RuleState gone : before.values()) {
      for (Change change : gone.clearAll(atUs)) {
        found.add(finding(gone.compiled(), change, inForce.revision(), next));
      }
      gone.closeAll();
    }
    inForce = set;
  }

  @Nullable
  RuleState state(CompiledRule rule) {
    return rules.get(rule.hash());
  }

  /** Closes a batch: what is found, what changed. */
  void end(Batch last, List<Finding> found, Map<String, List<StatisticUpdate.Value>> values) {
    for (RuleState state : rules.values()) {
      for (Change change : state.judge(atUs)) {
        found.add(finding(state.compiled(), change, inForce.revision(), last));
      }
      List<StatisticUpdate.Value> changed = state.values(leaseEpoch);
      if (!changed.isEmpty()) {
        values
            .computeIfAbsent(state.compiled().rule().name(), name -> new ArrayList<>())
            .addAll(changed);
      }
      state.end(atUs);
    }
  }

  private Finding finding(CompiledRule rule, Change change, long revision, Batch cause) {
    double value = change.evidence().value();
    SortedMap<String, String> labels = rule.labels(change.key(), value);
    return new Finding(
        trail,
        id,
        ++findings,
        rule.rule().name(),
        revision,
        rule.hash(),
        change.key().labels(),
        change.transition(),
        cause.number(),
        cause.atUs(),
        change.sinceUs(),
        labels,
        rule.annotations(labels, value),
        change.evidence(),
        cause.stamps());
  }

  /** The state to be stored with its closed panes. */
  public PartitionRow row() {
    return new PartitionRow(trail, id, batch, atUs, timeline, findings, Snapshot.encode(rules));
  }

  /** What was closed is in the store now. */
  public void stored() {
    closed.clear();
  }

  int keyCount() {
    return rules.values().stream().mapToInt(RuleState::keyCount).sum();
  }

  long late() {
    return rules.values().stream().mapToLong(RuleState::late).sum();
  }

  long refused() {
    return rules.values().stream().mapToLong(RuleState::refused).sum();
  }
}
