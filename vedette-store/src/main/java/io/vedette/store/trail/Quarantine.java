package io.vedette.store.trail;

import io.vedette.store.Database;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What could not become a record, with its reason: for people to look at. Keeps the first 64 KiB of each. */
public final class Quarantine {
  private static final int MAX_PAYLOAD_BYTES = 64 * 1024;

  private final Database database;

  /** @param sequence 0 where it had none */
  public record Item(
      long id,
      long atUs,
      String source,
      long sequence,
      String reason,
      String detail,
      long payloadBytes,
      byte[] payload) {}

  public Quarantine(Database database) {
    this.database = database;
  }

  /** @param reason of a closed set, as in the metric; {@code detail} says what was found and expected */
  public Future<Void> add(int trail, String source, String reason, String detail, byte[] payload) {
    return insert(database.pool(), trail, source, null, reason, detail, payload);
  }

  /** Newest first, below an id ({@code Long.MAX_VALUE}: all). */
  public Future<List<Item>> newest(int trail, long beforeId, int limit) {
    return database
        .pool()
        .preparedQuery("""
            SELECT id, at_us, source, sequence, reason, detail, payload_bytes, payload
            FROM vedette.quarantine WHERE trail = $1 AND id < $2 ORDER BY id DESC LIMIT $3""")
        .execute(Tuple.of(trail, beforeId, Math.max(1, Math.min(100, limit))))
        .map(rows -> {
          List<Item> items = new ArrayList<>();
          for (Row row : rows) {
            Long sequence = row.getLong(3);
            items.add(new Item(
                row.getLong(0),
                row.getLong(1),
                row.getString(2),
                sequence == null ? 0 : sequence,
                row.getString(4),
                row.getString(5),
                row.getLong(6),
                row.getBuffer(7).getBytes()));
          }
          return items;
        });
  }

  static Future<Void> insert(
      SqlClient client,
      int trail,
      String source,
      @Nullable Long sequence,
      String reason,
      String detail,
      byte[] payload) {
    int kept = Math.min(payload.length, MAX_PAYLOAD_BYTES);
    Buffer beginning = Buffer.buffer(kept).appendBytes(payload, 0, kept);
    // U+0000 is no text for PostgreSQL.
    return client
        .preparedQuery("""
            INSERT INTO vedette.quarantine (trail, at_us, source, sequence, reason, detail, payload_bytes, payload)
            VALUES ($1, vedette.clock_us(), $2, $3, $4, $5, $6, $7)""")
        .execute(Tuple.of(
            trail,
            source.replace("\0", "\\0"),
            sequence,
            reason,
            detail.replace("\0", "\\0"),
            (long) payload.length,
            beginning))
        .mapEmpty();
  }
}
