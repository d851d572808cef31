package io.vedette.analyzer.window;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.analyzer.rule.RulesFile;
import io.vedette.model.Evidence;
import io.vedette.model.Finding;
import io.vedette.model.Series;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** When findings are raised and cleared, in log time. */
class JudgementTest {
  private static final String FAILURES = """
      rules:
        - alert: Failures
          on: records
          where: outcome == "failure"
          group_by: [origin]
          window: {size: 60s, slide: 10s}
          statistic: count
          condition: ">= 3"
      """;
  private static final String CPU = """
      rules:
        - alert: Cpu
          on: samples
          where: name == "cpu"
          window: {size: 10s, slide: 5s}
          statistic: mean
          condition: "> 0.9"
      """;

  private static final String FAILED =
      "\"action\":\"login\",\"outcome\":\"failure\",\"origin\":\"203.0.113.7\"";

  @Test
  void raisesAtTheBatchThatMakesItTrueAndClearsWhenTheWindowHasPassed() {
    Story story = new Story(FAILURES);
    story.record(1, FAILED).at(1).record(2, FAILED).record(2, FAILED).at(2.5);
    assertThat(story.findings).hasSize(1);
    Finding finding = story.findings.get(0);
    assertThat(finding.batch()).isEqualTo(2);
    assertThat(finding.labels())
        .containsEntry("alertname", "Failures")
        .containsEntry("origin", "203.0.113.7");
    Evidence evidence = finding.evidence();
    assertThat(evidence.value()).isEqualTo(3);
    assertThat(evidence.firstIndex()).isZero();
    assertThat(evidence.lastIndex()).isEqualTo(2);
    assertThat(evidence.sample()).containsExactly(0L, 1L, 2L);
    assertThat(evidence.comparison()).isEqualTo(">=");
    assertThat(story.told()).isEqualTo("FIRING@2");
    story.ticks(3, 80);
    assertThat(story.told()).isEqualTo("CLEARED@70");
  }

  @Test
  void keysAreJudgedApart() {
    Story story = new Story(FAILURES);
    story
        .record(1, FAILED)
        .record(1, FAILED.replace("113.7", "113.8"))
        .record(1, FAILED)
        .at(1);
    assertThat(story.told()).isEmpty();
  }

  @Test
  void forDelaysFiringAndAnInterruptionBeginsAgain() {
    Story story = new Story(CPU + "    for: 20s\n");
    for (int t = 1; t <= 15; t++) {
      story.sample(t, "cpu", 1).at(t);
    }
    assertThat(story.told()).isEqualTo("PENDING@1");
    for (int t = 16; t <= 30; t++) {
      story.sample(t, "cpu", 0).at(t);
    }
    assertThat(story.told()).isEqualTo("CLEARED@20");
    for (int t = 31; t <= 70; t++) {
      story.sample(t, "cpu", 1).at(t);
    }
    assertThat(story.told()).isEqualTo("PENDING@40 FIRING@60");
  }

  @Test
  void keepFiringForBridgesShortGaps() {
    Story story = new Story(CPU + "    keep_firing_for: 30s\n");
    story.sample(1, "cpu", 1).at(1).ticks(2, 30).sample(31, "cpu", 1).at(31).ticks(32, 90);
    assertThat(story.told()).isEqualTo("FIRING@1 CLEARED@70");
  }

  @Test
  void silenceFiresAndTheNextSampleClears() {
    Story story = new Story("""
            rules:
              - alert: Silent
                on: samples
                where: name == "heartbeat"
                absent: 30s
            """);
    story.ticks(1, 60);
    assertThat(story.told()).isEmpty();
    story.sample(61, "heartbeat", 1).at(61).ticks(62, 120);
    assertThat(story.told()).isEqualTo("FIRING@95");
    story.sample(121, "heartbeat", 1).at(121).ticks(122, 130);
    assertThat(story.told()).isEqualTo("CLEARED@125");
  }

