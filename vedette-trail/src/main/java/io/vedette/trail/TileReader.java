package io.vedette.trail;

import org.jspecify.annotations.Nullable;

/**
 * Where stored tiles come from. May answer with a wider tile than asked for, whose first hashes are then used, and with null if there
 * is none. {@code Map::get} is one: a caller that cannot block asks {@link InclusionProof#tiles} or {@link ConsistencyProof#tiles}
 * first, fetches those, and passes the map.
 */
@FunctionalInterface
public interface TileReader {
  byte @Nullable [] read(TileId tile);
}
