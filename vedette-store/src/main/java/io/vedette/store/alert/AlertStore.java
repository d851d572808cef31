package io.vedette.store.alert;

import io.vedette.store.Database;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** What the owner reads to begin and to go on: everything unsettled, and the inbox. */
public final class AlertStore {
  private final Database database;

  public AlertStore(Database database) {
    this.database = database;
  }

  /** Partition to number of the last finding taken. */
  public Future<Map<Integer, Long>> cursors(int trail) {
    return database
        .pool()
        .preparedQuery("SELECT partition, number FROM vedette.alert_cursor WHERE trail = $1")
        .execute(Tuple.of(trail))
        .map(rows -> {
          Map<Integer, Long> cursors = new HashMap<>();
          for (Row row : rows) {
            cursors.put(row.getInteger(0), row.getLong(1));
          }
          return cursors;
        });
  }

  /** Alerts that hold, and resolved ones that some group has still to deal with. */
  public Future<List<AlertRow>> unsettled(int trail) {
    return database
        .pool()
        .preparedQuery(
            "SELECT trail, fingerprint, state, starts_us, ends_us, updated_us, json FROM vedette.alert WHERE trail = $1 AND NOT settled ORDER BY starts_us, fingerprint")
        .execute(Tuple.of(trail))
        .map(AlertReader::rows);
  }

  public Future<List<GroupRow>> groups(int trail) {
    return database
        .pool()
        .preparedQuery(
            "SELECT receiver, key, labels, created_us, flush_us, flushed_us, told FROM vedette.alert_group WHERE trail = $1")
        .execute(Tuple.of(trail))
        .map(rows -> {
          List<GroupRow> found = new ArrayList<>();
          for (Row row : rows) {
            found.add(new GroupRow(
                row.getString(0),
                row.getString(1),
                row.getString(2),
                row.getLong(3),
                row.getLong(4),
                row.getLong(5),
                row.getString(6)));
          }
          return found;
        });
  }

  public Future<List<InboxRow>> inbox(int trail, int limit) {
    return database
        .pool()
        .preparedQuery(
            "SELECT id, at_us, json FROM vedette.alert_inbox WHERE trail = $1 ORDER BY id LIMIT $2")
        .execute(Tuple.of(trail, limit))
        .map(rows -> {
          List<InboxRow> found = new ArrayList<>();
          for (Row row : rows) {
            found.add(new InboxRow(row.getLong(0), row.getLong(1), row.getString(2)));
          }
          return found;
        });
  }

  /** Takes posted alerts in, all or none; false when that would make more than {@code most} wait. */
  public Future<Boolean> post(int trail, long nowUs, List<String> bodies, int most) {
    return database
        .pool()
        .preparedQuery(
            "INSERT INTO vedette.alert_inbox (trail, at_us, json) SELECT $1, $2, b FROM unnest($3::text[]) WITH ORDINALITY AS r (b, o) WHERE (SELECT count(*) FROM (SELECT FROM vedette.alert_inbox i WHERE i.trail = $1 LIMIT $4) AS waiting) + $5 <= $4 ORDER BY o")
        .execute(Tuple.of(trail, nowUs, bodies.toArray(String[]::new))
            .addValue(most)
            .addValue(bodies.size()))
        .map(done -> done.rowCount() == bodies.size());
  }

  /** Number of the newest batch by another appender than this one, 0 without one. The newest batch of all is nearly always that. */
  public Future<Long> newestBatch(int trail, UUID except) {
    return database
        .pool()
        .preparedQuery(
            "SELECT number FROM vedette.trail_batch WHERE trail = $1 AND appender <> $2 ORDER BY number DESC LIMIT 1")
        .execute(Tuple.of(trail, except))
        .map(rows -> rows.size() == 0 ? 0L : rows.iterator().next().getLong(0));
  }

  /** Deletes what is older than {@code beforeUs}, a bounded number of rows per call; answers how many. */
  public Future<Integer> expire(int trail, long beforeUs) {
    Tuple arguments = Tuple.of(trail, beforeUs);
    return delete(
            "DELETE FROM vedette.alert WHERE trail = $1 AND fingerprint IN (SELECT fingerprint FROM vedette.alert WHERE trail = $1 AND settled AND updated_us < $2 LIMIT 1000)",
            arguments)
        .compose(alerts -> delete(
                "DELETE FROM vedette.alert_change WHERE trail = $1 AND n IN (SELECT n FROM vedette.alert_change WHERE trail = $1 AND at_us < $2 ORDER BY at_us LIMIT 1000)",
                arguments)
            .map(changes -> alerts + changes))
        .compose(sum -> delete(
                "DELETE FROM vedette.notification WHERE trail = $1 AND id IN (SELECT id FROM vedette.notification WHERE trail = $1 AND created_us < $2 AND state IN ('sent', 'failed') ORDER BY created_us LIMIT 1000)",
                arguments)
            .map(notifications -> sum + notifications))
        .compose(sum -> delete(
                "DELETE FROM vedette.silence WHERE trail = $1 AND id IN (SELECT id FROM vedette.silence WHERE trail = $1 AND ends_us < $2 ORDER BY ends_us LIMIT 1000)",
                arguments)
            .map(silences -> sum + silences));
  }

  private Future<Integer> delete(String sql, Tuple arguments) {
    return database.pool().preparedQuery(sql).execute(arguments).map(done -> done.rowCount());
  }
}
