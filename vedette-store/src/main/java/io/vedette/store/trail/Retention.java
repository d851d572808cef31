package io.vedette.store.trail;

import io.vedette.model.Outcome;
import io.vedette.model.RecordDraft;
import io.vedette.model.Severity;
import io.vedette.store.Database;
import io.vedette.store.SqlFailure;
import io.vedette.store.trail.AppendOutcome.Appended;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the trail's house: partitions ahead, expired ones dropped, what is kept for a while only deleted. A partition goes in one transaction with the record that names each of its indices: without
 * it the trail would not verify. Several of them do no harm; each step is short, so that appends wait milliseconds.
 */
public final class Retention {
  public static final String KIND = "trail.retention";
  public static final String ACTION = "partition.drop";

  private static final Logger LOG = LoggerFactory.getLogger(Retention.class);
  private static final String LOCK_NOT_AVAILABLE = "55P03";

  /** Ranges a record names: some 100 KB. Classes whose sources alternate with others' need several records. */
  private static final int MAX_RANGES = 5_000;

  private static final long WINDOW = 200_000; // indices per statement: well within its time limit

  private static final String CANDIDATE = """
      SELECT p.n, p.first_index, p.end_index FROM vedette.record_partition p JOIN vedette.trail_head h ON h.trail = p.trail
      WHERE p.trail = $1 AND p.retention_class = $2 AND p.dropped_us IS NULL AND p.end_index <= h.size AND coalesce(p.last_at_us, 0) < $3
      ORDER BY p.n LIMIT 1""";
  private static final String RUNS = """
      SELECT min(index), max(index) FROM (SELECT index, index - row_number() OVER (ORDER BY index) AS run FROM vedette.record
        WHERE trail = $1 AND retention_class = $2 AND index >= $3 AND index < $4) r
      GROUP BY run ORDER BY 1""";

  private final Database database;
  private final Appender appender;
  private final RetentionPolicy policy;

  /** @param droppedPartitions as {@code class/n} */
  public record Report(
      int createdPartitions, List<String> droppedPartitions, long deletedRows, long minIndex) {
    public Report {
      droppedPartitions = List.copyOf(droppedPartitions);
    }
  }

  /** Indices, both inclusive. */
  private record Range(long first, long last) {}

  private record Partition(int trail, int retentionClass, long n, long first, long end) {}

  public Retention(Database database, Appender appender, RetentionPolicy policy) {
    this.database = database;
    this.appender = appender;
    this.policy = policy;
  }

  /** One round, by the database's clock. A partition that readers hold is left for the next one. */
  public Future<Report> run(int trail) {
    List<String> dropped = new ArrayList<>();
    return number("SELECT vedette.create_partitions_ahead($1)::bigint", Tuple.of(trail))
        .compose(created -> number("SELECT vedette.clock_us()", Tuple.tuple())
            .compose(nowUs -> drop(trail, nowUs, dropped).compose(done -> delete(trail, nowUs)))
            .compose(deleted -> number(
                    "SELECT min_index FROM vedette.trail_head WHERE trail = $1", Tuple.of(trail))
                .map(minIndex -> new Report((int) (long) created, dropped, deleted, minIndex))));
  }

  private Future<Void> drop(int trail, long nowUs, List<String> dropped) {
    Future<Void> all = Future.succeededFuture();
    for (Map.Entry<Integer, Duration> kept : new TreeMap<>(policy.records()).entrySet()) {
      if (kept.getKey() != RetentionClasses.ACTS) {
        all = all.compose(before -> dropClass(
            trail, kept.getKey(), kept.getValue(), nowUs - micros(kept.getValue()), dropped));
      }
    }
    return all;
  }

  private Future<Void> dropClass(
      int trail, int retentionClass, Duration keep, long beforeUs, List<String> dropped) {
    return database
        .pool()
        .preparedQuery(CANDIDATE)
        .execute(Tuple.of(trail, (short) retentionClass, beforeUs))
        .compose(rows -> {
          if (rows.size() == 0) {
            return Future.succeededFuture();
          }
          Row row = rows.iterator().next();
          Partition partition =
              new Partition(trail, retentionClass, row.getLong(0), row.getLong(1), row.getLong(2));
          return dropOne(partition, keep, beforeUs).compose(gone -> {
            if (!gone) {
              return Future.succeededFuture();
            }
            dropped.add(retentionClass + "/" + partition.n());
            return dropClass(trail, retentionClass, keep, beforeUs, dropped);
          });
        });
  }

