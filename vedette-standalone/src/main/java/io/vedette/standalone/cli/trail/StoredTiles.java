package io.vedette.standalone.cli.trail;

import io.vedette.collector.integrate.verify.StoredTrail;
import io.vedette.standalone.cli.CommandFailure;
import io.vedette.trail.TileId;
import io.vedette.trail.TileReader;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** The stored tiles, for proofs. */
record StoredTiles(StoredTrail trail) implements TileReader {
  @Override
  public byte @Nullable [] read(TileId id) {
    try {
      return trail.tile(id.level(), id.index(), id.width());
    } catch (SQLException e) {
      throw new CommandFailure("tile " + id.path() + " cannot be read: " + e.getMessage(), e);
    }
  }
}
