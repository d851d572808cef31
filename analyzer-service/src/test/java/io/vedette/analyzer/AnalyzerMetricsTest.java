package io.vedette.analyzer;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vedette.analyzer.rule.RuleBook;
import io.vedette.analyzer.rule.RulesFile;
import io.vedette.analyzer.window.Analysis;
import io.vedette.model.Batch;
import io.vedette.model.RecordView;
import io.vedette.model.Stamps;
import io.vedette.store.MicroClock;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AnalyzerMetricsTest {
  private static final byte[] JSON =
      "{\"action\":\"pay\",\"observed\":\"2026-01-01T00:00:01.000000000Z\",\"source\":\"shop\",\"v\":1}"
          .getBytes(StandardCharsets.UTF_8);
  private static final RecordView RECORD = new RecordView(JSON);

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final AnalyzerMetrics metrics = new AnalyzerMetrics(registry, () -> 0L);
  private final RuleBook book = new RuleBook();

  private void inForce(long revision, String value, int rules) {
    StringBuilder text = new StringBuilder("rules:\n");
    for (int i = 0; i < rules; i++) {
      text.append("  - {alert: r")
          .append(i)
          .append(", on: records, statistic: sum, value: '")
          .append(value)
          .append("', window: {size: 10s, slide: 1s}, condition: '> 0', max_keys: 10}\n");
    }
    book.add(revision, revision, List.of(new RulesFile("rules.yaml", text.toString())));
    metrics.rules(book);
    book.inForce(revision).onRecords().forEach(rule -> rule.match(RECORD));
  }

  private double errors(String rule) {
    return registry
        .get("vedette.analyzer.evaluation.error")
        .tag("rule", rule)
        .functionCounter()
        .count();
  }

  @Test
  void failedExpressionsAreCountedByRuleAlsoWhenTheRuleChanges() {
    inForce(1, "attributes.amount", 2);
    assertThat(errors("r0")).isEqualTo(1);
    inForce(2, "attributes.sum", 1);
    assertThat(errors("r0")).isEqualTo(2);
    assertThat(errors("r1")).isEqualTo(1);
  }

  @Test
  void rulesBeyondTheLimitAreCountedTogether() {
    inForce(1, "attributes.amount", 503);
    assertThat(registry.find("vedette.analyzer.evaluation.error").functionCounters())
        .hasSize(501);
    assertThat(errors("other")).isEqualTo(3);
  }

  @Test
  void analyseLastsFromTheCommitToTheJudgementAndCountsWhatItFolded() {
    inForce(1, "attributes.amount", 1);
    long nowUs = MicroClock.SYSTEM.nowUs();
    List<byte[]> records = List.of(JSON, JSON);
    Batch batch = new Batch(
        1,
        "e",
        1,
        0,
        2,
        nowUs,
        1,
        true,
        records,
        new byte[0],
        new Stamps(0, 0, nowUs - 90_000_000));
    metrics.folded(batch, new Analysis(book), nowUs, 0, 0, 0);
    Timer lasted =
        registry.get("vedette.stage.duration").tag("stage", "analyse").timer();
    assertThat(lasted.count()).isEqualTo(1);
    assertThat(lasted.totalTime(TimeUnit.SECONDS)).isBetween(90.0, 190.0);
    assertThat(stage("items")).isEqualTo(2);
    assertThat(stage("bytes")).isEqualTo(2L * JSON.length);
  }

  private double stage(String amount) {
    return registry
        .get("vedette.stage." + amount)
        .tag("stage", "analyse")
        .counter()
        .count();
  }
}
