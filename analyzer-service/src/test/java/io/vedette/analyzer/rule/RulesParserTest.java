package io.vedette.analyzer.rule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RulesParserTest {
  private static final String GOOD = """
      rules:
        - alert: Failures
          on: records
          where: kind == "auth" && outcome == "failure"
          group_by: [origin]
          window: {size: 1m, slide: 5s}
          statistic: count
          condition: ">= 5"
          labels: {severity: warning}
          annotations: {summary: "{{ $value }} from {{ $labels.origin }}"}
      """;

  private static RulesParser.Parsed parse(String text) {
    return RulesParser.parse(List.of(new RulesFile("rules.yaml", text)));
  }

  @Test
  void readsARule() {
    RulesParser.Parsed parsed = parse(GOOD);
    assertThat(parsed.problems()).isEmpty();
    Rule rule = parsed.rules().get(0).rule();
    assertThat(rule.name()).isEqualTo("Failures");
    assertThat(rule.panesPerWindow()).isEqualTo(12);
    assertThat(rule.late()).isEqualTo(Rule.Late.FOLD);
    assertThat(rule.groupBy()).containsEntry("origin", "origin");
  }

  @Test
  void hashIsOfContentNotOfPlace() {
    String moved = "# a comment\n" + GOOD.replace("size: 1m", "size: 60s");
    assertThat(parse(moved).rules().get(0).hash())
        .isEqualTo(parse(GOOD).rules().get(0).hash());
    String changed = GOOD.replace(">= 5", ">= 6");
    assertThat(parse(changed).rules().get(0).hash())
        .isNotEqualTo(parse(GOOD).rules().get(0).hash());
  }

  @Test
  void anEmptyFileHasNoRules() {
    assertThat(parse("").problems()).isEmpty();
    assertThat(parse("# only a comment\n").rules()).isEmpty();
  }

  @ParameterizedTest(name = "{0} -> {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "statistic: count       | statistic: median      | 7 | statistic: median (expected: count, rate",
        "condition: \">= 5\"    | condition: high        | 8 | condition: high (expected: one of",
        "group_by: [origin]     | group_by: [size(origin)] | 5 | group_by: size(origin) (expected: a name",
        "group_by: [origin]     | group_by: [orgin]      | 5 | undeclared reference to 'orgin'",
        "outcome == \"failure\" | outcome                | 4 | found no matching overload",
        "size: 1m               | size: 1h               | 6 | size/slide is 720 (expected: at most 120)",
        "size: 1m               | size: soon             | 6 | size: soon (expected: a duration",
        "statistic: count       | statistics: count      | 7 | unknown key statistics",
        "on: records            | on: logs               | 3 | on: logs (expected: on: records",
        "{{ $value }} from      | {{ query }} from | 10 | {{ query",
        "[origin]               | [origin]\\n    max_keys: 10000000 | 2 | bytes = 64 partitions x",
      })
  void saysWhereWhatAndWhatWasExpected(String from, String to, int line, String message) {
    RulesParser.Parsed parsed =
        parse(GOOD.replace(from.strip(), to.strip().replace("\\n", "\n").replace("\\\"", "'")));
    assertThat(parsed.rules()).isEmpty();
    assertThat(parsed.problems())
        .extracting(RuleProblem::toString)
        .anySatisfy(problem ->
            assertThat(problem).startsWith("rules.yaml:" + line + ": ").contains(message));
    assertThat(parsed.problems()).isSortedAccordingTo(Comparator.comparingInt(RuleProblem::line));
  }

  @Test
  void brokenYamlNamesItsLine() {
    assertThat(parse("rules:\n  - alert: [\n").problems().get(0).line()).isGreaterThan(1);
  }

  @Test
  void namesAreUniqueOverAllFiles() {
    RulesParser.Parsed parsed =
        RulesParser.parse(List.of(new RulesFile("a.yaml", GOOD), new RulesFile("b.yaml", GOOD)));
    assertThat(parsed.problems()).hasSize(1);
    assertThat(parsed.problems().get(0).toString()).contains("b.yaml:2").contains("a.yaml:2");
  }
}
