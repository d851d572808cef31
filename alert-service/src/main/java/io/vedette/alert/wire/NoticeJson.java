package io.vedette.alert.wire;

import io.vedette.alert.notify.Notice;
import io.vedette.alert.notify.Reason;
import io.vedette.alert.route.GroupId;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** A notice as its row keeps it until it is sent. */
public final class NoticeJson {
  private NoticeJson() {}

  public static JsonObject encode(Notice notice) {
    JsonArray alerts = new JsonArray();
    notice.alerts().forEach(alert -> alerts.add(AlertJson.encode(alert)));
    return new JsonObject()
        .put("receiver", notice.group().receiver())
        .put("groupKey", notice.group().key())
        .put("groupLabels", AlertJson.map(notice.group().labels()))
        .put("reason", notice.reason().text())
        .put("truncated", notice.truncated())
        .put("alerts", alerts);
  }

  public static Notice decode(JsonObject json) {
    return new Notice(
        new GroupId(
            json.getString("receiver"),
            json.getString("groupKey"),
            AlertJson.strings(json.getJsonObject("groupLabels"))),
        Reason.parse(json.getString("reason")),
        json.getJsonArray("alerts").stream()
            .map(alert -> AlertJson.decode((JsonObject) alert))
            .toList(),
        json.getInteger("truncated"));
  }
}
