package io.vedette.trail.verify;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Tells, after something did not fit, which claimed hashes the signed root vouches for: from the root down, a tile counts only if it
 * hashes to what the tile above it has in its place.
 */
final class TileChain {
  static final int WIDTH = 256;

  private final Sha sha = new Sha();
  private final SignedCheckpoint checkpoint;
  private final ClaimedTiles tiles;
  private @Nullable Boolean edge;

  TileChain(SignedCheckpoint checkpoint, ClaimedTiles tiles) {
    this.checkpoint = checkpoint;
    this.tiles = tiles;
  }

  /** Hashes in a tile of the signed tree. */
  int width(int level, long index) {
    return (int) Math.min(WIDTH, hashes(level) - index * WIDTH);
  }

  /** What the log claims, or null if it is absent or has another length. */
  byte @Nullable [] claimed(int level, long index) {
    int width = width(level, index);
    byte[] hashes = tiles.hashes(level, index, width);
    return hashes != null && hashes.length == width * Sha.SIZE ? hashes : null;
  }

  /** The true hashes of a tile, or null if the claimed ones do not lead to the root. */
  byte @Nullable [] authentic(int level, long index) {
    byte[] claimed = claimed(level, index);
    if (claimed == null) {
      return null;
    }
    if (width(level, index) < WIDTH) {
      return edgeLeadsToRoot() ? claimed : null;
    }
    byte[] root = rootOf(level, index);
    return root != null && Arrays.equals(root, sha.complete(claimed, 0, WIDTH)) ? claimed : null;
  }

  /** The true hash of a full tile, or null if the tiles above it do not lead to the root. */
  byte @Nullable [] rootOf(int level, long index) {
    byte[] above = authentic(level + 1, index / WIDTH);
    int offset = (int) (index % WIDTH) * Sha.SIZE;
    return above == null ? null : Arrays.copyOfRange(above, offset, offset + Sha.SIZE);
  }

  private boolean edgeLeadsToRoot() {
    Boolean known = edge;
    if (known == null) {
      known = checkEdge();
      edge = known;
    }
    return known;
  }

  /** The partial tiles of all levels, from the highest down, are a compact range of the tree. */
  private boolean checkEdge() {
    Frontier range = new Frontier(sha);
    for (int level = 7; level >= 0; level--) {
      int width = (int) (hashes(level) % WIDTH);
      byte[] hashes = width == 0 ? new byte[0] : claimed(level, hashes(level) / WIDTH);
      if (hashes == null) {
        return false;
      }
      for (int i = 0; i < width; i++) {
        range.add(
            8 * level,
            Arrays.copyOfRange(hashes, i * Sha.SIZE, (i + 1) * Sha.SIZE),
            Frontier.NOBODY);
      }
    }
    return checkpoint.hasRoot(range.root());
  }

  private long hashes(int level) {
    return level > 7 ? 0 : checkpoint.size() >>> (8 * level);
  }
}
