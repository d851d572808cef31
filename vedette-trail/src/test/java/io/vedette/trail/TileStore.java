package io.vedette.trail;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Tiles in memory, kept as a store keeps them: one of each place, the widest; a full tile is written once, a prefix never changes. */
public final class TileStore implements TileReader {
  private final Map<String, Tile> tiles = new HashMap<>();

  public void put(List<Tile> written) {
    for (Tile tile : written) {
      Tile before = tiles.put(place(tile.id()), tile);
      if (before != null) {
        assertThat(before.id().isPartial()).as("%s rewritten", before).isTrue();
        assertThat(tile.hashes()).as("%s after %s", tile, before).startsWith(before.hashes());
      }
    }
  }

  public int count() {
    return tiles.size();
  }

  @Override
  public byte @Nullable [] read(TileId id) {
    Tile tile = tiles.get(place(id));
    return tile == null ? null : tile.hashes();
  }

  private static String place(TileId id) {
    return id.level() + "/" + id.index();
  }
}