  /** As shipped, on what collectors write: each scheduled source's heartbeat every five seconds. */
  @Test
  void shippedRuleFiresForTheScheduledSourceThatIsSilentAndNoOther() throws IOException {
    Story story = new Story(Files.readString(Path.of("..", "config", "rules", "sources.yaml")));
    for (int t = 1; t <= 180; t++) {
      if (t % 5 == 0) {
        story.sample(t, heartbeat("files", "file"), 1).sample(t, heartbeat("host", "host"), 1);
        if (t <= 60 || t >= 150) {
          story.sample(t, heartbeat("journal", "journal"), 1);
        }
      }
      story.at(t);
    }
    assertThat(story.findings)
        .extracting(Finding::rule)
        .containsExactly("ScheduledSourceSilent", "ScheduledSourceSilent");
    Finding fired = story.findings.get(0);
    assertThat(fired.labels())
        .containsEntry("alertname", "ScheduledSourceSilent")
        .containsEntry("source", "journal");
    assertThat(fired.annotations()).containsEntry("summary", "journal has not answered for 30 s");
    assertThat(story.told()).isEqualTo("FIRING@90 CLEARED@150");
  }

  private static Series heartbeat(String source, String kind) {
    return Series.of("vedette_source_heartbeat", Map.of("source", source, "kind", kind));
  }

  @Test
  void aSmallCountIsJudgedOverCompleteWindowsOnly() {
    Story story = new Story("""
            rules:
              - alert: TooFew
                on: samples
                where: name == "work"
                window: {size: 10s, slide: 5s}
                statistic: count
                condition: "< 5"
            """);
    for (int t = 1; t <= 40; t++) {
      story.sample(t, "work", 1).at(t);
    }
    assertThat(story.told()).isEmpty();
    story.ticks(41, 60);
    assertThat(story.told()).isEqualTo("FIRING@50");
  }

  @Test
  void lateRecordsAreFoldedIntoTheOldestOpenPane() {
    Story story = new Story(FAILURES);
    story.at(100).record(2, FAILED).record(2, FAILED).record(2, FAILED).at(101);
    assertThat(story.told()).isEqualTo("FIRING@101");
    assertThat(story.analysis.late()).isEqualTo(3);
  }

  @Test
  void lateSamplesAreOnlyCounted() {
    Story story = new Story(CPU);
    story.at(100).sample(2, "cpu", 1).at(101);
    assertThat(story.told()).isEmpty();
    assertThat(story.analysis.late()).isEqualTo(1);
    assertThat(story.analysis.keyCount()).isZero();
  }

  @Test
  void aClaimFarAheadCountsAtLogTime() {
    Story story = new Story(FAILURES);
    story.record(900, FAILED).record(900, FAILED).record(900, FAILED).at(5);
    assertThat(story.told()).isEqualTo("FIRING@5");
  }

  @Test
  void backfillCountsInNoWindow() {
    Story story = new Story(FAILURES);
    for (int i = 0; i < 5; i++) {
      story.record(1, FAILED + ",\"flags\":[\"backfill\"]");
    }
    story.at(1);
    assertThat(story.told()).isEmpty();
    assertThat(story.last.backfill()).isEqualTo(5);
  }

  @Test
  void aRemovedRuleClearsAndAnUnchangedOneKeepsItsState() {
    Story story = new Story(FAILURES + CPU.substring("rules:\n".length()));
    story
        .record(1, FAILED)
        .record(1, FAILED)
        .record(1, FAILED)
        .sample(1, "cpu", 1)
        .at(1);
    assertThat(story.told()).isEqualTo("FIRING@1 FIRING@1");
    story.book.add(2, 3, List.of(new RulesFile("rules.yaml", "# less\n" + FAILURES)));
    story.at(2).at(3);
    assertThat(story.findings).hasSize(1);
    assertThat(story.findings.get(0).rule()).isEqualTo("Cpu");
    assertThat(story.told()).isEqualTo("CLEARED@3");
    story.record(4, FAILED).at(4);
    assertThat(story.told()).isEmpty();
    story.ticks(5, 80);
    assertThat(story.told()).isEqualTo("CLEARED@70");
  }

  @Test
  void aNewTimelineBeginsItsOwnPanes() {
    Story story = new Story(FAILURES);
    story.record(501, FAILED).record(501, FAILED).at(501);
    story.timeline(2).record(101, FAILED).at(101);
    assertThat(story.told()).isEmpty();
    story.record(102, FAILED).record(102, FAILED).at(102);
    assertThat(story.told()).isEqualTo("FIRING@102");
    assertThat(story.allPanes()).hasSize(1);
  }

  @Test
  void findingsAreNumberedWithoutHoles() {
    Story story = new Story(FAILURES);
    for (int round = 0; round < 3; round++) {
      int t = 1 + round * 100;
      story.record(t, FAILED).record(t, FAILED).record(t, FAILED).at(t).ticks(t + 1, t + 90);
    }
    assertThat(story.findings).extracting(Finding::number).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
  }
}
