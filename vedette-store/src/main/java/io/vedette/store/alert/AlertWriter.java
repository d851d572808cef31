package io.vedette.store.alert;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;

/** Writes alerts and their neighbours inside the caller's transaction, which must have checked its lease. Each method is one round trip, none when there is nothing to write. */
public final class AlertWriter {
  private AlertWriter() {}

  /** Fails when the row does not stand at {@code from}: somebody else has moved it. */
  public static Future<Void> moveCursor(
      SqlClient tx, int trail, int partition, long from, long to) {
    return tx.preparedQuery(
            "INSERT INTO vedette.alert_cursor AS c (trail, partition, number) SELECT $1, $2, $4 WHERE $3 = 0 OR EXISTS (SELECT FROM vedette.alert_cursor o WHERE o.trail = $1 AND o.partition = $2) ON CONFLICT (trail, partition) DO UPDATE SET number = excluded.number WHERE c.number = $3")
        .execute(Tuple.of(trail, partition, from, to))
        .compose(done -> done.rowCount() == 1
            ? Future.succeededFuture()
            : Future.failedFuture(new IllegalStateException("findings cursor of partition "
                + partition + " does not stand at " + from + " (another alert service moved it)")));
  }

  /** Inserts or replaces; a row that is written is unsettled. */
  public static Future<Void> alerts(SqlClient tx, int trail, Collection<AlertRow> rows) {
    return write(
        tx,
        rows,
        "INSERT INTO vedette.alert (trail, fingerprint, state, starts_us, ends_us, updated_us, settled, json) SELECT $1, r.f, r.s, r.b, r.e, r.u, false, r.j FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[]) AS r (f, s, b, e, u, j) ON CONFLICT (trail, fingerprint) DO UPDATE SET state = excluded.state, starts_us = excluded.starts_us, ends_us = excluded.ends_us, updated_us = excluded.updated_us, settled = false, json = excluded.json",
        Tuple.of(trail)
            .addValue(texts(rows, AlertRow::fingerprint))
            .addValue(texts(rows, AlertRow::state))
            .addValue(longs(rows, AlertRow::startsUs))
            .addValue(longs(rows, AlertRow::endsUs))
            .addValue(longs(rows, AlertRow::updatedUs))
            .addValue(texts(rows, AlertRow::json)));
  }

  public static Future<Void> settle(SqlClient tx, int trail, Collection<String> fingerprints) {
    return write(
        tx,
        fingerprints,
        "UPDATE vedette.alert SET settled = true WHERE trail = $1 AND fingerprint = ANY ($2) AND state = 'resolved'",
        Tuple.of(trail).addValue(fingerprints.toArray(String[]::new)));
  }

  public static Future<Void> changes(SqlClient tx, int trail, Collection<AlertChangeRow> rows) {
    return write(
        tx,
        rows,
        "INSERT INTO vedette.alert_change (trail, n, fingerprint, kind, actor, at_us, json) SELECT $1, r.n, r.f, r.k, r.a, r.t, r.j FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[]) AS r (n, f, k, a, t, j)",
        Tuple.of(trail)
            .addValue(longs(rows, AlertChangeRow::n))
            .addValue(texts(rows, AlertChangeRow::fingerprint))
            .addValue(texts(rows, AlertChangeRow::kind))
            .addValue(texts(rows, AlertChangeRow::actor))
            .addValue(longs(rows, AlertChangeRow::atUs))
            .addValue(texts(rows, AlertChangeRow::json)));
  }

