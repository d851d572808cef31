package io.vedette.store.alert;

import io.vedette.store.Database;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads notifications: who was told what, when, and what became of it. Any service may. */
public final class NotificationReader {
  static final String COLUMNS =
      "SELECT trail, id, receiver, integration, group_key, reason, state, attempt, next_us, created_us, updated_us, duplicate, detail, provider_id, fingerprints, notice FROM vedette.notification ";
  private final Database database;

  public NotificationReader(Database database) {
    this.database = database;
  }

  /** The newest first; {@code beforeUs} is the creation time to go on from, {@link Long#MAX_VALUE} to begin. */
  public Future<List<NotificationRow>> newest(int trail, long beforeUs, int limit) {
    return read(
        "WHERE trail = $1 AND created_us < $2 ORDER BY created_us DESC, id LIMIT $3",
        Tuple.of(trail, beforeUs, limit));
  }

  /** Notifications that spoke of an alert, the newest first. */
  public Future<List<NotificationRow>> about(int trail, String fingerprint, int limit) {
    return read(
        "WHERE trail = $1 AND fingerprints @> $2 ORDER BY created_us DESC, id LIMIT $3",
        Tuple.of(trail, new String[] {fingerprint}, limit));
  }

  public Future<Optional<NotificationRow>> byId(int trail, String id) {
    return read("WHERE trail = $1 AND id = $2", Tuple.of(trail, id))
        .map(rows -> rows.stream().findFirst());
  }

  private Future<List<NotificationRow>> read(String where, Tuple arguments) {
    return database
        .pool()
        .preparedQuery(COLUMNS + where)
        .execute(arguments)
        .map(NotificationReader::rows);
  }

  static List<NotificationRow> rows(RowSet<Row> rows) {
    List<NotificationRow> found = new ArrayList<>();
    for (Row row : rows) {
      found.add(new NotificationRow(
          row.getInteger(0),
          row.getString(1),
          row.getString(2),
          row.getString(3),
          row.getString(4),
          row.getString(5),
          row.getString(6),
          row.getInteger(7),
          row.getLong(8),
          row.getLong(9),
          row.getLong(10),
          row.getString(11),
          row.getString(12),
          row.getString(13),
          List.of(row.getArrayOfStrings(14)),
          row.getString(15)));
    }
    return found;
  }
}
