package io.vedette.store.topic;

import io.vedette.model.Publication;
import io.vedette.model.Stamps;
import io.vedette.model.TopicHeads;
import io.vedette.store.Database;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Publications of the ordered topics other than {@code records}. Any thread may call. */
public final class Publications {
  public static final int MAX_PAGE = 1_000;
  private static final long MAX_PAGE_BYTES = 4L * 1024 * 1024;

  private final Database database;

  public Publications(Database database) {
    this.database = database;
  }

  /** Numbers and stores a publication in the caller's transaction, which holds the topic until it ends. The caller sends it on the bus after its commit. */
  public Future<Publication> publish(
      SqlConnection transaction, int trail, String topic, byte[] json, Stamps stamps) {
    return transaction
        .preparedQuery("SELECT n, epoch FROM vedette.publish($1, $2, $3)")
        .execute(Tuple.of(trail, topic, Buffer.buffer(json)))
        .map(rows -> {
          Row row = rows.iterator().next();
          return new Publication(trail, topic, row.getString(1), row.getLong(0), json, stamps);
        });
  }

  /** From an offset on, in order, at most 1,000 and 4 MiB. An offset above the first one's says that older ones expired. */
  public Future<List<Publication>> read(int trail, String topic, long fromOffset, int limit) {
    return database
        .pool()
        .preparedQuery("""
            SELECT n, epoch, json FROM (
              SELECT i.*, sum(octet_length(json)) OVER (ORDER BY n) - octet_length(json) AS before FROM (
                SELECT n, epoch, json FROM vedette.publication WHERE trail = $1 AND topic = $2 AND n >= $3 ORDER BY n LIMIT $4) i) w
            WHERE before < $5 ORDER BY n""")
        .execute(Tuple.of(
            trail, topic, fromOffset, Math.max(1, Math.min(MAX_PAGE, limit)), MAX_PAGE_BYTES))
        .map(rows -> {
          List<Publication> publications = new ArrayList<>(rows.size());
          for (Row row : rows) {
            publications.add(new Publication(
                trail,
                topic,
                row.getString(1),
                row.getLong(0),
                row.getBuffer(2).getBytes(),
                Stamps.UNKNOWN));
          }
          return publications;
        });
  }

  /** The newest offset of every ordered topic; for {@code records} the index of the newest record, -1 when there is none. */
  public Future<TopicHeads> heads(int trail) {
    return database.pool().preparedQuery("""
            SELECT epoch, 'records' AS topic, size - 1 AS n FROM vedette.trail_head WHERE trail = $1
            UNION ALL
            SELECT h.epoch, t.topic, t.n FROM vedette.topic_head t JOIN vedette.trail_head h ON h.trail = t.trail WHERE t.trail = $1""").execute(Tuple.of(trail)).map(rows -> {
      Map<String, Long> offsets = new HashMap<>();
      String epoch = "";
      for (Row row : rows) {
        epoch = row.getString(0);
        offsets.put(row.getString(1), row.getLong(2));
      }
      if (offsets.isEmpty()) {
        throw new IllegalStateException(
            "trail " + trail + " does not exist (expected: opened at the first start)");
      }
      return new TopicHeads(trail, epoch, offsets);
    });
  }
}
