package io.vedette.alert.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vedette.alert.Examples;
import io.vedette.alert.lifecycle.Lifecycle;
import io.vedette.alert.route.GroupId;
import io.vedette.model.Transition;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TemplateTest {
  private final Notice notice = Notice.of(
      new GroupId("ops", "{}:{}", new TreeMap<>(Map.of("alertname", "SshFailures"))),
      Reason.FIRST_NOTIFICATION,
      List.of(Lifecycle.onFinding(null, Examples.finding(1, "a", Transition.FIRING), 1)
          .orElseThrow()
          .alert()));

  @Test
  void fieldsAndFilters() {
    String text = Template.parse(
            "[{{ .Status | toUpper }}:{{ .Firing }}] {{ .GroupLabels.alertname }} on {{ .CommonLabels.host }}, {{ .CommonAnnotations.summary }}")
        .render(notice, "http://x");
    assertThat(text).isEqualTo("[FIRING:1] SshFailures on a, 12 failed logins on a");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{ range .Alerts }}",
        "{{ .Alerts }}",
        "{{ .Status | printf }}",
        "{{ template \"x\" . }}",
        "{{ .Status"
      })
  void restIsRefusedWithWhatIsSupported(String text) {
    assertThatThrownBy(() -> Template.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected");
  }

  @Test
  void titleSaysStatusNumberNameAndCommonLabels() {
    assertThat(Wording.title(notice))
        .isEqualTo("[FIRING:1] SshFailures (host=a severity=critical)");
    assertThat(Wording.measured(notice.alerts().get(0)))
        .isEqualTo("12 > 5, 12 in the window, records 1000 to 1040");
  }

  @Test
  void cutNeverLeavesHalfACharacter() {
    assertThat(Wording.cut("abc\uD83D\uDE00def", 5)).isEqualTo("abc…");
  }
}
