package io.vedette.trail.verify;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Puts hashed runs together, tile by tile, compares them with everything known of the tree, and decides what is at fault. */
final class TreeCheck {
  private static final int WIDTH = TileChain.WIDTH;

  private final Sha sha = new Sha();
  private final SignedCheckpoint checkpoint;
  private final @Nullable TileChain tiles;
  private final NavigableMap<Long, byte[]> history = new TreeMap<>();
  private final Progress progress;
  private final byte[] tile = new byte[WIDTH * Sha.SIZE];
  private final byte[] @Nullable [] above = new byte[8][];
  private final long[] aboveIndex = new long[8];
  private Frontier resumable;

  /** The greatest size of a signed tree that the entries so far were found to be. */
  private long confirmed;

  /** The first entry that is not right in itself; the verdict only when all before it has been compared. */
  private @Nullable Fault inItself;

  /** The first stored tile that did not fit, while only the root of all entries can tell whether it is the tile that is wrong. */
  private @Nullable Fault undecided;

  private @Nullable Fault fault;

  TreeCheck(
      SignedCheckpoint checkpoint,
      @Nullable ClaimedTiles claimed,
      List<SignedCheckpoint> held,
      byte @Nullable [] state) {
    this.checkpoint = checkpoint;
    tiles = claimed == null ? null : new TileChain(checkpoint, claimed);
    progress = state == null
        ? new Progress(checkpoint.origin(), new Frontier(sha))
        : Progress.read(state, sha);
    resumable = progress.frontier.copy();
    Arrays.fill(aboveIndex, -1);
    fault = judgeHistory(held);
  }

  /** Entries in the tree so far. */
  long position() {
    return progress.frontier.size();
  }

  @Nullable
  Fault fault() {
    return fault;
  }

  /** Tells of an entry that is wrong in itself. */
  void report(Fault own) {
    inItself = earliest(inItself, own);
  }

  Optional<byte[]> state() {
    return fault == null && undecided == null && inItself == null
        ? Optional.of(progress.write(resumable))
        : Optional.empty();
  }

  /** Judges the log as one that ends before {@code next}. */
  @Nullable
  Fault finish(long next) {
    if (fault == null) {
      fault = next < checkpoint.size() ? judgeShort(next) : judgeRoot();
    }
    if (fault == null) {
      progress.confirm(checkpoint.size(), checkpoint.root());
    }
    return fault;
  }

  void absorb(Run.Hashed hashed) {
    inItself = earliest(inItself, hashed.fault());
    int root = 0;
    for (int taken = 0; taken < hashed.count() && fault == null; ) {
      long index = hashed.first() + taken;
      int filled = (int) (index % WIDTH);
      int count = Math.min(WIDTH - filled, hashed.count() - taken);
      System.arraycopy(
          hashed.leaves(), taken * Sha.SIZE, tile, filled * Sha.SIZE, count * Sha.SIZE);
      if (filled + count == WIDTH) {
        absorbTile(
            index - filled,
            count == WIDTH ? hashed.roots().get(root++) : sha.complete(tile, 0, WIDTH));
      } else if (index + count == checkpoint.size()) {
        absorbEnd(index - filled, filled + count);
      }
      taken += count;
    }
  }

  private void absorbTile(long first, byte[] root) {
    note(compareLeaves(first, WIDTH));
    judgeEarlier(first, WIDTH);
    progress.frontier.add(8, root, this::compareAbove);
    settle(first + WIDTH);
    resumable = progress.frontier.copy();
  }

  private void absorbEnd(long first, int count) {
    note(compareLeaves(first, count));
    judgeEarlier(first, count);
    for (int i = 0; i < count; i++) {
      progress.frontier.add(
          0, Arrays.copyOfRange(tile, i * Sha.SIZE, (i + 1) * Sha.SIZE), Frontier.NOBODY);
    }
    settle(first + count);
  }

