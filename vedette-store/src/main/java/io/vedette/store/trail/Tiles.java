package io.vedette.store.trail;

import io.vedette.store.Database;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.Optional;

/** Tiles of the Merkle tree. Written insert-or-equal: a second integrator does no harm, and one that would write other hashes fails. */
public final class Tiles {
  private final Database database;

  /** @param hashes 1 to 256 hashes of 32 bytes; fewer than 256 are a partial tile, which may grow */
  public record StoredTile(int level, long n, byte[] hashes) {
    public int width() {
      return hashes.length / SealedRecord.HASH_BYTES;
    }
  }

  public Tiles(Database database) {
    this.database = database;
  }

  public Future<Void> put(int trail, List<StoredTile> tiles) {
    return database
        .pool()
        .preparedQuery("SELECT vedette.put_tiles($1, $2, $3, $4)")
        .execute(Tuple.of(
            trail,
            tiles.stream().map(tile -> (short) tile.level()).toArray(Short[]::new),
            tiles.stream().map(StoredTile::n).toArray(Long[]::new),
            tiles.stream().map(tile -> Buffer.buffer(tile.hashes())).toArray(Buffer[]::new)))
        .mapEmpty();
  }

  /** The widest known; a narrower partial tile is its beginning. */
  public Future<Optional<StoredTile>> get(int trail, int level, long n) {
    return database
        .pool()
        .preparedQuery("SELECT hashes FROM vedette.tile WHERE trail = $1 AND level = $2 AND n = $3")
        .execute(Tuple.of(trail, (short) level, n))
        .map(rows -> rows.size() == 0
            ? Optional.empty()
            : Optional.of(
                new StoredTile(level, n, rows.iterator().next().getBuffer(0).getBytes())));
  }
}
