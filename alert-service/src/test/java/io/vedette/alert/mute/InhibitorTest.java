package io.vedette.alert.mute;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.alert.Examples;
import io.vedette.alert.lifecycle.Alert;
import io.vedette.alert.lifecycle.Lifecycle;
import io.vedette.alert.route.Matchers;
import io.vedette.model.Transition;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InhibitorTest {
  private static final List<Inhibition> RULES = List.of(new Inhibition(
      Matchers.parse("severity=critical"),
      Matchers.parse("severity=~\"warning|critical\""),
      List.of("host")));

  private static Alert alert(String name, String severity, String host) {
    return Lifecycle.onFinding(
            null,
            Examples.finding(
                1, 1, name, Map.of("severity", severity, "host", host), Transition.FIRING),
            1)
        .orElseThrow()
        .alert();
  }

  @Test
  void targetNamesItsSourceWhereTheEqualLabelsAgree() {
    Alert down = alert("Down", "critical", "a");
    Alert slow = alert("Slow", "warning", "a");
    Alert elsewhere = alert("Slow", "warning", "b");
    Inhibitor inhibitor = new Inhibitor(RULES, List.of(down, slow, elsewhere));
    assertThat(inhibitor.muting(slow)).containsExactly(down.fingerprint());
    assertThat(inhibitor.muting(elsewhere)).isEmpty();
  }

  @Test
  void alertsOnBothSidesDoNotMuteEachOtherOrThemselves() {
    Alert one = alert("One", "critical", "a");
    Alert two = alert("Two", "critical", "a");
    Inhibitor inhibitor = new Inhibitor(RULES, List.of(one, two));
    assertThat(inhibitor.muting(one)).isEmpty();
    assertThat(inhibitor.muting(two)).isEmpty();
  }
}