  /** Compares the first leaf hashes of the present tile with the claimed ones; if they differ, finds out which are right. */
  private @Nullable Fault compareLeaves(long first, int count) {
    if (tiles == null || undecided != null) {
      return null;
    }
    long index = first / WIDTH;
    byte[] claimed = tiles.claimed(0, index);
    int differs = claimed == null
        ? 0
        : Arrays.mismatch(tile, 0, count * Sha.SIZE, claimed, 0, count * Sha.SIZE);
    if (differs < 0) {
      return null;
    }
    long culprit = first + differs / Sha.SIZE;
    if (claimed != null && tiles.authentic(0, index) != null) {
      return Fault.at(
          Reason.ENTRY,
          culprit,
          "the entry does not hash to the leaf that the signed tree has here");
    }
    byte[] root = tiles.width(0, index) < WIDTH ? null : tiles.rootOf(0, index);
    String name = "stored tile " + index + " of level 0 is "
        + (claimed == null ? "absent or has another length" : "wrong");
    if (root != null && count == WIDTH) {
      boolean entriesAreRight = Arrays.equals(root, sha.complete(tile, 0, WIDTH));
      return entriesAreRight
          ? new Fault(Reason.TILE, culprit, claimed == null ? first + count : culprit + 1, name)
          : new Fault(
              Reason.TREE,
              first,
              first + count,
              "neither these entries nor their stored tile lead to the signed root");
    }
    undecided =
        new Fault(Reason.TILE, culprit, claimed == null ? first + count : culprit + 1, name);
    return null;
  }

  /** Compares a complete subtree with the claimed tile above it. All below it agreed, so entries and tiles were changed together. */
  private void compareAbove(int level, long index, byte[] hash) {
    if (tiles == null || undecided != null || fault != null) {
      return;
    }
    long tileIndex = index / WIDTH;
    if (aboveIndex[level] != tileIndex) {
      above[level] = tiles.claimed(level, tileIndex);
      aboveIndex[level] = tileIndex;
    }
    byte[] claimed = above[level];
    int offset = (int) (index % WIDTH) * Sha.SIZE;
    if (claimed != null && Arrays.equals(claimed, offset, offset + Sha.SIZE, hash, 0, Sha.SIZE)) {
      return;
    }
    long first = index << (8 * level);
    long end = (index + 1) << (8 * level);
    if (claimed != null && tiles.authentic(level, tileIndex) != null) {
      note(new Fault(
          Reason.TREE,
          first,
          end,
          "these entries and their stored tiles do not lead to the signed root"));
    } else {
      String how = claimed == null ? " is absent or has another length" : " is wrong";
      undecided = new Fault(
          Reason.TILE, first, end, "stored tile " + tileIndex + " of level " + level + how);
    }
  }

  private void note(@Nullable Fault found) {
    fault = earliest(fault, found);
  }

  /** Makes a fault of an entry in itself the verdict when all before {@code end} is compared and nothing else is wrong there. */
  private void settle(long end) {
    Fault own = inItself;
    if (own != null
        && own.first() < end
        && (undecided == null || own.first() < undecided.first())) {
      fault = earliest(fault, own);
    }
  }

  /** Judges what can be judged before the first entry; the rest becomes {@link #history}, to be met on the way. */
  private @Nullable Fault judgeHistory(List<SignedCheckpoint> held) {
    if (!progress.origin.equals(checkpoint.origin())) {
      return Fault.general(
          Reason.CHECKPOINT,
          "origin " + checkpoint.origin() + " (expected: " + progress.origin
              + ", whose state is resumed)");
    }
    long before = Math.max(position(), progress.confirmedSize());
    if (before > checkpoint.size()) {
      return rolledBack(before, "were verified before");
    }
    history.putAll(progress.confirmed.tailMap(position(), false));
    confirmed = Objects.requireNonNullElse(progress.confirmed.floorKey(position()), 0L);
    for (SignedCheckpoint earlier : held) {
      Fault found = judgeHeld(earlier);
      if (found != null) {
        return found;
      }
    }
    byte[] known = history.put(checkpoint.size(), checkpoint.root());
    boolean another = known != null && !checkpoint.hasRoot(known);
    return another
        ? new Fault(
            Reason.EARLIER_CHECKPOINT,
            0,
            checkpoint.size(),
            "another tree of this size was signed before")
        : null;
  }

