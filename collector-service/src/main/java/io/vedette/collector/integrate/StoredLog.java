package io.vedette.collector.integrate;

import io.vedette.store.Database;
import io.vedette.store.SqlFailure;
import io.vedette.store.trail.Checkpoints;
import io.vedette.store.trail.Checkpoints.StoredCheckpoint;
import io.vedette.store.trail.EntryReader;
import io.vedette.store.trail.Reopening;
import io.vedette.store.trail.Tiles;
import io.vedette.store.trail.Tiles.StoredTile;
import io.vedette.store.trail.TrailKeys;
import io.vedette.trail.Tile;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The log in PostgreSQL. Called by worker threads only. */
final class StoredLog implements LogPort {
  private static final long LIMIT_MS = 30_000;

  /** What {@code put_tiles} says where another tile is stored. */
  private static final String OTHER_TILE = "VD002";

  private final Database database;
  private final int trail;
  private final EntryReader entries;
  private final Tiles tiles;
  private final Checkpoints checkpoints;
  private final TrailKeys keys;

  StoredLog(Database database, int trail) {
    this.database = database;
    this.trail = trail;
    this.entries = new EntryReader(database);
    this.tiles = new Tiles(database);
    this.checkpoints = new Checkpoints(database);
    this.keys = new TrailKeys(database);
  }

  @Override
  public Head head() {
    return await(database
        .pool()
        .preparedQuery("SELECT epoch, origin, size FROM vedette.trail_head WHERE trail = $1")
        .execute(Tuple.of(trail))
        .map(rows -> {
          if (rows.size() == 0) {
            throw new IllegalStateException(
                "trail " + trail + " does not exist (expected: opened at the first start)");
          }
          Row row = rows.iterator().next();
          return new Head(row.getString(0), row.getString(1), row.getLong(2));
        }));
  }

  @Override
  public byte[] commitments(long from, int limit) {
    return await(entries.read(trail, from, limit));
  }

  @Override
  public byte @Nullable [] tile(int level, long n) {
    return await(tiles.get(trail, level, n)).map(StoredTile::hashes).orElse(null);
  }

  @Override
  public void putTiles(List<Tile> grown) {
    try {
      await(tiles.put(
          trail,
          grown.stream()
              .map(tile -> new StoredTile(tile.id().level(), tile.id().index(), tile.hashes()))
              .toList()));
    } catch (RuntimeException e) {
      if (SqlFailure.sqlState(e).equals(OTHER_TILE)) {
        throw new NotSigningException(
            NotSigningException.Reason.STORED,
            e.getMessage() + " than the entries give; find out what changed: vedette trail verify");
      }
      throw e;
    }
  }

  @Override
  public Optional<StoredCheckpoint> newest() {
    return await(checkpoints.newest(trail));
  }

  @Override
  public boolean putCheckpoint(String epoch, long from, long size, byte[] root, String note) {
    return await(checkpoints.put(trail, epoch, from, size, root, note));
  }

  @Override
  public boolean putKeys(String origin, List<String> vkeys) {
    return await(keys.put(trail, origin, vkeys));
  }

  @Override
  public List<String> successions() {
    return await(Reopening.declared(database, trail));
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(LIMIT_MS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException unchecked) {
        throw unchecked;
      }
      throw new IllegalStateException(e.getCause());
    } catch (TimeoutException e) {
      throw new IllegalStateException("the database did not answer within " + LIMIT_MS + " ms", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for the database", e);
    }
  }
}
