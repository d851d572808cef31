package io.vedette.store.trail;

import io.vedette.store.Database;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.Optional;

/** Signed checkpoints, one per size, set only on top of the newest. */
public final class Checkpoints {
  private final Database database;

  /** @param note the signed note, as served */
  public record StoredCheckpoint(String epoch, long size, byte[] root, String note, long atUs) {}

  public Checkpoints(Database database) {
    this.database = database;
  }

  /**
   * Compare-and-set: false, and nothing written, when the newest one's size is not {@code from} (-1: there is none yet). The same size again replaces the note if the root is the same.
   */
  public Future<Boolean> put(
      int trail, String epoch, long from, long size, byte[] root, String note) {
    return database
        .pool()
        .preparedQuery("SELECT vedette.put_checkpoint($1, $2, $3, $4, $5, $6)")
        .execute(Tuple.of(trail, epoch, from, size, Buffer.buffer(root), note))
        .map(rows -> rows.iterator().next().getBoolean(0));
  }

  /** The newest of the trail's current incarnation. */
  public Future<Optional<StoredCheckpoint>> newest(int trail) {
    return atLeast(trail, Long.MAX_VALUE, "size <= $2 ORDER BY size DESC");
  }

  /** The smallest of the current incarnation that covers a size. */
  public Future<Optional<StoredCheckpoint>> covering(int trail, long size) {
    return atLeast(trail, size, "size >= $2 ORDER BY size");
  }

  /** Deletes those that nobody needs any more: of older ones the last of each minute, then of each hour, stays. Answers how many went. */
  public Future<Integer> thin(int trail) {
    return database
        .pool()
        .preparedQuery("SELECT vedette.thin_checkpoints($1)")
        .execute(Tuple.of(trail))
        .map(rows -> rows.iterator().next().getInteger(0));
  }

  private Future<Optional<StoredCheckpoint>> atLeast(int trail, long size, String condition) {
    return database
        .pool()
        .preparedQuery(
            "SELECT epoch, size, root, note, at_us FROM vedette.checkpoint WHERE trail = $1"
                + " AND epoch = (SELECT h.epoch FROM vedette.trail_head h WHERE h.trail = $1) AND "
                + condition
                + " LIMIT 1")
        .execute(Tuple.of(trail, size))
        .map(Checkpoints::first);
  }

  private static Optional<StoredCheckpoint> first(RowSet<Row> rows) {
    if (rows.size() == 0) {
      return Optional.empty();
    }
    Row row = rows.iterator().next();
    return Optional.of(new StoredCheckpoint(
        row.getString(0),
        row.getLong(1),
        row.getBuffer(2).getBytes(),
        row.getString(3),
        row.getLong(4)));
  }
}
