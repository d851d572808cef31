package io.vedette.trail;

import static io.vedette.trail.RefusedException.malformed;

/** A tile to be stored: its name and its hashes, 32 bytes each, concatenated. Full tiles never change; partial ones are superseded. */
public final class Tile {
  private final TileId id;
  private final byte[] hashes;

  Tile(TileId id, byte[] hashes) {
    this.id = id;
    this.hashes = hashes;
  }

  public TileId id() {
    return id;
  }

  /** The stored form, {@code 32 * width} bytes; handed over without a copy, so do not write into it. */
  public byte[] hashes() {
    return hashes;
  }

  /** Reads a tile and takes the first hashes of a wider one, which is what is left of a partial tile once the full one exists. */
  static byte[] read(TileReader tiles, TileId id) {
    byte[] hashes = tiles.read(id);
    int wanted = id.width() * Hash.SIZE;
    if (hashes == null
        || hashes.length < wanted
        || hashes.length > TileId.MAX_WIDTH * Hash.SIZE
        || hashes.length % Hash.SIZE != 0) {
      throw malformed(
          id.path(), hashes == null ? "absent" : hashes.length + " bytes", wanted + " bytes");
    }
    return hashes;
  }

  @Override
  public String toString() {
    return id.path();
  }
}
