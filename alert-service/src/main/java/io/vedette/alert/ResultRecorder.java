package io.vedette.alert;

import io.vedette.alert.notify.Delivery;
import io.vedette.alert.wire.Times;
import io.vedette.model.Batch;
import io.vedette.model.Publication;
import io.vedette.model.Stamps;
import io.vedette.store.alert.NotificationRow;
import io.vedette.store.alert.Outbox;
import io.vedette.store.trail.AppendOutcome.Appended;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Records what became of an attempt: the row, the publication on {@code notifications} and the trail's record, in one transaction. */
final class ResultRecorder {
  static final String TOPIC = "notifications";

  /** What is to be announced after the commit; nothing was written when {@code moved} is false: the row had gone on without this attempt. */
  record Recorded(boolean moved, Batch batch, Publication publication) {}

  /** What an attempt means for the row: its next state. */
  record Verdict(String action, String detail, String providerId, String duplicate, long nextUs) {
    static Verdict sent(Delivery.Sent sent) {
      return new Verdict("sent", sent.detail(), sent.providerId(), "", 0);
    }

    static Verdict retry(String detail, String duplicate, long nextUs) {
      return new Verdict("retry", detail, "", duplicate, nextUs);
    }

    static Verdict failed(String detail) {
      return new Verdict("failed", detail, "", "", 0);
    }
  }

  private static final class NotMoved extends RuntimeException {
    private static final long serialVersionUID = 1;

    NotMoved() {
      super("the notification's row has moved on", null, false, false);
    }
  }

  private final Stores stores;

  ResultRecorder(Stores stores) {
    this.stores = stores;
  }

  /** {@code row} as it is while this attempt runs. Empty result: somebody else has dealt with the row. */
  Future<Optional<Recorded>> record(NotificationRow row, Verdict verdict) {
    long nowUs = stores.clock().nowUs();
    return stores
        .database()
        .transaction(tx -> within(tx, row, verdict, nowUs))
        .map(Optional::of)
        .recover(lost -> lost instanceof NotMoved
            ? Future.succeededFuture(Optional.empty())
            : Future.failedFuture(lost));
  }

  private Future<Recorded> within(
      SqlConnection tx, NotificationRow row, Verdict verdict, long nowUs) {
    String duplicate = verdict.duplicate().isEmpty() ? row.duplicate() : verdict.duplicate();
    byte[] json = publication(row, verdict, duplicate, nowUs).toBuffer().getBytes();
    return move(tx, row, verdict, nowUs)
        .compose(moved -> moved
            ? stores.publications().publish(tx, row.trail(), TOPIC, json, Stamps.UNKNOWN)
            : Future.failedFuture(new NotMoved()))
        .compose(publication -> stores
            .appender()
            .appendWithin(
                tx,
                row.trail(),
                List.of(Drafts.notification(
                    row,
                    verdict.action(),
                    verdict.detail(),
                    verdict.providerId(),
                    duplicate,
                    nowUs)))
            .map(Appended::batch)
            .map(batch -> new Recorded(true, batch, publication)));
  }

  private static Future<Boolean> move(
      SqlConnection tx, NotificationRow row, Verdict verdict, long nowUs) {
    return switch (verdict.action()) {
      case "sent" ->
        Outbox.sent(
            tx,
            row.trail(),
            row.id(),
            row.attempt(),
            verdict.detail(),
            verdict.providerId(),
            nowUs);
      case "retry" ->
        Outbox.again(
            tx,
            row.trail(),
            row.id(),
            row.attempt(),
            verdict.detail(),
            verdict.duplicate(),
            verdict.nextUs(),
            nowUs);
      default -> Outbox.failed(tx, row.trail(), row.id(), row.attempt(), verdict.detail(), nowUs);
    };
  }

  private static JsonObject publication(
      NotificationRow row, Verdict verdict, String duplicate, long nowUs) {
    JsonObject json = new JsonObject()
        .put("id", row.id())
        .put("receiver", row.receiver())
        .put("integration", row.integration())
        .put("state", verdict.action())
        .put("attempt", row.attempt())
        .put("reason", row.reason())
        .put("groupKey", row.groupKey())
        .put("alerts", new JsonArray(new ArrayList<>(row.fingerprints())))
        .put("detail", verdict.detail())
        .put("createdAt", Times.text(row.createdUs()))
        .put("at", Times.text(nowUs));
    if (!verdict.providerId().isEmpty()) {
      json.put("providerId", verdict.providerId());
    }
    if (!duplicate.isEmpty()) {
      json.put("possibleDuplicate", duplicate);
    }
    if (verdict.nextUs() > 0) {
      json.put("nextAt", Times.text(verdict.nextUs()));
    }
    return json;
  }
}
