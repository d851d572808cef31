package io.vedette.analyzer.window;

import io.vedette.analyzer.rule.CompiledRule;
import io.vedette.analyzer.rule.CompiledRule.Match;
import io.vedette.analyzer.rule.GroupKey;
import io.vedette.analyzer.rule.RuleBook;
import io.vedette.analyzer.rule.RuleSet;
import io.vedette.model.Batch;
import io.vedette.model.Finding;
import io.vedette.model.RecordView;
import io.vedette.model.Sample;
import io.vedette.model.SampleBlock;
import io.vedette.model.StatisticUpdate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The partitions a node owns, fed batch by batch: an expression is evaluated once per record, whatever the number of partitions. One thread. */
public final class Analysis {
  private final RuleBook book;
  private final @Nullable Partition[] partitions = new Partition[GroupKey.PARTITIONS];

  public Analysis(RuleBook book) {
    this.book = book;
  }

  /** What a batch led to. Updates are by statistic; findings are ordered by partition and number. */
  public record Folded(
      List<Finding> findings, Map<String, List<StatisticUpdate.Value>> updates, long backfill) {
    public Folded {
      findings = List.copyOf(findings);
      updates = Map.copyOf(updates);
    }
  }

  public void add(Partition partition) {
    partitions[partition.id()] = partition;
  }

  public void remove(int partition) {
    partitions[partition] = null;
  }

  public List<Partition> owned() {
    List<Partition> owned = new ArrayList<>();
    for (Partition partition : partitions) {
      if (partition != null) {
        owned.add(partition);
      }
    }
    return owned;
  }

  /** The next batch, with its payload inline. A partition whose stored state is newer takes from it what belongs into its open panes. */
  public Folded fold(Batch batch) {
    List<Finding> findings = new ArrayList<>();
    Map<String, List<StatisticUpdate.Value>> values = new TreeMap<>();
    RuleSet rules = book.inForce(batch.number());
    List<Partition> live = new ArrayList<>();
    for (Partition partition : partitions) {
      if (partition != null && !partition.isReplaying(batch)) {
        partition.begin(batch, rules, book, findings);
        live.add(partition);
      }
    }
    long backfill = foldRecords(batch, rules.onRecords());
    foldSamples(batch, rules.onSamples());
    for (Partition partition : live) {
      partition.end(batch, findings, values);
    }
    findings.sort(
        java.util.Comparator.comparingInt(Finding::partition).thenComparingLong(Finding::number));
    return new Folded(findings, values, backfill);
  }

  private long foldRecords(Batch batch, List<CompiledRule> rules) {
    if (rules.isEmpty()) {
      return 0;
    }
    long backfill = 0;
    long index = batch.firstIndex();
    for (byte[] canonical : batch.records()) {
      if (canonical.length == 0) {
        index++; // erased, or past its retention: its index remains
        continue;
      }
      RecordView record = new RecordView(canonical);
      if (record.backfill()) {
        backfill++;
      } else {
        long timeUs = record.timeUs();
        for (CompiledRule rule : rules) {
          Match match = rule.match(record);
          if (match != null) {
            fold(batch, rule, match, timeUs, index);
          }
        }
      }
      index++;
    }
    return backfill;
  }

  private void foldSamples(Batch batch, List<CompiledRule> rules) {
    if (rules.isEmpty() || batch.samples().length == 0) {
      return;
    }
    for (Sample sample : SampleBlock.decode(batch.samples())) {
      for (CompiledRule rule : rules) {
        Match match = rule.match(sample);
        if (match != null) {
          fold(batch, rule, match, sample.timeUs(), -1);
        }
      }
    }
  }

  private void fold(Batch batch, CompiledRule rule, Match match, long timeUs, long index) {
    Partition partition = partitions[match.key().partition()];
    RuleState state = partition == null ? null : partition.state(rule);
    if (partition == null || state == null || batch.number() < state.activeFrom()) {
      return;
    }
    if (!partition.isReplaying(batch)) {
      state.fold(match.key(), timeUs, batch.atUs(), index, match.value());
    } else if (batch.timeline() == partition.timeline()) {
      state.replay(match.key(), timeUs, batch.atUs(), index, match.value());
    }
  }

  /** What was closed since it was last stored, by rule. */
  public List<ClosedPanes.OfRule> closed(Collection<Partition> of) {
    return ClosedPanes.merge(of.stream().map(Partition::closed).toList());
  }

  public int closedCount() {
    return owned().stream().mapToInt(partition -> partition.closed().size()).sum();
  }

  public int keyCount() {
    return owned().stream().mapToInt(Partition::keyCount).sum();
  }

  public long late() {
    return owned().stream().mapToLong(Partition::late).sum();
  }

  public long refused() {
    return owned().stream().mapToLong(Partition::refused).sum();
  }
}
