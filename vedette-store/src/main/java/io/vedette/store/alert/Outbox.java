package io.vedette.store.alert;

import io.vedette.store.Database;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The moves of a notification's row. Every move names the attempt it belongs to and changes nothing when the row has moved on: false then. Written only by the holder of the lease.
 */
public final class Outbox {
  private final Database database;

  public Outbox(Database database) {
    this.database = database;
  }

  /**
   * Notifications whose turn has come. One that has an older one of the same group before it on its way to the same integration waits, so that what a receiver hears is in order.
   *
   * @param full {@code receiver/integration} of those that take no more now
   */
  public Future<List<NotificationRow>> due(
      int trail, long nowUs, Collection<String> full, int limit) {
    return database
        .pool()
        .preparedQuery(
            NotificationReader.COLUMNS
                + "n WHERE trail = $1 AND state = 'pending' AND next_us <= $2 AND receiver || '/' || integration <> ALL ($3) AND NOT EXISTS (SELECT FROM vedette.notification o WHERE o.trail = n.trail AND o.state IN ('pending', 'sending') AND o.receiver = n.receiver AND o.integration = n.integration AND o.group_key = n.group_key AND (o.created_us, o.id) < (n.created_us, n.id)) ORDER BY next_us, created_us, id LIMIT $4")
        .execute(Tuple.of(trail, nowUs, full.toArray(String[]::new), limit))
        .map(NotificationReader::rows);
  }

  /** Notifications that some owner began to send and of which nobody knows the outcome. */
  public Future<List<NotificationRow>> sending(int trail) {
    return database
        .pool()
        .preparedQuery(NotificationReader.COLUMNS
            + "WHERE trail = $1 AND state = 'sending' ORDER BY created_us, id")
        .execute(Tuple.of(trail))
        .map(NotificationReader::rows);
  }

  /** How many wait per receiver and integration, as {@code receiver/integration}. */
  public Future<Map<String, Integer>> waiting(int trail) {
    return database
        .pool()
        .preparedQuery(
            "SELECT receiver || '/' || integration, count(*)::integer FROM vedette.notification WHERE trail = $1 AND state IN ('pending', 'sending') GROUP BY 1")
        .execute(Tuple.of(trail))
        .map(rows -> {
          Map<String, Integer> waiting = new HashMap<>();
          rows.forEach(row -> waiting.put(row.getString(0), row.getInteger(1)));
          return waiting;
        });
  }

  /** pending -> sending, as attempt {@code attempt + 1}. */
  public static Future<Boolean> begin(SqlClient tx, NotificationRow row, long nowUs) {
    return moved(
        tx,
        "UPDATE vedette.notification SET state = 'sending', attempt = attempt + 1, updated_us = $4 WHERE trail = $1 AND id = $2 AND attempt = $3 AND state = 'pending'",
        Tuple.of(row.trail(), row.id(), row.attempt(), nowUs));
  }

  /** sending -> sent. Also when a new owner has put it back and not begun yet: then it need not be sent again. */
  public static Future<Boolean> sent(
      SqlClient tx,
      int trail,
      String id,
      int attempt,
      String detail,
      String providerId,
      long nowUs) {
    return moved(
        tx,
        "UPDATE vedette.notification SET state = 'sent', detail = $4, provider_id = $5, updated_us = $6 WHERE trail = $1 AND id = $2 AND attempt = $3 AND state IN ('sending', 'pending')",
        Tuple.of(trail, id, attempt, detail, providerId, nowUs));
  }

  /** sending -> pending, to be tried at {@code nextUs}. {@code duplicate} says why the next attempt may be a second message; empty when it cannot be. */
  public static Future<Boolean> again(
      SqlClient tx,
      int trail,
      String id,
      int attempt,
      String detail,
      String duplicate,
      long nextUs,
      long nowUs) {
    return moved(
        tx,
        "UPDATE vedette.notification SET state = 'pending', detail = $4, duplicate = CASE WHEN $5 = '' THEN duplicate ELSE $5 END, next_us = $6, updated_us = $7 WHERE trail = $1 AND id = $2 AND attempt = $3 AND state = 'sending'",
        Tuple.of(trail, id, attempt, detail, duplicate, nextUs).addValue(nowUs));
  }

  /** sending or pending -> failed: it will not be tried again. */
  public static Future<Boolean> failed(
      SqlClient tx, int trail, String id, int attempt, String detail, long nowUs) {
    return moved(
        tx,
        "UPDATE vedette.notification SET state = 'failed', detail = $4, updated_us = $5 WHERE trail = $1 AND id = $2 AND attempt = $3 AND state IN ('pending', 'sending')",
        Tuple.of(trail, id, attempt, detail, nowUs));
  }

  private static Future<Boolean> moved(SqlClient tx, String sql, Tuple arguments) {
    return tx.preparedQuery(sql).execute(arguments).map(done -> done.rowCount() == 1);
  }
}
