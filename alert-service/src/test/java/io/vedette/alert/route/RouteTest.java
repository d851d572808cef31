package io.vedette.alert.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RouteTest {
  private static Route route(String receiver, String matcher, boolean goOn, Route... children) {
    List<Matcher> matchers = matcher.isEmpty() ? List.of() : Matchers.parse(matcher);
    return new Route(
        Route.path("", matchers),
        receiver,
        matchers,
        List.of("alertname"),
        false,
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        Duration.ofHours(1),
        goOn,
        List.of(children));
  }

  private static List<String> receivers(Route root, String severity, String team) {
    return root.take(Map.of("severity", severity, "team", team)).stream()
        .map(Route::receiver)
        .toList();
  }

  private final Route root = route(
      "all",
      "",
      false,
      route("audit", "severity=~\".+\"", true),
      route("pager", "severity=critical", false, route("db-pager", "team=db", false)),
      route("mail", "team=db", false));

  @Test
  void deepestMatchTakes() {
    assertThat(receivers(root, "critical", "db")).containsExactly("audit", "db-pager");
    assertThat(receivers(root, "critical", "web")).containsExactly("audit", "pager");
  }

  @Test
  void firstMatchEndsTheSearchUnlessItContinues() {
    assertThat(receivers(root, "warning", "db")).containsExactly("audit", "mail");
  }

  @Test
  void rootTakesWhatNobodyElseDoes() {
    assertThat(receivers(route("all", "", false, route("x", "team=x", false)), "warning", "db"))
        .containsExactly("all");
  }

  @Test
  void groupKeyIsAlertmanagers() {
    GroupId id = root.group(new TreeMap<>(Map.of("alertname", "Disk\u0000\n", "host", "a")));
    assertThat(id.key()).isEqualTo("{}:{alertname=\"Disk\\u0000\\n\"}");
    assertThat(id.labels()).containsOnlyKeys("alertname");
  }
}