  public static Future<Void> groups(SqlClient tx, int trail, Collection<GroupRow> rows) {
    return write(
        tx,
        rows,
        "INSERT INTO vedette.alert_group (trail, receiver, key, labels, created_us, flush_us, flushed_us, told) SELECT $1, r.r, r.k, r.l, r.c, r.f, r.d, r.t FROM unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::text[]) AS r (r, k, l, c, f, d, t) ON CONFLICT (trail, receiver, key) DO UPDATE SET labels = excluded.labels, created_us = excluded.created_us, flush_us = excluded.flush_us, flushed_us = excluded.flushed_us, told = excluded.told",
        Tuple.of(trail)
            .addValue(texts(rows, GroupRow::receiver))
            .addValue(texts(rows, GroupRow::key))
            .addValue(texts(rows, GroupRow::labels))
            .addValue(longs(rows, GroupRow::createdUs))
            .addValue(longs(rows, GroupRow::flushUs))
            .addValue(longs(rows, GroupRow::flushedUs))
            .addValue(texts(rows, GroupRow::told)));
  }

  /** {@code receivers} and {@code keys} belong together by place. */
  public static Future<Void> removeGroups(
      SqlClient tx, int trail, List<String> receivers, List<String> keys) {
    return write(
        tx,
        keys,
        "DELETE FROM vedette.alert_group g USING unnest($2::text[], $3::text[]) AS r (r, k) WHERE g.trail = $1 AND g.receiver = r.r AND g.key = r.k",
        Tuple.of(trail, receivers.toArray(String[]::new), keys.toArray(String[]::new)));
  }

  public static Future<Void> silences(SqlClient tx, int trail, Collection<SilenceRow> rows) {
    return write(
        tx,
        rows,
        "INSERT INTO vedette.silence (trail, id, starts_us, ends_us, updated_us, json) SELECT $1, r.i, r.s, r.e, r.u, r.j FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[]) AS r (i, s, e, u, j) ON CONFLICT (trail, id) DO UPDATE SET starts_us = excluded.starts_us, ends_us = excluded.ends_us, updated_us = excluded.updated_us, json = excluded.json",
        Tuple.of(trail)
            .addValue(texts(rows, SilenceRow::id))
            .addValue(longs(rows, SilenceRow::startsUs))
            .addValue(longs(rows, SilenceRow::endsUs))
            .addValue(longs(rows, SilenceRow::updatedUs))
            .addValue(texts(rows, SilenceRow::json)));
  }

  public static Future<Void> removeInbox(SqlClient tx, int trail, Collection<Long> ids) {
    return write(
        tx,
        ids,
        "DELETE FROM vedette.alert_inbox WHERE trail = $1 AND id = ANY ($2)",
        Tuple.of(trail).addValue(ids.toArray(Long[]::new)));
  }

  /** A row of the outbox per notification, to be sent at once. */
  public static Future<Void> outbox(SqlClient tx, Collection<NotificationRow> rows) {
    if (rows.isEmpty()) {
      return Future.succeededFuture();
    }
    List<Tuple> batch = rows.stream()
        .map(row -> Tuple.of(row.trail(), row.id())
            .addValue(row.receiver())
            .addValue(row.integration())
            .addValue(row.groupKey())
            .addValue(row.reason())
            .addValue(row.createdUs())
            .addValue(row.fingerprints().toArray(String[]::new))
            .addValue(row.notice()))
        .toList();
    return tx.preparedQuery(
            "INSERT INTO vedette.notification (trail, id, receiver, integration, group_key, reason, state, next_us, created_us, updated_us, fingerprints, notice) VALUES ($1, $2, $3, $4, $5, $6, 'pending', $7, $7, $7, $8, $9)")
        .executeBatch(batch)
        .mapEmpty();
  }

  private static Future<Void> write(SqlClient tx, Collection<?> rows, String sql, Tuple arguments) {
    return rows.isEmpty()
        ? Future.succeededFuture()
        : tx.preparedQuery(sql).execute(arguments).mapEmpty();
  }

  private static <T> String[] texts(Collection<T> rows, Function<T, String> part) {
    return rows.stream().map(part).toArray(String[]::new);
  }

  private static <T> Long[] longs(Collection<T> rows, Function<T, Long> part) {
    return rows.stream().map(part).toArray(Long[]::new);
  }
}
