package io.vedette.analyzer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vedette.analyzer.rule.RuleBook;
import io.vedette.analyzer.window.Analysis;
import io.vedette.model.Batch;
import io.vedette.runtime.metrics.Stage;
import io.vedette.runtime.metrics.StageTimer;
import io.vedette.store.MicroClock;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** What the analyzer counts. Late and refused are counted by the partitions; here their growth while this node owns them. */
final class AnalyzerMetrics {
  /** Rules whose errors are counted by name; those of any more are counted together as {@code other}. */
  private static final int MAX_RULES = 500;

  private static final String OTHERS = "other";

  private final MeterRegistry registry;
  private final Set<String> counted = ConcurrentHashMap.newKeySet();
  private final StageTimer stages;
  private final Counter batches;
  private final Counter replayed;
  private final Counter late;
  private final Counter refused;
  private final Counter backfill;
  private final Counter findings;
  private final Counter saves;
  private final Counter saveFailures;
  private final Counter lost;
  private volatile int keys;
  private volatile int partitions;
  private volatile int closed;

  AnalyzerMetrics(MeterRegistry registry, Supplier<Long> lag) {
    this.registry = registry;
    this.stages = new StageTimer(registry);
    this.batches = counter(registry, "batch.folded", "Batches folded");
    this.replayed =
        counter(registry, "batch.replayed", "Batches read again to take up a partition");
    this.late =
        counter(registry, "late", "Records and samples that came after their pane had closed");
    this.refused = counter(
        registry,
        "key.refused",
        "Records and samples not counted because a rule had as many keys as it may");
    this.backfill = counter(registry, "backfill", "Records of history, which count in no window");
    this.findings = counter(registry, "finding.raised", "Findings stored and published");
    this.saves = counter(registry, "state.stored", "Times that state and panes were stored");
    this.saveFailures =
        counter(registry, "state.store.failed", "Times that storing state and panes failed");
    this.lost = counter(
        registry,
        "partition.lost",
        "Partitions that another node took before they were handed over");
    Gauge.builder("vedette.analyzer.keys", this, metrics -> metrics.keys)
        .description("Keys that rules keep panes of")
        .register(registry);
    Gauge.builder("vedette.analyzer.partitions", this, metrics -> metrics.partitions)
        .description("Partitions this node owns, of 64")
        .register(registry);
    Gauge.builder("vedette.analyzer.panes.unstored", this, metrics -> metrics.closed)
        .description("Closed panes that are not stored yet")
        .register(registry);
    Gauge.builder("vedette.analyzer.lag.batches", lag, behind -> behind.get())
        .description("Batches known to be in the trail and not folded")
        .register(registry);
  }

  private static Counter counter(MeterRegistry registry, String name, String description) {
    return Counter.builder("vedette.analyzer." + name).description(description).register(registry);
  }

  void folded(
      Batch batch,
      Analysis analysis,
      long startUs,
      long lateBefore,
      long refusedBefore,
      long backfilled) {
    batches.increment();
    late.increment((double) Math.max(0, analysis.late() - lateBefore));
    refused.increment((double) Math.max(0, analysis.refused() - refusedBefore));
    backfill.increment((double) backfilled);
    long committedUs = batch.stamps().committedUs();
    stages.record(
        Stage.ANALYSE,
        committedUs > 0 ? committedUs : startUs,
        MicroClock.SYSTEM.nowUs(),
        batch.payloadBytes(),
        batch.count());
    owned(analysis);
  }

  /** Counts the errors of rules that are new. */
  void rules(RuleBook book) {
    for (String rule : book.names()) {
      if (counted.size() < MAX_RULES && counted.add(rule)) {
        errors(rule, book, known -> known.errors(rule));
      } else if (!counted.contains(rule) && counted.add(OTHERS)) {
        errors(OTHERS, book, known -> known.names().stream()
            .filter(name -> !counted.contains(name))
            .mapToLong(known::errors)
            .sum());
      }
    }
  }

  private void errors(String rule, RuleBook book, ToDoubleFunction<RuleBook> count) {
    FunctionCounter.builder("vedette.analyzer.evaluation.error", book, count)
        .description(
            "Expressions of a rule that failed on a record or sample, which then matched nothing")
        .tag("rule", rule)
        .register(registry);
  }

  void owned(Analysis analysis) {
    keys = analysis.keyCount();
    partitions = analysis.owned().size();
    closed = analysis.closedCount();
  }

  void replayed(int count) {
    replayed.increment(count);
  }

  void raised(int count) {
    findings.increment(count);
  }

  void stored() {
    saves.increment();
  }

  void storeFailed() {
    saveFailures.increment();
  }

  void lost(int count) {
    lost.increment(count);
  }
}
