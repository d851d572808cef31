package io.vedette.store.trail;

import io.vedette.store.Database;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.io.ByteArrayOutputStream;

/** Entry hashes by index: what the integrator turns into tiles, and the verifier compares. */
public final class EntryReader {
  private static final int MAX_BATCHES = 2_000;

  private final Database database;

  public EntryReader(Database database) {
    this.database = database;
  }

  /** Hashes from an index on, 32 bytes each, at most {@code limit} of them; fewer, but at least one if there is one, when they lie in many batches. */
  public Future<byte[]> read(int trail, long fromIndex, int limit) {
    return database
        .pool()
        .preparedQuery("""
            SELECT first_index, entries FROM vedette.trail_batch
            WHERE trail = $1 AND count > 0 AND first_index < $3
              AND first_index >= (SELECT coalesce(max(b.first_index), 0) FROM vedette.trail_batch b
                WHERE b.trail = $1 AND b.first_index <= $2 AND b.count > 0)
            ORDER BY first_index LIMIT $4""")
        .execute(Tuple.of(trail, fromIndex, fromIndex + limit, MAX_BATCHES))
        .map(rows -> {
          ByteArrayOutputStream hashes = new ByteArrayOutputStream();
          for (Row row : rows) {
            byte[] entries = row.getBuffer(1).getBytes();
            long first = row.getLong(0);
            long from = Math.max(first, fromIndex);
            long to = Math.min(first + entries.length / SealedRecord.HASH_BYTES, fromIndex + limit);
            if (to > from) {
              hashes.write(
                  entries,
                  (int) (from - first) * SealedRecord.HASH_BYTES,
                  (int) (to - from) * SealedRecord.HASH_BYTES);
            }
          }
          return hashes.toByteArray();
        });
  }
}
