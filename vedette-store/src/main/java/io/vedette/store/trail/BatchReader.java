package io.vedette.store.trail;

import io.vedette.model.Batch;
import io.vedette.model.Stamps;
import io.vedette.model.TrailHead;
import io.vedette.store.Database;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Batches by number, with their payload whatever its size. Any thread may call; a call holds no snapshot beyond its statements. */
public final class BatchReader {
  private static final byte[] NONE = {};
  private static final int MAX_BATCHES = 10_000;

  private final Database database;

  public BatchReader(Database database) {
    this.database = database;
  }

  public Future<TrailHead> head(int trail) {
    return database
        .pool()
        .preparedQuery(
            "SELECT epoch, size, batch, at_us, timeline FROM vedette.trail_head WHERE trail = $1")
        .execute(Tuple.of(trail))
        .map(rows -> {
          if (rows.size() == 0) {
            throw new IllegalStateException(
                "trail " + trail + " does not exist (expected: opened at the first start)");
          }
          Row row = rows.iterator().next();
          return new TrailHead(
              trail,
              row.getString(0),
              row.getLong(1),
              row.getLong(2),
              row.getLong(3),
              row.getInteger(4));
        });
  }

  /**
   * Batches from a number on, in order, up to a count and so many bytes of payload, but at least one if it is there. A record whose payload is gone (erased, or its retention class expired) is an
   * empty array, so that indices hold; samples older than their retention are an empty block.
   */
  public Future<List<Batch>> read(int trail, long fromNumber, int maxBatches, long maxBytes) {
    int limit = Math.max(1, Math.min(MAX_BATCHES, maxBatches));
    return database
        .pool()
        .preparedQuery("""
            SELECT number, first_index, count, at_us, timeline, epoch, bytes, sample_count
            FROM vedette.trail_batch WHERE trail = $1 AND number >= $2 ORDER BY number LIMIT $3""")
        .execute(Tuple.of(trail, fromNumber, limit))
        .compose(rows -> filled(trail, cut(rows, maxBytes)));
  }

  /** The newest batch whose log time lies before an instant of the current timeline, 0 when there is none: where a replay begins. */
  public Future<Long> lastBefore(int trail, long atUs) {
    return database
        .pool()
        .preparedQuery("""
            SELECT coalesce(max(b.number), 0) FROM vedette.trail_batch b JOIN vedette.trail_head h ON h.trail = b.trail
            WHERE b.trail = $1 AND b.at_us < $2 AND b.timeline = h.timeline""")
        .execute(Tuple.of(trail, atUs))
        .map(rows -> rows.iterator().next().getLong(0));
  }

  private static List<Row> cut(RowSet<Row> rows, long maxBytes) {
    List<Row> kept = new ArrayList<>();
    long bytes = 0;
    for (Row row : rows) {
      bytes += row.getLong("bytes");
      if (!kept.isEmpty() && bytes > maxBytes) {
        break;
      }
      kept.add(row);
    }
    return kept;
  }

  private Future<List<Batch>> filled(int trail, List<Row> rows) {
    if (rows.isEmpty()) {
      return Future.succeededFuture(List.of());
    }
    Row first = rows.get(0);
    Row last = rows.get(rows.size() - 1);
    long fromIndex = first.getLong("first_index");
    long toIndex = last.getLong("first_index") + last.getInteger("count");
    boolean sampled = rows.stream().anyMatch(row -> row.getInteger("sample_count") > 0);
    Future<byte[][]> records = records(trail, fromIndex, toIndex);
    Future<Map<Long, byte[]>> samples = sampled
        ? samples(trail, first.getLong("number"), last.getLong("number"))
        : Future.succeededFuture(Map.of());
    return Future.all(records, samples).map(both -> rows.stream()
        .map(row -> batch(trail, row, fromIndex, records.result(), samples.result()))
        .toList());
  }

  private static Batch batch(
      int trail, Row row, long fromIndex, byte[][] records, Map<Long, byte[]> samples) {
    long number = row.getLong("number");
    int offset = (int) (row.getLong("first_index") - fromIndex);
    int count = row.getInteger("count");
    return new Batch(
        trail,
        row.getString("epoch"),
        number,
        row.getLong("first_index"),
        count,
        row.getLong("at_us"),
        row.getInteger("timeline"),
        true,
        Arrays.asList(records).subList(offset, offset + count),
        samples.getOrDefault(number, NONE),
        Stamps.UNKNOWN);
  }

  private Future<byte[][]> records(int trail, long fromIndex, long toIndex) {
    byte[][] records = new byte[(int) (toIndex - fromIndex)][];
    Arrays.fill(records, NONE);
    if (records.length == 0) {
      return Future.succeededFuture(records);
    }
    return database
        .pool()
        .preparedQuery(
            "SELECT index, canonical FROM vedette.record WHERE trail = $1 AND index >= $2 AND index < $3")
        .execute(Tuple.of(trail, fromIndex, toIndex))
        .map(rows -> {
          for (Row row : rows) {
            records[(int) (row.getLong(0) - fromIndex)] = row.getBuffer(1).getBytes();
          }
          return records;
        });
  }

  private Future<Map<Long, byte[]>> samples(int trail, long from, long to) {
    return database
        .pool()
        .preparedQuery(
            "SELECT batch, block FROM vedette.sample_block WHERE trail = $1 AND batch >= $2 AND batch <= $3")
        .execute(Tuple.of(trail, from, to))
        .map(rows -> {
          Map<Long, byte[]> blocks = new HashMap<>();
          for (Row row : rows) {
            blocks.put(row.getLong(0), row.getBuffer(1).getBytes());
          }
          return blocks;
        });
  }
}
