package io.vedette.store.alert;

import io.vedette.store.Database;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads alerts; any service may. Every answer is bounded by its limit. */
public final class AlertReader {
  private static final String COLUMNS =
      "SELECT trail, fingerprint, state, starts_us, ends_us, updated_us, json FROM vedette.alert ";
  private final Database database;

  public AlertReader(Database database) {
    this.database = database;
  }

  /** Alerts that hold (firing or acknowledged), the youngest first. */
  public Future<List<AlertRow>> current(int trail, int limit) {
    return alerts(
        COLUMNS
            + "WHERE trail = $1 AND NOT settled AND state <> 'resolved' ORDER BY starts_us DESC, fingerprint LIMIT $2",
        Tuple.of(trail, limit));
  }

  /** Alerts in any state, the one that changed last first. */
  public Future<List<AlertRow>> recent(int trail, int limit) {
    return alerts(
        COLUMNS + "WHERE trail = $1 ORDER BY updated_us DESC, fingerprint LIMIT $2",
        Tuple.of(trail, limit));
  }

  public Future<Optional<AlertRow>> byFingerprint(int trail, String fingerprint) {
    return alerts(COLUMNS + "WHERE trail = $1 AND fingerprint = $2", Tuple.of(trail, fingerprint))
        .map(rows -> rows.stream().findFirst());
  }

  /** What happened to an alert, the newest first; {@code before} is the {@code n} to go on from, {@link Long#MAX_VALUE} to begin. */
  public Future<List<AlertChangeRow>> history(
      int trail, String fingerprint, long before, int limit) {
    return database
        .pool()
        .preparedQuery(
            "SELECT trail, n, fingerprint, kind, actor, at_us, json FROM vedette.alert_change WHERE trail = $1 AND fingerprint = $2 AND n < $3 ORDER BY n DESC LIMIT $4")
        .execute(Tuple.of(trail, fingerprint, before, limit))
        .map(rows -> {
          List<AlertChangeRow> found = new ArrayList<>();
          for (Row row : rows) {
            found.add(new AlertChangeRow(
                row.getInteger(0),
                row.getLong(1),
                row.getString(2),
                row.getString(3),
                row.getString(4),
                row.getLong(5),
                row.getString(6)));
          }
          return found;
        });
  }

  private Future<List<AlertRow>> alerts(String sql, Tuple arguments) {
    return database.pool().preparedQuery(sql).execute(arguments).map(AlertReader::rows);
  }

  static List<AlertRow> rows(RowSet<Row> rows) {
    List<AlertRow> found = new ArrayList<>();
    for (Row row : rows) {
      found.add(new AlertRow(
          row.getInteger(0),
          row.getString(1),
          row.getString(2),
          row.getLong(3),
          row.getLong(4),
          row.getLong(5),
          row.getString(6)));
    }
    return found;
  }
}