  /** False when it is left for the next round: somebody reads it, or somebody else was faster. */
  private Future<Boolean> dropOne(Partition partition, Duration keep, long beforeUs) {
    return runs(partition, partition.first(), new ArrayList<>())
        .compose(ranges -> database.transaction(
            tx -> within(tx, partition, drafts(partition, ranges, keep, beforeUs), beforeUs)))
        .transform(answer -> {
          if (answer.succeeded()) {
            Appended act = answer.result();
            if (act == null) {
              return Future.succeededFuture(false);
            }
            appender.announce(act.batch());
            LOG.info(
                "records expired, partition dropped trail={} class={} partition={}",
                partition.trail(),
                partition.retentionClass(),
                partition.n());
            return Future.succeededFuture(true);
          }
          if (SqlFailure.sqlState(answer.cause()).equals(LOCK_NOT_AVAILABLE)) {
            LOG.debug(
                "expired partition is being read, left for the next round trail={} class={}",
                partition.trail(),
                partition.retentionClass());
            return Future.succeededFuture(false);
          }
          return Future.failedFuture(answer.cause());
        });
  }

  /** What is in a partition. It is full and so does not grow; what is erased from it meanwhile is named twice, which does no harm. */
  private Future<List<Range>> runs(Partition partition, long from, List<Range> ranges) {
    if (from >= partition.end()) {
      return Future.succeededFuture(ranges);
    }
    long end = Math.min(partition.end(), from + WINDOW);
    return database
        .pool()
        .preparedQuery(RUNS)
        .execute(Tuple.of(partition.trail(), (short) partition.retentionClass(), from, end))
        .compose(rows -> {
          for (Row row : rows) {
            add(ranges, new Range(row.getLong(0), row.getLong(1)));
          }
          return runs(partition, end, ranges);
        });
  }

  private static void add(List<Range> ranges, Range range) {
    int newest = ranges.size() - 1;
    if (newest >= 0 && ranges.get(newest).last() + 1 == range.first()) {
      ranges.set(newest, new Range(ranges.get(newest).first(), range.last()));
    } else {
      ranges.add(range);
    }
  }

  /** At least one record, of a partition that holds nothing any more as well. */
  private static List<RecordDraft> drafts(
      Partition partition, List<Range> ranges, Duration keep, long beforeUs) {
    List<RecordDraft> drafts = new ArrayList<>();
    int at = 0;
    do {
      List<Range> named = ranges.subList(at, Math.min(ranges.size(), at + MAX_RANGES));
      long count =
          named.stream().mapToLong(range -> range.last() - range.first() + 1).sum();
      drafts.add(RecordDraft.builder()
          .kind(KIND)
          .action(ACTION)
          .target("trail " + partition.trail())
          .outcome(Outcome.SUCCESS)
          .severity(Severity.INFO)
          .message((count == 1 ? "1 record" : count + " records") + " expired")
          .attribute("retention_class", partition.retentionClass())
          .attribute("first_index", partition.first())
          .attribute("end_index", partition.end())
          .attribute("kept_hours", keep.toHours())
          .attribute("appended_before", time(beforeUs))
          .attribute(
              "ranges",
              named.stream().map(range -> List.of(range.first(), range.last())).toList())
          .attribute("count", count)
          .build());
      at += MAX_RANGES;
    } while (at < ranges.size());
    return drafts;
  }

  private Future<@Nullable Appended> within(
      SqlConnection tx, Partition partition, List<RecordDraft> drafts, long beforeUs) {
    return tx.preparedQuery("SELECT vedette.drop_expired_partition($1, $2, $3)")
        .execute(Tuple.of(partition.trail(), (short) partition.retentionClass(), beforeUs))
        .compose(rows -> {
          Long n = rows.iterator().next().getLong(0);
          if (n == null) {
            return Future.succeededFuture(); // another process was faster
          }
          return n == partition.n()
              ? appender.appendWithin(tx, partition.trail(), drafts)
              : Future.failedFuture(new IllegalStateException("partition "
                  + partition.retentionClass() + "/" + n + " expired meanwhile (expected: "
                  + partition.n() + ")"));
        });
  }

  private Future<Long> delete(int trail, long nowUs) {
    return number(
            "SELECT vedette.expire($1, $2, $3, $4, $5)::bigint",
            Tuple.of(
                trail,
                nowUs - micros(policy.samples()),
                nowUs - micros(policy.idempotency()),
                nowUs - micros(policy.publications()),
                nowUs - micros(policy.quarantine())))
        .compose(deleted -> deleted == 0
            ? Future.succeededFuture(0L)
            : delete(trail, nowUs).map(more -> deleted + more));
  }

  private Future<Long> number(String sql, Tuple arguments) {
    return database.pool().preparedQuery(sql).execute(arguments).map(rows -> rows.iterator()
        .next()
        .getLong(0));
  }

  private static String time(long us) {
    return Instant.ofEpochSecond(
            Math.floorDiv(us, 1_000_000L), Math.floorMod(us, 1_000_000L) * 1_000)
        .toString();
  }

  private static long micros(Duration duration) {
    return duration.toNanos() / 1_000;
  }
}
