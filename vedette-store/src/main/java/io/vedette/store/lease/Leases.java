package io.vedette.store.lease;

import io.vedette.store.Database;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Leases of a trail. All times are the database's; a lease is worth what {@link #fence} says within the transaction that writes, nothing else. Kinds: {@code partition}, {@code source},
 * {@code integrator}. Any thread may call.
 */
public final class Leases {
  public static final Duration TTL = Duration.ofSeconds(3);

  private static final String COLUMNS = "trail, kind, name, owner, epoch, until_us";

  private final Database database;

  public Leases(Database database) {
    this.database = database;
  }

  /**
   * Takes those that are free, handed over or past their time, and prolongs those the owner has. Answers what it owns now.
   *
   * <p>The epoch is raised unless the owner still held the lease: one that ran out may have been counted as lost by others.
   */
  public Future<List<Lease>> claim(
      int trail, String kind, Collection<String> names, String owner, Duration ttl) {
    if (names.isEmpty()) {
      return Future.succeededFuture(List.of());
    }
    return database
        .pool()
        .preparedQuery("""
            INSERT INTO vedette.lease AS l (trail, kind, name, owner, epoch, until_us)
            SELECT $1, $2, n, $4, 1, vedette.clock_us() + $5 FROM unnest($3::text[]) AS n ORDER BY n
            ON CONFLICT (trail, kind, name) DO UPDATE SET
              epoch = CASE WHEN l.owner = excluded.owner AND l.until_us > vedette.clock_us() THEN l.epoch ELSE l.epoch + 1 END,
              owner = excluded.owner, until_us = excluded.until_us
            WHERE l.owner = excluded.owner OR l.owner = '' OR l.until_us <= vedette.clock_us()
            RETURNING\s""" + COLUMNS)
        .execute(Tuple.of(
            trail, kind, names.stream().distinct().toArray(String[]::new), owner, micros(ttl)))
        .map(Leases::leases);
  }

  /** Prolongs leases that are still held under the same epoch. Answers those; what is missing is lost. */
  public Future<List<Lease>> renew(Collection<Lease> held, Duration ttl) {
    if (held.isEmpty()) {
      return Future.succeededFuture(List.of());
    }
    return database
        .pool()
        .preparedQuery("""
            UPDATE vedette.lease l SET until_us = vedette.clock_us() + $6
            FROM unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::bigint[]) AS h (trail, kind, name, owner, epoch)
            WHERE l.trail = h.trail AND l.kind = h.kind AND l.name = h.name AND l.owner = h.owner AND l.epoch = h.epoch
              AND l.until_us > vedette.clock_us()
            RETURNING l.trail, l.kind, l.name, l.owner, l.epoch, l.until_us""")
        .execute(keys(held).addValue(micros(ttl)))
        .map(Leases::leases);
  }

  /** Gives leases up, to whoever claims them first. Those lost already are left alone. */
  public Future<Void> handOver(Collection<Lease> held) {
    if (held.isEmpty()) {
      return Future.succeededFuture();
    }
    return database.pool().preparedQuery("""
            UPDATE vedette.lease l SET owner = '', until_us = 0
            FROM unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::bigint[]) AS h (trail, kind, name, owner, epoch)
            WHERE l.trail = h.trail AND l.kind = h.kind AND l.name = h.name AND l.owner = h.owner AND l.epoch = h.epoch""").execute(keys(held)).mapEmpty();
  }

  public Future<List<Lease>> list(int trail, String kind) {
    return database
        .pool()
        .preparedQuery("SELECT " + COLUMNS
            + " FROM vedette.lease WHERE trail = $1 AND kind = $2 ORDER BY name")
        .execute(Tuple.of(trail, kind))
        .map(Leases::leases);
  }

  /** As {@link #list}, but only those held by the database's clock now. */
  public Future<List<Lease>> listHeld(int trail, String kind) {
    return database
        .pool()
        .preparedQuery(
            "SELECT " + COLUMNS
                + " FROM vedette.lease WHERE trail = $1 AND kind = $2 AND owner <> '' AND until_us > vedette.clock_us() ORDER BY name")
        .execute(Tuple.of(trail, kind))
        .map(Leases::leases);
  }

  /** Fails the transaction with a {@link LeaseLostException} if one of the leases moved; until it ends, none of them can. */
  public Future<Void> fence(SqlConnection transaction, Collection<Lease> held) {
    if (held.isEmpty()) {
      return Future.succeededFuture();
    }
    return transaction.preparedQuery("""
            SELECT l.name FROM vedette.lease l
            JOIN unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::bigint[]) AS h (trail, kind, name, owner, epoch)
              ON l.trail = h.trail AND l.kind = h.kind AND l.name = h.name AND l.owner = h.owner AND l.epoch = h.epoch
            ORDER BY l.trail, l.kind, l.name FOR SHARE OF l""").execute(keys(held)).map(rows -> {
      if (rows.size() != held.size()) {
        throw new LeaseLostException((held.size() - rows.size()) + " of " + held.size()
            + " leases moved to another owner, for example one of "
            + held.iterator().next());
      }
      return null;
    });
  }

  private static Tuple keys(Collection<Lease> held) {
    return Tuple.tuple()
        .addValue(held.stream().map(Lease::trail).toArray(Integer[]::new))
        .addValue(held.stream().map(Lease::kind).toArray(String[]::new))
        .addValue(held.stream().map(Lease::name).toArray(String[]::new))
        .addValue(held.stream().map(Lease::owner).toArray(String[]::new))
        .addValue(held.stream().map(Lease::epoch).toArray(Long[]::new));
  }

  private static List<Lease> leases(RowSet<Row> rows) {
    List<Lease> leases = new ArrayList<>(rows.size());
    for (Row row : rows) {
      leases.add(new Lease(
          row.getInteger(0),
          row.getString(1),
          row.getString(2),
          row.getString(3),
          row.getLong(4),
          row.getLong(5)));
    }
    return leases;
  }

  private static long micros(Duration duration) {
    return duration.toNanos() / 1_000;
  }
}