  private @Nullable Fault judgeHeld(SignedCheckpoint earlier) {
    if (!earlier.origin().equals(checkpoint.origin())) {
      return Fault.general(
          Reason.EARLIER_CHECKPOINT,
          "origin " + earlier.origin() + " (expected: " + checkpoint.origin() + ")");
    }
    if (earlier.size() > checkpoint.size()) {
      return rolledBack(earlier.size(), "are in an earlier checkpoint");
    }
    byte[] known = earlier.size() == position()
        ? progress.frontier.root()
        : progress.confirmed.get(earlier.size());
    if (known == null && earlier.size() < position()) {
      throw new IllegalArgumentException(
          "earlier checkpoint: size " + earlier.size() + " (expected: at least " + position()
              + ", where this run resumes; verify from the start)");
    }
    if (known == null) {
      known = history.put(earlier.size(), earlier.root());
    }
    boolean another = known != null && !earlier.hasRoot(known);
    return another
        ? new Fault(
            Reason.EARLIER_CHECKPOINT, 0, earlier.size(), "another root than that of " + earlier)
        : null;
  }

  private Fault rolledBack(long size, String why) {
    return new Fault(
        Reason.EARLIER_CHECKPOINT,
        checkpoint.size(),
        size,
        "the log has " + checkpoint.size() + " entries; " + size + " " + why);
  }

  /** Compares the roots of earlier checkpoints that end within the present tile. */
  private void judgeEarlier(long first, int count) {
    for (Map.Entry<Long, byte[]> signed :
        history.subMap(first, false, first + count, true).entrySet()) {
      long size = signed.getKey();
      if (fault != null || size == checkpoint.size()) {
        return; // what follows is no earlier one: the last is judged at the end
      }
      Frontier then = progress.frontier.copy();
      for (int i = 0; i < size - first; i++) {
        then.add(0, Arrays.copyOfRange(tile, i * Sha.SIZE, (i + 1) * Sha.SIZE), Frontier.NOBODY);
      }
      if (Arrays.equals(signed.getValue(), then.root())) {
        progress.confirm(size, signed.getValue());
        confirmed = size;
      } else {
        String roots = "root " + Exact.base64(then.root()) + " (expected: "
            + Exact.base64(signed.getValue()) + ")";
        note(new Fault(
            Reason.EARLIER_CHECKPOINT,
            confirmed,
            size,
            "the first " + size + " entries have " + roots));
      }
    }
  }

  /** The log ended early: the last entries, which fill no tile, are compared before its end is. */
  private Fault judgeShort(long next) {
    int filled = (int) (next % WIDTH);
    Fault differs = filled == 0 ? null : compareLeaves(next - filled, filled);
    Fault missing = new Fault(
        Reason.MISSING,
        next,
        checkpoint.size(),
        "the log ends after " + next + " entries (expected: " + checkpoint.size() + ")");
    Fault found = earliest(earliest(differs, inItself), undecided);
    return found == null ? missing : found;
  }

  private @Nullable Fault judgeRoot() {
    byte[] root = progress.frontier.root();
    if (checkpoint.hasRoot(root)) {
      return earliest(undecided, inItself);
    }
    long first = undecided != null ? undecided.first() : confirmed;
    String stored = tiles == null ? "" : "; the stored tiles do not lead to it either";
    return new Fault(
        Reason.TREE,
        first,
        checkpoint.size(),
        "the entries have root " + Exact.base64(root) + " (expected: "
            + Exact.base64(checkpoint.root()) + ")" + stored);
  }

  private static @Nullable Fault earliest(@Nullable Fault one, @Nullable Fault other) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    return other.first() < one.first() ? other : one;
  }
}
