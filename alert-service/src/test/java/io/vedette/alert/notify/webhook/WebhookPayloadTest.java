package io.vedette.alert.notify.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.alert.Examples;
import io.vedette.alert.lifecycle.Alert;
import io.vedette.alert.lifecycle.Lifecycle;
import io.vedette.alert.notify.Notice;
import io.vedette.alert.notify.Reason;
import io.vedette.alert.route.GroupId;
import io.vedette.alert.wire.NoticeJson;
import io.vedette.model.Transition;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class WebhookPayloadTest {
  private static final long NOW = 1_767_225_700_000_000L;

  private static Notice notice() {
    Alert firing = Lifecycle.onFinding(null, Examples.finding(1, "web1", Transition.FIRING), NOW)
        .orElseThrow()
        .alert();
    Alert other = Lifecycle.onFinding(null, Examples.finding(2, "web2", Transition.FIRING), NOW)
        .orElseThrow()
        .alert();
    Alert resolved = Lifecycle.onFinding(
            other, Examples.finding(9, "web2", Transition.CLEARED), NOW)
        .orElseThrow()
        .alert();
    return new Notice(
        new GroupId(
            "ops",
            "{}:{alertname=\"SshFailures\"}",
            new TreeMap<>(Map.of("alertname", "SshFailures"))),
        Reason.SOME_ALERTS_RESOLVED,
        List.of(firing, resolved),
        0);
  }

  private static String golden(String name) throws IOException {
    try (InputStream in = WebhookPayloadTest.class.getResourceAsStream("/golden/" + name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
    }
  }

  @Test
  void formIsAlertmanagersVersion4() throws IOException {
    assertThat(WebhookPayload.of(notice(), "http://localhost:8080/", 0).encodePrettily())
        .isEqualTo(golden("webhook-v4.json"));
  }

  @Test
  void whatIsCutIsCounted() {
    assertThat(WebhookPayload.of(notice(), "", 1).getInteger("truncatedAlerts")).isEqualTo(1);
    assertThat(WebhookPayload.of(notice(), "", 1).getJsonArray("alerts")).hasSize(1);
  }

  @Test
  void noticeSurvivesItsRow() {
    Notice notice = notice();
    assertThat(NoticeJson.decode(NoticeJson.encode(notice))).isEqualTo(notice);
  }
}
