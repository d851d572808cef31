package io.vedette.trail;

import static io.vedette.trail.RefusedException.malformed;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Shows that the tree of {@code newSize} leaves begins with the tree of {@code oldSize} leaves: RFC 6962, section 2.1.2 (RFC 9162,
 * section 2.1.4). Between equal sizes, and from the empty tree, the proof is empty.
 */
public record ConsistencyProof(long oldSize, long newSize, List<Hash> path) {
  /** More than a proof between two sizes below 2^63 can have. */
  private static final int MAX_PATH = 64;

  public ConsistencyProof {
    path = List.copyOf(path);
    if (oldSize < 0 || oldSize > newSize) {
      throw malformed("consistency proof", "old size " + oldSize, "0 to the new size, " + newSize);
    }
    boolean trivial = oldSize == 0 || oldSize == newSize;
    if (trivial != path.isEmpty() || path.size() > MAX_PATH) {
      throw malformed(
          "consistency proof", path.size() + " hashes", trivial ? "none" : "1 to " + MAX_PATH);
    }
  }

  /** Makes the proof from the tiles of the tree of {@code newSize} leaves; does not check them, {@link #proves} does. */
  public static ConsistencyProof of(long oldSize, long newSize, TileReader tiles) {
    requireOrder(oldSize, newSize);
    List<Hash> path = new ArrayList<>();
    path(oldSize, newSize, new Subtrees(newSize, tiles), path);
    return new ConsistencyProof(oldSize, newSize, path);
  }

  /** The tiles {@link #of} reads. */
  public static Set<TileId> tiles(long oldSize, long newSize) {
    requireOrder(oldSize, newSize);
    return Subtrees.touched(
        newSize, subtrees -> path(oldSize, newSize, subtrees, new ArrayList<>()));
  }

  /** Whether it leads to both roots: RFC 9162, section 2.1.4.2. */
  public boolean proves(Hash oldRoot, Hash newRoot) {
    if (oldSize == newSize) {
      return oldRoot.equals(newRoot);
    }
    if (oldSize == 0) {
      return oldRoot.equals(TreeHasher.EMPTY_ROOT);
    }
    TreeHasher hasher = new TreeHasher();
    int complete = Long.numberOfTrailingZeros(oldSize);
    long node = (oldSize - 1) >>> complete;
    long last = (newSize - 1) >>> complete;
    boolean wholeOldTree = Long.bitCount(oldSize) == 1;
    Hash oldHash = wholeOldTree ? oldRoot : path.get(0);
    Hash newHash = oldHash;
    for (Hash sibling : path.subList(wholeOldTree ? 0 : 1, path.size())) {
      if (last == 0) {
        return false;
      }
      if ((node & 1) == 1 || node == last) {
        oldHash = hasher.node(sibling, oldHash);
        newHash = hasher.node(sibling, newHash);
        int skipped = (node & 1) == 1 || node == 0 ? 0 : Long.numberOfTrailingZeros(node);
        node >>>= skipped;
        last >>>= skipped;
      } else {
        newHash = hasher.node(newHash, sibling);
      }
      node >>>= 1;
      last >>>= 1;
    }
    return last == 0 && oldHash.equals(oldRoot) && newHash.equals(newRoot);
  }

  private static void path(long oldSize, long newSize, Subtrees subtrees, List<Hash> path) {
    if (oldSize > 0 && oldSize < newSize) {
      subproof(oldSize, 0, newSize, true, subtrees, path);
    }
  }

  /** SUBPROOF(m, D[n], b) of RFC 6962, section 2.1.2, over the leaves from {@code start} to {@code end}. */
  private static void subproof(
      long oldEnd, long start, long end, boolean known, Subtrees subtrees, List<Hash> path) {
    if (oldEnd == end) {
      if (!known) {
        path.add(subtrees.hash(start, end));
      }
      return;
    }
    long middle = start + Subtrees.split(end - start);
    if (oldEnd <= middle) {
      subproof(oldEnd, start, middle, known, subtrees, path);
      path.add(subtrees.hash(middle, end));
    } else {
      subproof(oldEnd, middle, end, false, subtrees, path);
      path.add(subtrees.hash(start, middle));
    }
  }

  private static void requireOrder(long oldSize, long newSize) {
    if (oldSize < 0 || oldSize > newSize) {
      throw new IllegalArgumentException(
          "old size: " + oldSize + " (expected: 0 to " + newSize + ")");
    }
  }
}
