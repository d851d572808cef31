package io.vedette.store.trail;

import io.vedette.store.Database;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Where sources and requests stand. They are moved by appends alone. */
public final class Cursors {
  private static final String COLUMNS =
      "SELECT source, position, sequence, updated_us FROM vedette.source_cursor WHERE trail = $1";

  private final Database database;

  /**
   * How many records of a request are done, and the hash of its body up to there.
   *
   * @param firstIndex of its records, -1 where none is in the trail
   * @param lastIndex of them; others' may lie between
   */
  public record Progress(long done, byte[] prefixHash, long firstIndex, long lastIndex) {
    private static final int HASH_BYTES = 32;

    static Progress of(long done, byte[] kept) {
      if (kept.length != HASH_BYTES + 16) {
        return new Progress(done, kept, -1, -1);
      }
      ByteBuffer indices = ByteBuffer.wrap(kept, HASH_BYTES, 16);
      return new Progress(
          done, Arrays.copyOf(kept, HASH_BYTES), indices.getLong(), indices.getLong());
    }
  }

  public Cursors(Database database) {
    this.database = database;
  }

  public Future<Optional<Cursor>> read(int trail, String source) {
    return database
        .pool()
        .preparedQuery(COLUMNS + " AND source = $2")
        .execute(Tuple.of(trail, source))
        .map(rows -> rows.size() == 0
            ? Optional.empty()
            : Optional.of(cursor(rows.iterator().next())));
  }

  public Future<List<Cursor>> all(int trail) {
    return database
        .pool()
        .preparedQuery(COLUMNS + " ORDER BY source LIMIT 10000")
        .execute(Tuple.of(trail))
        .map(rows -> {
          List<Cursor> cursors = new ArrayList<>();
          rows.forEach(row -> cursors.add(cursor(row)));
          return cursors;
        });
  }

  public Future<Optional<Progress>> progress(int trail, String principal, String key) {
    return database
        .pool()
        .preparedQuery(
            "SELECT done, prefix_hash FROM vedette.idempotency WHERE trail = $1 AND principal = $2 AND key = $3")
        .execute(Tuple.of(trail, principal, key))
        .map(rows -> {
          if (rows.size() == 0) {
            return Optional.empty();
          }
          Row row = rows.iterator().next();
          return Optional.of(Progress.of(row.getLong(0), row.getBuffer(1).getBytes()));
        });
  }

  private static Cursor cursor(Row row) {
    return new Cursor(row.getString(0), row.getString(1), row.getLong(2), row.getLong(3));
  }
}
