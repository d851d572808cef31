package io.vedette.analyzer.rule;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.model.RecordView;
import io.vedette.model.Sample;
import io.vedette.model.Series;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class CompiledRuleTest {
  private static CompiledRule rule(String body) {
    return RulesParser.parse(List.of(new RulesFile(
            "rules.yaml",
            "rules:\n  - name: r\n    window: {size: 10s, slide: 1s}\n    condition: '> 0'\n"
                + body.indent(4))))
        .orThrow()
        .get(0);
  }

  private static RecordView record(String json) {
    return new RecordView(json.getBytes(StandardCharsets.UTF_8));
  }

  private static final RecordView LOGIN = record(
      "{\"action\":\"login\",\"attributes\":{\"repeated\":7,\"tags\":[1,null],\"tls\":true},\"kind\":\"auth\",\"observed\":\"2026-01-01T00:00:01.000000000Z\","
          + "\"origin\":\"203.0.113.7\",\"outcome\":\"failure\",\"source\":\"sshd\",\"time\":\"2026-01-01T00:00:00.500000000Z\",\"v\":1}");

  @Test
  void groupsByFieldAndFoldsItsValue() {
    CompiledRule rule = rule("""
            on: records
            where: kind == "auth" && outcome == "failure" && time < timestamp("2027-01-01T00:00:00Z")
            group_by: [origin]
            value: attributes[?"repeated"].orValue(1)
            statistic: sum
            """);
    CompiledRule.Match match = Objects.requireNonNull(rule.match(LOGIN));
    assertThat(match.value()).isEqualTo(7);
    assertThat(match.key().labels()).containsExactly(Map.entry("origin", "203.0.113.7"));
    assertThat(rule.errors()).isZero();
  }

  @Test
  void aGroupWithoutValueMatchesNothing() {
    CompiledRule absent =
        rule("on: records\nstatistic: count\ngroup_by: ['attributes[?\"user\"]']\n");
    assertThat(absent.match(LOGIN)).isNull();
    assertThat(absent.errors()).isZero();
    CompiledRule empty = rule("on: records\nstatistic: count\ngroup_by: actor\n");
    assertThat(empty.match(LOGIN)).isNull();
  }

  @Test
  void anErrorIsCountedAndMatchesNothing() {
    CompiledRule rule = rule("on: records\nstatistic: count\nwhere: attributes.missing > 3\n");
    assertThat(rule.match(LOGIN)).isNull();
    assertThat(rule.errors()).isEqualTo(1);
  }

  @Test
  void comprehensionsAreBounded() {
    CompiledRule rule = rule(
        "on: records\nstatistic: count\nwhere: message.split('').all(a, message.split('').all(b, a == b))\n");
    RecordView wide = record("{\"message\":\"" + "x".repeat(200) + "\",\"source\":\"s\"}");
    assertThat(rule.match(wide)).isNull();
    assertThat(rule.errors()).isEqualTo(1);
  }

  @Test
  void ourOwnRecordsMatchOnlyWhoNamesThem() {
    RecordView own = record("{\"action\":\"rules.apply\",\"source\":\"vedette\"}");
    assertThat(rule("on: records\nstatistic: count\n").match(own)).isNull();
    assertThat(
            rule("on: records\nstatistic: count\nwhere: source == 'vedette'\n").match(own))
        .isNotNull();
  }

  @Test
  void samplesOfAStatisticGroupBySeries() {
    CompiledRule rule =
        RulesParser.parse(List.of(new RulesFile("s.yaml", """
                        statistics:
                          - name: host
                            on: samples
                            where: name.startsWith("host_") && labels[?"core"].orValue("0").matches("^[0-9]+$")
                            window: {size: 10s, slide: 1s}
                            fields: [last, p95]
                        """))).orThrow().get(0);
    Sample sample = new Sample(Series.of("host_cpu", Map.of("core", "3")), 1, 0.5);
    CompiledRule.Match match = Objects.requireNonNull(rule.match(sample));
    assertThat(match.key().labels())
        .containsEntry("__name__", "host_cpu")
        .containsEntry("core", "3");
    assertThat(match.value()).isEqualTo(0.5);
    assertThat(rule.match(new Sample(Series.of("other", Map.of()), 1, 0.5))).isNull();
    assertThat(rule.match(new Sample(sample.series(), 1, Double.NaN))).isNull();
  }
}
