package io.vedette.store.erase;

import io.vedette.store.Database;
import io.vedette.store.SqlFailure;
import io.vedette.store.trail.StorageSpace;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Does what erasures left: has tables written anew, then the write-ahead log overwritten. One at a time in all processes. Any thread may call. A table that is being appended to stops the trail while
 * it is written, so it is only done where that takes a moment; else it waits until the table is full. A table that is written anew takes along what an older transaction may still see, so these have
 * to be over before. Whatever could not be done stays noted in the database for the next run.
 */
public final class Purger {
  /** Written anew in about a second, within which the collectors' queues take what comes. */
  private static final long MAX_GROWING_BYTES = 64L << 20;

  private static final Duration GROWING_LIMIT = Duration.ofSeconds(2);
  private static final int GROWING_WAIT_MS = 200;
  private static final int WAIT_MS = 5_000;

  /** Whoever wants a table that is waited for waits behind. These are the tables of analyzer and alerts, whose leases last three seconds, and every act has all of them written anew. */
  private static final int QUOTING_WAIT_MS = 500;

  /** For all tables of a run: transactions are short, and one that is not makes all of them wait. */
  private static final Duration OLDER_WAIT = Duration.ofSeconds(5);

  private static final long OLDER_PAUSE_MS = 20;

  private static final String OTHERS =
      "others read or write one of the tables that may quote records";
  private static final String LOCK_NOT_AVAILABLE = "55P03";
  private static final String CANCELED = "57014";
  private static final String STILL_SEEN = "VD004";

  private final Database database;
  private final StorageSpace space;
  private final long maxGrowingBytes;
  private final Duration olderWait;

  /** What became of the write-ahead log. */
  public enum Wal {
    /** Overwritten. */
    DONE,
    /** The rest is for the next run. */
    MORE,
    /** The server keeps older segments back: for a replica, or until they are archived. */
    KEPT,
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
  private record Rest(String table, long bytes, long missing) {
    /** Not a partition of records: a table that may quote them. */
    boolean quotes() {
      return !table.startsWith("record_");
    }
  }

  /** @param space where the database lies: a table that is written anew needs its size once more */
  public Purger(Database database, StorageSpace space) {
    this(database, space, MAX_GROWING_BYTES, OLDER_WAIT);
  }

  Purger(Database database, StorageSpace space, long maxGrowingBytes, Duration olderWait) {
    this.database = database;
    this.space = space;
    this.maxGrowingBytes = maxGrowingBytes;
    this.olderWait = olderWait;
  }

  /**
   * @param which tables to look at now
   * @param limit for one table
   * @param beginLimit for all of them: after it none is begun
   * @param walSegments at most so many are overwritten, 16 MiB each
   */
  public Future<Report> run(
      Predicate<String> which, Duration limit, Duration beginLimit, int walSegments) {
    return database.dedicated().compose(connection -> connection
        .query("SELECT pg_try_advisory_lock(8315161570)") // given back with the connection
        .execute()
        .compose(rows -> rests(connection, which)
            .compose(rests -> rows.iterator().next().getBoolean(0)
                ? work(connection, rests, limit, beginLimit, walSegments)
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
      PgConnection connection,
      List<Rest> rests,
      Duration limit,
      Duration beginLimit,
      int walSegments) {
    Map<String, String> waiting = new TreeMap<>();
    long startNs = System.nanoTime();
    long giveUpNs = startNs + olderWait.toNanos();
    Future<Void> all = Future.succeededFuture();
    for (Rest rest : rests) {
      all = all.compose(before -> {
            if (System.nanoTime() - startNs >= beginLimit.toNanos()) {
              return Future.succeededFuture(
                  "its turn did not come within " + beginLimit.toSeconds() + " s");
            }
            // A backup reads all of them: to wait for one after the other would stop everybody each
            // time.
            return rest.quotes() && waiting.containsValue(OTHERS)
                ? Future.succeededFuture(OTHERS)
                : purge(connection, rest, limit, giveUpNs);
          })
          .map(why -> {
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
              case "kept" -> Wal.KEPT;
              default -> Wal.FORBIDDEN;
            }));
  }

  /** Answers why it waits, empty when it was done. */
  private Future<String> purge(PgConnection connection, Rest rest, Duration limit, long giveUpNs) {
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
        .compose(done -> rewrite(connection, rest.table(), lockWaitMs(rest), giveUpNs))
        .recover(failure -> switch (SqlFailure.sqlState(failure)) {
          case LOCK_NOT_AVAILABLE ->
            Future.succeededFuture(rest.quotes() ? OTHERS : "others read or write it");
          case CANCELED ->
            Future.succeededFuture(
                growing
                    ? "being appended to, and it took too long"
                    : "it took longer than " + limit.toSeconds() + " s");
          // Of this table alone (dropped meanwhile, for example): the others are not to wait for
          // it.
          default ->
            failure instanceof PgException
                ? Future.succeededFuture("it failed: " + failure.getMessage())
                : Future.failedFuture(failure);
        });
  }

  private static int lockWaitMs(Rest rest) {
    if (rest.missing() > 0) {
      return GROWING_WAIT_MS;
    }
    return rest.quotes() ? QUOTING_WAIT_MS : WAIT_MS;
  }

  /** In a statement of its own each time: its snapshot has to be younger than whatever it waited for. Answers who may still see what was erased, empty when it was done. */
  private Future<String> rewrite(
      PgConnection connection, String table, int lockWaitMs, long giveUpNs) {
    return connection
        .preparedQuery("SELECT vedette.purge_rest($1, $2)")
        .execute(Tuple.of(table, lockWaitMs))
        .map("")
        .recover(failure -> {
          if (!(failure instanceof PgException seen) || !STILL_SEEN.equals(seen.getSqlState())) {
            return Future.failedFuture(failure);
          }
          return System.nanoTime() - giveUpNs >= 0
              ? Future.succeededFuture(seen.getErrorMessage())
              : database
                  .vertx()
                  .timer(OLDER_PAUSE_MS, TimeUnit.MILLISECONDS)
                  .compose(later -> rewrite(connection, table, lockWaitMs, giveUpNs));
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
