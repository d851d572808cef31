package io.vedette.trail;

import static io.vedette.trail.RefusedException.malformed;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Shows that the leaf at {@code index} is in the tree of {@code size} leaves: RFC 6962, section 2.1.1 (RFC 9162, section 2.1.3).
 *
 * @param path hashes from the leaf's sibling up to the root's child
 */
public record InclusionProof(long index, long size, List<Hash> path) {
  public InclusionProof {
    path = List.copyOf(path);
    if (index < 0 || index >= size) {
      throw malformed(
          "inclusion proof",
          "index " + index,
          "0 to " + (size - 1) + ", the tree has " + size + " leaves");
    }
    if (path.size() != pathLength(index, size)) {
      throw malformed(
          "inclusion proof",
          path.size() + " hashes",
          pathLength(index, size) + " for index " + index + " of " + size);
    }
  }

  /** Makes the proof from the tiles of a tree of {@code size} leaves; does not check them, {@link #proves} does. */
  public static InclusionProof of(long index, long size, TileReader tiles) {
    requireInTree(index, size);
    List<Hash> path = new ArrayList<>();
    path(index, 0, size, new Subtrees(size, tiles), path);
    return new InclusionProof(index, size, path);
  }

  /** The tiles {@link #of} reads. */
  public static Set<TileId> tiles(long index, long size) {
    requireInTree(index, size);
    return Subtrees.touched(size, subtrees -> path(index, 0, size, subtrees, new ArrayList<>()));
  }

  public boolean proves(Hash leaf, Hash root) {
    return root(leaf).equals(root);
  }

  /** The root to which this proof leads from {@code leaf}: RFC 9162, section 2.1.3.2. */
  public Hash root(Hash leaf) {
    TreeHasher hasher = new TreeHasher();
    Hash hash = leaf;
    long node = index;
    long last = size - 1;
    for (Hash sibling : path) {
      if ((node & 1) == 1 || node == last) {
        hash = hasher.node(sibling, hash);
        int skipped = (node & 1) == 1 ? 0 : Long.numberOfTrailingZeros(node);
        node >>>= skipped;
        last >>>= skipped;
      } else {
        hash = hasher.node(hash, sibling);
      }
      node >>>= 1;
      last >>>= 1;
    }
    return hash;
  }

  /** Siblings below the height where the paths of this leaf and the last one part, and one per left subtree above it. */
  private static int pathLength(long index, long size) {
    int parting = Long.SIZE - Long.numberOfLeadingZeros(index ^ (size - 1));
    return parting + Long.bitCount(index >>> parting);
  }

  /** PATH(m, D[n]) of RFC 6962, section 2.1.1, over the leaves from {@code start} to {@code end}. */
  private static void path(long index, long start, long end, Subtrees subtrees, List<Hash> path) {
    if (end - start == 1) {
      return;
    }
    long middle = start + Subtrees.split(end - start);
    if (index < middle) {
      path(index, start, middle, subtrees, path);
      path.add(subtrees.hash(middle, end));
    } else {
      path(index, middle, end, subtrees, path);
      path.add(subtrees.hash(start, middle));
    }
  }

  private static void requireInTree(long index, long size) {
    if (index < 0 || index >= size) {
      throw new IllegalArgumentException(
          "index: " + index + " (expected: 0 to " + (size - 1) + ")");
    }
  }
}
