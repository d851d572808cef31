package io.vedette.store.erase;

import io.vedette.store.Database;
import io.vedette.store.SqlFailure;
import io.vedette.store.trail.StorageSpace;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Does what erasures left: has tables written anew, then the write-ahead log overwritten. One at a time in all processes. Any thread may call. A table that is being appended to stops the trail while
 * it is written, so it is only done where that takes a moment; else it waits until the table is full. Whatever could not be done stays noted in the database for the next run.
 */
public final class Purger {
  /** Written anew in about a second, within which the collectors' queues take what comes. */
  private static final long MAX_GROWING_BYTES = 64L << 20;

  private static final Duration GROWING_LIMIT = Duration.ofSeconds(2);
  private static final int GROWING_WAIT_MS = 200;
  private static final int WAIT_MS = 5_000;

  private static final String LOCK_NOT_AVAILABLE = "55P03";
  private static final String CANCELED = "57014";

  private final Database database;
  private final StorageSpace space;
  private final long maxGrowingBytes;

  /** What became of the write-ahead log. */
  public enum Wal {
    /** Overwritten. */
    DONE,
    /** The rest is for the next run. */
    MORE,
    /** The schema's owner may not. */
    FORBIDDEN
  }

  /** @param waiting tables that are still to be written anew, with the reason */
  public record Report(Map<String, String> waiting, Wal wal) {
    public Report {
      waiting = Map.copyOf(waiting);
    }
  }

  /** @param missing records until it is full, 0 where nothing is appended any more */
  private record Rest(String table, long bytes, long missing) {}

  /** @param space where the database lies: a table that is written anew needs its size once more */
  public Purger(Database database, StorageSpace space) {
    this(database, space, MAX_GROWING_BYTES);
  }

  Purger(Database database, StorageSpace space, long maxGrowingBytes) {
    this.database = database;
    this.space = space;
    this.maxGrowingBytes = maxGrowingBytes;
  }

  /**
   * @param which tables to look at now
   * @param limit for one table
   * @param walSegments at most so many are overwritten, 16 MiB each
   */
  public Future<Report> run(Predicate<String> which, Duration limit, int walSegments) {
    return database.dedicated().compose(connection -> connection
        .query("SELECT pg_try_advisory_lock(8315161570)") // given back with the connection
        .execute()
        .compose(rows -> rests(connection, which)
            .compose(rests -> rows.iterator().next().getBoolean(0)
                ? work(connection, rests, limit, walSegments)
                : Future.succeededFuture(busy(rests))))
        .eventually(connection::close));
  }

  private static Report busy(List<Rest> rests) {
    Map<String, String> waiting = new TreeMap<>();
    rests.forEach(
        rest -> waiting.put(rest.table(), "another process is writing tables anew just now"));
    return new Report(waiting, Wal.MORE);
  }

  private static Future<List<Rest>> rests(PgConnection connection, Predicate<String> which) {
    return connection
        .query("SELECT place, bytes, missing FROM vedette.erasure_rests()")
        .execute()
        .map(rows -> {
          List<Rest> rests = new ArrayList<>();
          for (Row row : rows) {
            if (which.test(row.getString(0))) {
              rests.add(new Rest(row.getString(0), row.getLong(1), row.getLong(2)));
            }
          }
          return rests;
        });
  }

  private Future<Report> work(
      PgConnection connection, List<Rest> rests, Duration limit, int walSegments) {
    Map<String, String> waiting = new TreeMap<>();
    Future<Void> all = Future.succeededFuture();
    for (Rest rest : rests) {
      all = all.compose(before -> purge(connection, rest, limit)).map(why -> {
        if (!why.isEmpty()) {
          waiting.put(rest.table(), why);
        }
        return null;
      });
    }
    return all.compose(done -> limit(connection, limit))
        .compose(done -> connection
            .preparedQuery("SELECT vedette.forget_wal($1)")
            .execute(Tuple.of(walSegments)))
        .map(rows -> new Report(
            waiting,
            switch (rows.iterator().next().getString(0)) {
              case "done" -> Wal.DONE;
              case "more" -> Wal.MORE;
              default -> Wal.FORBIDDEN;
            }));
  }

  /** Answers why it waits, empty when it was done. */
  private Future<String> purge(PgConnection connection, Rest rest, Duration limit) {
    boolean growing = rest.missing() > 0;
    if (growing && rest.bytes() > maxGrowingBytes) {
      return Future.succeededFuture("being appended to, and written anew once it is full: "
          + rest.missing() + " records to go");
    }
    String full = noRoom(rest);
    if (full != null) {
      return Future.succeededFuture(full);
    }
    return limit(connection, growing ? GROWING_LIMIT : limit)
        .compose(done -> connection
            .preparedQuery("SELECT vedette.purge_rest($1, $2)")
            .execute(Tuple.of(rest.table(), growing ? GROWING_WAIT_MS : WAIT_MS)))
        .map("")
        .recover(failure -> switch (SqlFailure.sqlState(failure)) {
          case LOCK_NOT_AVAILABLE -> Future.succeededFuture("others read or write it");
          case CANCELED ->
            Future.succeededFuture(
                growing
                    ? "being appended to, and it took too long"
                    : "it took longer than " + limit.toSeconds() + " s");
          default -> Future.failedFuture(failure);
        });
  }

  private @Nullable String noRoom(Rest rest) {
    try {
      long free = space.read().freeBytes() - space.minFreeBytes();
      return rest.bytes() > free
          ? "it needs " + rest.bytes()
              + " bytes of disk for a moment (free above storage.min-free: " + Math.max(0, free)
              + ")"
          : null;
    } catch (IOException unknown) {
      return "the free disk cannot be asked: " + unknown;
    }
  }

  /** For this session alone, whatever the pool's limit is. */
  private static Future<Void> limit(PgConnection connection, Duration limit) {
    return connection
        .query("SET statement_timeout = " + limit.toMillis())
        .execute()
        .mapEmpty();
  }
}
