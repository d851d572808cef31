package io.vedette.alert.notify.webhook;

import io.vedette.alert.lifecycle.Alert;
import io.vedette.alert.notify.Notice;
import io.vedette.alert.wire.AlertJson;
import io.vedette.alert.wire.Times;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** The body of a webhook: Alertmanager's version 4, each alert with a member {@code vedette} that carries what is behind it. */
final class WebhookPayload {
  private static final List<String> EVIDENCE = List.of(
      "state",
      "rule",
      "revision",
      "ruleHash",
      "value",
      "comparison",
      "threshold",
      "count",
      "window",
      "firstIndex",
      "lastIndex",
      "sample",
      "acknowledgedBy");

  private WebhookPayload() {}

  /** {@code maxAlerts} 0 means all. */
  static JsonObject of(Notice notice, String externalUrl, int maxAlerts) {
    int kept = maxAlerts == 0
        ? notice.alerts().size()
        : Math.min(maxAlerts, notice.alerts().size());
    JsonArray alerts = new JsonArray();
    notice.alerts().subList(0, kept).forEach(alert -> alerts.add(alert(alert)));
    return new JsonObject()
        .put("version", "4")
        .put("groupKey", notice.group().key())
        .put("truncatedAlerts", notice.truncated() + notice.alerts().size() - kept)
        .put("status", notice.status())
        .put("receiver", notice.group().receiver())
        .put("groupLabels", sorted(notice.group().labels()))
        .put("commonLabels", sorted(notice.commonLabels()))
        .put("commonAnnotations", sorted(notice.commonAnnotations()))
        .put("externalURL", externalUrl)
        .put("notification_reason", notice.reason().text())
        .put("alerts", alerts);
  }

  private static JsonObject alert(Alert alert) {
    JsonObject whole = AlertJson.encode(alert);
    JsonObject vedette = new JsonObject();
    for (String member : EVIDENCE) {
      if (whole.containsKey(member)) {
        vedette.put(member, whole.getValue(member));
      }
    }
    return new JsonObject()
        .put("status", alert.active() ? "firing" : "resolved")
        .put("labels", sorted(alert.labels()))
        .put("annotations", sorted(alert.annotations()))
        .put("startsAt", Times.text(alert.startsUs()))
        .put("endsAt", alert.endsUs() == 0 ? "0001-01-01T00:00:00Z" : Times.text(alert.endsUs()))
        .put("generatorURL", alert.cause().generatorUrl())
        .put("fingerprint", alert.fingerprint())
        .put("vedette", vedette);
  }

  private static JsonObject sorted(java.util.SortedMap<String, String> strings) {
    JsonObject json = new JsonObject();
    strings.forEach(json::put);
    return json;
  }
}
