package io.vedette.trail;

import static io.vedette.trail.Hash.SIZE;
import static io.vedette.trail.TileId.MAX_WIDTH;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Grows a tree by runs of leaf hashes and yields the tiles to store (C2SP {@code tlog-tiles}) and the root to sign. Belongs to one
 * thread. Holds the unfinished tile of each level, 8 KiB times 8 at most, and full tiles until they are taken.
 */
public final class TreeBuilder {
  private final TreeHasher hasher = new TreeHasher();
  private final List<Level> levels = new ArrayList<>();
  private final List<Tile> full = new ArrayList<>();
  private long size;

  /** The right edge of one level: hashes that do not fill a tile yet. */
  private static final class Level {
    byte[] hashes = new byte[MAX_WIDTH * SIZE];
    long index;
    int width;
    boolean grown;
  }

  private TreeBuilder(long size) {
    this.size = size;
  }

  public static TreeBuilder empty() {
    return new TreeBuilder(0);
  }

  /**
   * Continues a tree from its stored tiles: reads the partial tiles of {@code size}, at most eight, and refuses them unless they lead
   * to {@code root}.
   */
  public static TreeBuilder restore(long size, Hash root, TileReader tiles) {
    TreeBuilder tree = new TreeBuilder(size);
    long hashes = size;
    for (int level = 0; hashes > 0; level++, hashes /= MAX_WIDTH) {
      Level edge = tree.level(level);
      edge.index = hashes / MAX_WIDTH;
      edge.width = (int) (hashes % MAX_WIDTH);
      if (edge.width > 0) {
        byte[] stored = Tile.read(tiles, new TileId(level, edge.index, edge.width));
        System.arraycopy(stored, 0, edge.hashes, 0, edge.width * SIZE);
      }
    }
    if (!tree.root().equals(root)) {
      throw RefusedException.mismatch(
          "stored tiles of size " + size, "root " + tree.root(), "root " + root);
    }
    return tree;
  }

  public void append(byte[] leafHashes) {
    if (leafHashes.length % SIZE != 0) {
      throw new IllegalArgumentException(
          "leaf hashes: " + leafHashes.length + " bytes (expected: a multiple of 32)");
    }
    append(leafHashes, 0, leafHashes.length / SIZE);
  }

  /** Appends {@code count} leaf hashes, beginning with the {@code first}-th of the array. */
  public void append(byte[] leafHashes, int first, int count) {
    Level leaves = level(0);
    for (int next = first, left = count; left > 0; ) {
      int taken = Math.min(left, MAX_WIDTH - leaves.width);
      System.arraycopy(leafHashes, next * SIZE, leaves.hashes, leaves.width * SIZE, taken * SIZE);
      leaves.width += taken;
      leaves.grown = true;
      next += taken;
      left -= taken;
      if (leaves.width == MAX_WIDTH) {
        complete(0);
      }
    }
    size += count;
  }

  /**
   * The tiles to store before a checkpoint of the present size may be published: the full ones finished since the last call and the
   * partial ones that grew.
   */
  public List<Tile> takeTiles() {
    List<Tile> tiles = new ArrayList<>(full);
    full.clear();
    for (int i = 0; i < levels.size(); i++) {
      Level level = levels.get(i);
      if (level.grown) {
        tiles.add(new Tile(
            new TileId(i, level.index, level.width),
            Arrays.copyOf(level.hashes, level.width * SIZE)));
        level.grown = false;
      }
    }
    return tiles;
  }

  /** Leaves in the tree. */
  public long size() {
    return size;
  }

  /** The Merkle tree hash over all leaves. */
  public Hash root() {
    Hash right = null;
    byte[] row = new byte[MAX_WIDTH * SIZE];
    for (Level level : levels) {
      int width = level.width;
      System.arraycopy(level.hashes, 0, row, 0, width * SIZE);
      if (right != null) {
        right.copyTo(row, width++);
      }
      if (width > 0) {
        right = hasher.root(row, 0, width);
      }
    }
    return right == null ? TreeHasher.EMPTY_ROOT : right;
  }

  private void complete(int number) {
    Level level = levels.get(number);
    full.add(new Tile(new TileId(number, level.index, MAX_WIDTH), level.hashes));
    Level above = level(number + 1);
    hasher.root(level.hashes, 0, MAX_WIDTH).copyTo(above.hashes, above.width++);
    above.grown = true;
    level.hashes = new byte[MAX_WIDTH * SIZE];
    level.index++;
    level.width = 0;
    level.grown = false;
    if (above.width == MAX_WIDTH) {
      complete(number + 1);
    }
  }

  private Level level(int number) {
    while (levels.size() <= number) {
      levels.add(new Level());
    }
    return levels.get(number);
  }
}
