package io.vedette.trail;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** Merkle tree hashes of ranges of leaves, read from tiles; remembers the tiles it read. For one proof. */
final class Subtrees {
  private final TreeHasher hasher = new TreeHasher();
  private final Map<TileId, byte[]> read = new LinkedHashMap<>();
  private final long size;
  private final TileReader tiles;

  Subtrees(long size, TileReader tiles) {
    this.size = size;
    this.tiles = tiles;
  }

  /** MTH(D[start:end]) of RFC 6962, section 2.1, for the ranges its recursions ask for: a power of two divides their start. */
  Hash hash(long start, long end) {
    long leaves = end - start;
    if (Long.bitCount(leaves) == 1) {
      return perfect(Long.numberOfTrailingZeros(leaves), start / leaves);
    }
    long middle = start + split(leaves);
    return hasher.node(hash(start, middle), hash(middle, end));
  }

  /** The largest power of two smaller than {@code leaves}: the size of the left subtree in RFC 6962, section 2.1. */
  static long split(long leaves) {
    return Long.highestOneBit(leaves - 1);
  }

  /** The tiles that a proof reads, found by making it from tiles of zeroes. */
  static Set<TileId> touched(long size, Consumer<Subtrees> proof) {
    Subtrees subtrees = new Subtrees(size, tile -> new byte[tile.width() * Hash.SIZE]);
    proof.accept(subtrees);
    return subtrees.read.keySet();
  }

  /** The {@code index}-th complete subtree of this height: 2^(height mod 8) neighbours in a tile. */
  private Hash perfect(int height, long index) {
    int level = height / TileId.HEIGHT;
    int count = 1 << (height % TileId.HEIGHT);
    long first = index * count;
    TileId tile = TileId.inTree(level, first / TileId.MAX_WIDTH, size);
    byte[] hashes = read.computeIfAbsent(tile, id -> Tile.read(tiles, id));
    return hasher.root(hashes, (int) (first % TileId.MAX_WIDTH), count);
  }
}
