package io.vedette.alert;

import io.vedette.alert.lifecycle.Alert;
import io.vedette.alert.lifecycle.Change;
import io.vedette.alert.lifecycle.CursorStep;
import io.vedette.alert.notify.Changes;
import io.vedette.alert.notify.Outgoing;
import io.vedette.alert.route.GroupId;
import io.vedette.alert.wire.AlertJson;
import io.vedette.alert.wire.GroupJson;
import io.vedette.alert.wire.NoticeJson;
import io.vedette.alert.wire.SilenceJson;
import io.vedette.model.Batch;
import io.vedette.model.Publication;
import io.vedette.model.RecordDraft;
import io.vedette.store.alert.AlertChangeRow;
import io.vedette.store.alert.AlertRow;
import io.vedette.store.alert.AlertWriter;
import io.vedette.store.alert.GroupRow;
import io.vedette.store.alert.NotificationRow;
import io.vedette.store.alert.SilenceRow;
import io.vedette.store.lease.Lease;
import io.vedette.store.trail.AppendOutcome.Appended;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes one step's changes, all or nothing: fence, cursors, alerts, groups, silences, outbox, publications, and last the trail. */
final class StepWriter {
  /** What a committed step has to announce on the bus. */
  record Written(@Nullable Batch batch, List<Publication> publications, long bytes) {}

  static final String TOPIC = "alerts";

  private final Stores stores;
  private final Lease lease;

  StepWriter(Stores stores, Lease lease) {
    this.stores = stores;
    this.lease = lease;
  }

  Future<Written> write(Changes changes, List<Long> inbox, long nowUs) {
    return stores.database().transaction(tx -> within(tx, changes, inbox, nowUs));
  }

  private Future<Written> within(SqlConnection tx, Changes changes, List<Long> inbox, long nowUs) {
    int trail = lease.trail();
    List<GroupRow> groups = changes.groups().stream().map(GroupJson::encode).toList();
    List<SilenceRow> silences = changes.silences().stream()
        .map(change -> SilenceJson.encode(trail, change.silence()))
        .toList();
    List<String> goneReceivers =
        changes.goneGroups().stream().map(GroupId::receiver).toList();
    List<String> goneKeys = changes.goneGroups().stream().map(GroupId::key).toList();
    return stores
        .leases()
        .fence(tx, List.of(lease))
        .compose(fenced -> cursors(tx, trail, changes.cursors()))
        .compose(moved -> AlertWriter.removeInbox(tx, trail, inbox))
        .compose(taken -> AlertWriter.alerts(tx, trail, rows(trail, changes.alerts())))
        .compose(saved -> AlertWriter.settle(tx, trail, changes.settled()))
        .compose(settled -> AlertWriter.removeGroups(tx, trail, goneReceivers, goneKeys))
        .compose(removed -> AlertWriter.groups(tx, trail, groups))
        .compose(saved -> AlertWriter.silences(tx, trail, latest(silences)))
        .compose(saved -> AlertWriter.outbox(tx, outbox(trail, changes.outbox())))
        .compose(queued -> publish(tx, trail, changes.alerts()))
        .compose(publications -> AlertWriter.changes(
                tx, trail, history(changes.alerts(), publications, nowUs))
            .compose(kept -> append(tx, trail, Drafts.of(changes, nowUs)))
            .map(batch -> new Written(batch, publications, bytes(publications))));
  }

  private static Future<Void> cursors(SqlConnection tx, int trail, List<CursorStep> steps) {
    Future<Void> done = Future.succeededFuture();
    for (CursorStep step : steps) {
      done = done.compose(
          before -> AlertWriter.moveCursor(tx, trail, step.partition(), step.from(), step.to()));
    }
    return done;
  }

  private Future<List<Publication>> publish(SqlConnection tx, int trail, List<Change> changes) {
    Future<List<Publication>> done = Future.succeededFuture(new ArrayList<>());
    for (Change change : changes) {
      byte[] json = AlertJson.encode(change.alert()).toBuffer().getBytes();
      done = done.compose(all -> stores
          .publications()
          .publish(tx, trail, TOPIC, json, change.alert().stamps())
          .map(publication -> {
            all.add(publication);
            return all;
          }));
    }
    return done;
  }

  private Future<@Nullable Batch> append(SqlConnection tx, int trail, List<RecordDraft> drafts) {
    return drafts.isEmpty()
        ? Future.succeededFuture()
        : stores.appender().appendWithin(tx, trail, drafts).map(Appended::batch);
  }

  /** One row per alert: its last change. */
  private static List<AlertRow> rows(int trail, List<Change> changes) {
    Map<String, AlertRow> rows = new LinkedHashMap<>();
    for (Change change : changes) {
      Alert alert = change.alert();
      rows.put(
          alert.fingerprint(),
          new AlertRow(
              trail,
              alert.fingerprint(),
              alert.state().text(),
              alert.startsUs(),
              alert.endsUs(),
              alert.updatedUs(),
              AlertJson.encode(alert).encode()));
    }
    return List.copyOf(rows.values());
  }

  private static List<SilenceRow> latest(List<SilenceRow> all) {
    Map<String, SilenceRow> rows = new LinkedHashMap<>();
    all.forEach(row -> rows.put(row.id(), row));
    return List.copyOf(rows.values());
  }

  private static List<AlertChangeRow> history(
      List<Change> changes, List<Publication> publications, long nowUs) {
    List<AlertChangeRow> rows = new ArrayList<>();
    for (int i = 0; i < publications.size(); i++) {
      Change change = changes.get(i);
      Publication publication = publications.get(i);
      rows.add(new AlertChangeRow(
          publication.trail(),
          publication.offset(),
          change.alert().fingerprint(),
          change.kind().text(),
          change.actor(),
          nowUs,
          publication.text()));
    }
    return rows;
  }

  private static List<NotificationRow> outbox(int trail, List<Outgoing> all) {
    List<NotificationRow> rows = new ArrayList<>();
    for (Outgoing one : all) {
      JsonObject notice = NoticeJson.encode(one.notice());
      rows.add(new NotificationRow(
          trail,
          one.id(),
          one.receiver(),
          one.integration(),
          one.notice().group().key(),
          one.notice().reason().text(),
          "pending",
          0,
          one.createdUs(),
          one.createdUs(),
          one.createdUs(),
          "",
          "",
          "",
          one.notice().alerts().stream().map(Alert::fingerprint).toList(),
          notice.encode()));
    }
    return rows;
  }

  private static long bytes(List<Publication> publications) {
    return publications.stream()
        .mapToLong(publication -> publication.json().length)
        .sum();
  }
}
