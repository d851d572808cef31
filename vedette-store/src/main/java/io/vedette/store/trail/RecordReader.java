package io.vedette.store.trail;

import io.vedette.store.Database;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;

/**
 * Records by index and by event time, in pages: at most 1,000 records and 8 MiB, but at least one. Erased and expired ones are left out. Any thread may call.
 */
public final class RecordReader {
  public static final int MAX_PAGE = 1_000;
  private static final long MAX_PAGE_BYTES = 8L * 1024 * 1024;

  private static final String PAGE = """
      SELECT index, canonical, salt, time_us, retention_class,
        (SELECT b.number FROM vedette.trail_batch b WHERE b.trail = $1 AND b.first_index <= w.index
          ORDER BY b.first_index DESC, b.number DESC LIMIT 1) AS batch
      FROM (SELECT i.*, sum(octet_length(i.canonical)) OVER (ORDER BY i.index %1$s) - octet_length(i.canonical) AS before
        FROM (SELECT index, canonical, salt, time_us, retention_class FROM vedette.record r
          WHERE %2$s ORDER BY index %1$s LIMIT %3$s) i) w
      WHERE before < %4$s ORDER BY index %1$s""";

  private static final String BY_INDEX =
      PAGE.formatted("ASC", "trail = $1 AND index >= $2 AND index < $3", "$4", "" + MAX_PAGE_BYTES);
  private static final String NEWEST =
      PAGE.formatted("DESC", "trail = $1 AND index < $2", "$3", "" + MAX_PAGE_BYTES);
  private static final String BY_TIME = PAGE.formatted(
      "ASC",
      "trail = $1 AND index >= $2 AND index < $3 AND retention_class = ANY($4) AND time_us >= $5 AND time_us < $6",
      "$7",
      "$8");

  /** Where such records can be: partitions by their bounds, cut to the batches of such times. Those that follow each other with the same classes are one run. */
  private static final String RUNS_OF_TIME = """
      SELECT greatest(min(first_index), $4), max(end_index), classes
      FROM (SELECT n, first_index, end_index, classes, n - row_number() OVER (PARTITION BY classes ORDER BY n) AS run
        FROM (SELECT p.n, greatest(p.first_index, b.first_index) AS first_index, least(p.end_index, b.end_index) AS end_index,
            array_agg(p.retention_class ORDER BY p.retention_class) AS classes
          FROM vedette.record_partition p,
            (SELECT min(first_index) AS first_index, max(first_index + count) AS end_index FROM vedette.trail_batch
              WHERE trail = $1 AND last_time_us >= $2 AND first_time_us < $3 AND first_index + count > $4) b
          WHERE p.trail = $1 AND p.dropped_us IS NULL AND p.last_time_us >= $2 AND p.first_time_us < $3
            AND p.end_index > greatest(b.first_index, $4) AND p.first_index < b.end_index
          GROUP BY 1, 2, 3) o) r
      GROUP BY classes, run ORDER BY min(n)""";

  private final Database database;

  public RecordReader(Database database) {
    this.database = database;
  }

  /** Records from an index on, in order. */
  public Future<List<StoredRecord>> byIndex(int trail, long from, int limit) {
    return byIndex(trail, from, Long.MAX_VALUE, limit);
  }

  /** Records from an index on, below another, in order. */
  public Future<List<StoredRecord>> byIndex(int trail, long from, long end, int limit) {
    return page(BY_INDEX, Tuple.of(trail, from, end, bounded(limit)));
  }

  /** The newest records below an index ({@code Long.MAX_VALUE}: of all), newest first. */
  public Future<List<StoredRecord>> newest(int trail, long beforeIndex, int limit) {
    return page(NEWEST, Tuple.of(trail, beforeIndex, bounded(limit)));
  }

  /**
   * Records whose event time lies in a range, in index order, from an index on: continue with the last one's index + 1. Opens only partitions whose bounds of event times meet the range, and of
   * these no more than fill the page.
   */
  public Future<List<StoredRecord>> byTime(
      int trail, long fromUs, long endUs, long fromIndex, int limit) {
    return database
        .pool()
        .preparedQuery(RUNS_OF_TIME)
        .execute(Tuple.of(trail, fromUs, endUs, fromIndex))
        .compose(rows -> {
          List<Run> runs = new ArrayList<>(rows.size());
          for (Row row : rows) {
            runs.add(new Run(row.getLong(0), row.getLong(1), row.getArrayOfShorts(2)));
          }
          return new Page(trail, fromUs, endUs, runs, bounded(limit)).filled();
        });
  }

  /** Indices, and the retention classes to look for them in. */
  private record Run(long first, long end, Short[] classes) {}

  /** A page by time while it is gathered, one run after the other. */
  private final class Page {
    private final int trail;
    private final long fromUs;
    private final long endUs;
    private final List<Run> runs;
    private final int limit;
    private final List<StoredRecord> found = new ArrayList<>();
    private long bytes;
    private int next;

    Page(int trail, long fromUs, long endUs, List<Run> runs, int limit) {
      this.trail = trail;
      this.fromUs = fromUs;
      this.endUs = endUs;
      this.runs = runs;
      this.limit = limit;
    }

    Future<List<StoredRecord>> filled() {
      if (next == runs.size() || found.size() == limit || bytes >= MAX_PAGE_BYTES) {
        return Future.succeededFuture(found);
      }
      Run run = runs.get(next++);
      return page(
              BY_TIME,
              Tuple.of(
                  trail,
                  run.first(),
                  run.end(),
                  run.classes(),
                  fromUs,
                  endUs,
                  limit - found.size(),
                  MAX_PAGE_BYTES - bytes))
          .compose(more -> {
            found.addAll(more);
            bytes +=
                more.stream().mapToLong(record -> record.canonical().length).sum();
            return filled();
          });
    }
  }

  private static int bounded(int limit) {
    return Math.max(1, Math.min(MAX_PAGE, limit));
  }

  private Future<List<StoredRecord>> page(String sql, Tuple arguments) {
    return database.pool().preparedQuery(sql).execute(arguments).map(RecordReader::records);
  }

  private static List<StoredRecord> records(RowSet<Row> rows) {
    List<StoredRecord> records = new ArrayList<>(rows.size());
    for (Row row : rows) {
      records.add(new StoredRecord(
          row.getLong(0),
          row.getBuffer(1).getBytes(),
          row.getBuffer(2).getBytes(),
          row.getLong(3),
          row.getShort(4),
          row.getLong(5)));
    }
    return records;
  }
}
