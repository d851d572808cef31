package io.vedette.collector.integrate;

import io.vedette.collector.integrate.LogPort.Head;
import io.vedette.collector.integrate.NotSigningException.Reason;
import io.vedette.store.trail.Checkpoints.StoredCheckpoint;
import io.vedette.store.trail.Succession;
import io.vedette.trail.Checkpoint;
import io.vedette.trail.ConsistencyProof;
import io.vedette.trail.EntryHasher;
import io.vedette.trail.Hash;
import io.vedette.trail.Note;
import io.vedette.trail.RefusedException;
import io.vedette.trail.Tile;
import io.vedette.trail.TileReader;
import io.vedette.trail.TreeBuilder;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Grows the tree by what was appended, stores its tiles, and signs it. Its output is a function of the entries, so two of them do no harm, and whatever step it dies at, the next one goes on from
 * the newest checkpoint. Blocks; belongs to one thread at a time. Holds at most one run of entries and the tree's right edge.
 *
 * <p>The order of a checkpoint: entries are committed, tiles stored, the checkpoint signed, remembered outside the database, published. Each is a promise that the steps before it hold.
 */
final class Integrator {
  /** Entries per step, 64 tiles: half a megabyte, a few milliseconds of hashing. */
  static final int RUN = 64 * 256;

  private final LogPort log;
  private final Supplier<SignerKeys> keySource;
  private final SignerState state;
  private final EntryHasher hasher = new EntryHasher();

  private @Nullable Tree tree;
  private @Nullable StoredCheckpoint followed;

  /** The tree of one incarnation. */
  private static final class Tree {
    final Head opened;
    final SignerKeys keys;
    final TreeBuilder builder;

    /** Size of the newest checkpoint, -1 where there is none. */
    long published;

    /** Signatures the newest checkpoint lacks. */
    boolean unsigned;

    /** Whether the trail knows these keys as its signers. */
    boolean registered;

    /** Signed once, but not stored as checkpoints: the tree has to come by here, the smallest first. */
    final Queue<Checkpoint> awaited = new PriorityQueue<>(Comparator.comparing(Checkpoint::size));

    /** Without keys it grows but is not signed. */
    boolean keyless;

    /** Why the keys there are do not count, where that is so. */
    @Nullable
    NotSigningException stranger;

    Tree(Head opened, SignerKeys keys, TreeBuilder builder, long published) {
      this.opened = opened;
      this.keys = keys;
      this.builder = builder;
      this.published = published;
    }
  }

  /**
   * What a step came to.
   *
   * @param size entries in stored tiles
   * @param behind whether more entries wait
   * @param unpublished whether a checkpoint is due
   */
  record Step(long size, int added, boolean behind, boolean unpublished) {}

  Integrator(LogPort log, Supplier<SignerKeys> keySource, SignerState state) {
    this.log = log;
    this.keySource = keySource;
    this.state = state;
  }

  /** Forgets what it knows, to read it anew: after a failure, or when another one was at work. */
  void forget() {
    tree = null;
  }

  /** Integrates what was appended, up to {@link #RUN} entries. Throws {@link NotSigningException} when the stored trail must not be built upon. */
  Step integrate() {
    boolean done = false;
    try {
      Head head = log.head();
      Tree current = tree;
      if (current == null
          || !current.opened.epoch().equals(head.epoch())
          || !current.opened.origin().equals(head.origin())
          || current.builder.size() > head.size()) {
        current = load(head);
        tree = current;
      }
      long before = current.builder.size();
      boolean grown = grow(current, head);
      long size = current.builder.size();
      done = true;
      return new Step(
          size,
          (int) (size - before),
          grown && size < head.size(),
          current.published < size || current.unsigned || current.keyless);
    } finally {
      if (!done) {
        forget(); // tiles may have been taken from the builder and not been stored
      }
    }
  }

  /** Signs and publishes the tree as it is. Empty when there is nothing new to sign, or another integrator was faster. Throws {@link NotSigningException} where this process must not sign. */
  Optional<StoredCheckpoint> publish() {
    Tree current = tree;
    if (current == null) {
      return Optional.empty();
    }
    if (current.keyless) {
      requireKeys(current.opened.origin());
      NotSigningException why = current.stranger;
      forget(); // a key has come, or the trail may know this one by now
      if (why != null) {
        throw why;
      }
      return Optional.empty();
    }
    long size = current.builder.size();
    if (!current.awaited.isEmpty() || (current.published == size && !current.unsigned)) {
      return Optional.empty();
    }
    boolean done = false;
    try {
      String origin = current.opened.origin();
      if (!current.registered && !log.putKeys(origin, current.keys.vkeys())) {
        throw new NotSigningException(
            Reason.KEY,
            "keys " + current.keys.vkeys() + " are not those of " + origin
                + " (expected: one that signs already; a new one is introduced as trail.next-key-file)");
      }
      current.registered = true;
      Hash root = current.builder.root();
      Note note = new Checkpoint(origin, size, root).sign(current.keys.signers());
      state.write(note);
      boolean stored = log.putCheckpoint(
          current.opened.epoch(), current.published, size, root.toBytes(), note.toString());
      if (!stored) {
        return Optional.empty(); // and read anew
      }
      current.published = size;
      current.unsigned = false;
      done = true;
      return Optional.of(
          new StoredCheckpoint(current.opened.epoch(), size, root.toBytes(), note.toString(), 0));
    } finally {
      if (!done) {
        forget();
      }
    }
  }

  /**
   * Remembers what another one published, if it extends what is remembered here: whoever signs next, in whichever process, refuses a trail that was put back since. Answers whether that is so;
   * throws {@link NotSigningException} when it is another history. False where nothing is published, or nothing can be judged for want of the trail's key.
   */
  boolean follow() {
    forget();
    Optional<StoredCheckpoint> newest = log.newest();
    StoredCheckpoint before = followed;
    if (newest.isEmpty()) {
      return false;
    }
    if (before != null && isSame(before, newest.get())) {
      return true;
    }
    Head head = log.head();
    Tree loaded = load(head);
    if (loaded.keyless) {
      return false;
    }
    StoredCheckpoint published = newest.get();
    // Else another came meanwhile, or it is not yet where something remembered can be compared: for
    // the next time.
    if (published.size() == loaded.published && loaded.awaited.isEmpty()) {
      boolean known = state.histories(head.origin()).stream()
          .map(note -> Checkpoint.parse(note.text()))
          .anyMatch(last -> last.origin().equals(head.origin()) && last.size() >= published.size());
      if (!known) {
        state.write(Note.parse(published.note().getBytes(StandardCharsets.UTF_8)));
      }
      followed = published;
    }
    return true;
  }

  private static boolean isSame(StoredCheckpoint one, StoredCheckpoint other) {
    return one.epoch().equals(other.epoch())
        && one.size() == other.size()
        && one.note().equals(other.note());
  }

  private void requireKeys(String origin) {
    keySource.get().requireOrigin(origin);
  }

  private boolean grow(Tree current, Head head) {
    long size = current.builder.size();
    Checkpoint awaited = current.awaited.peek();
    long end = awaited == null ? head.size() : Math.min(head.size(), awaited.size());
    if (size < end) {
      byte[] commitments = log.commitments(size, (int) Math.min(RUN, end - size));
      if (commitments.length == 0) {
        return false; // the head is ahead of what this statement saw
      }
      current.builder.append(hasher.leafHashes(commitments));
      for (Checkpoint next = awaited;
          next != null && next.size() == current.builder.size();
          next = current.awaited.peek()) {
        requireRoot(next, current.builder.root());
        current.awaited.remove();
      }
      List<Tile> tiles = current.builder.takeTiles();
      if (!tiles.isEmpty()) {
        log.putTiles(tiles);
      }
    }
    return true;
  }

  /** Continues from the newest checkpoint, and makes sure that it is one history with what was signed last. */
  private Tree load(Head known) {
    Optional<StoredCheckpoint> newest = log.newest();
    Head head = known;
    if (newest.isPresent() && newest.get().size() > head.size()) {
      head = log.head(); // both grow: asked for in this order the head is not behind
    }
    SignerKeys keys = new SignerKeys(List.of());
    boolean keyless = false;
    try {
      keys = keySource.get();
      keys.requireOrigin(head.origin());
    } catch (NotSigningException e) {
      keyless = true; // tiles are made all the same; to publish says why not
    }
    TreeBuilder builder = newest.isEmpty() ? TreeBuilder.empty() : restore(newest.get());
    if (builder.size() > head.size()) {
      throw new NotSigningException(
          Reason.HISTORY,
          "the trail has " + head.size() + " entries (expected: at least " + builder.size()
              + ", the size of its newest checkpoint); restore a backup, or declare it: vedette trail reopen");
    }
    Tree loaded =
        new Tree(head, keys, builder, newest.map(StoredCheckpoint::size).orElse(-1L));
    loaded.keyless = keyless;
    try {
      loaded.unsigned = !keyless && newest.isPresent() && lacksSignature(newest.get(), loaded);
    } catch (NotSigningException e) {
      if (e.reason() != Reason.KEY) {
        throw e;
      }
      loaded.keyless = true;
      loaded.stranger = e;
    }
    for (Note last : state.histories(head.origin())) {
      Checkpoint signed = Checkpoint.parse(last.text());
      if (signed.size() <= extendedUpTo(last, signed, head)) {
        requireOneHistory(signed, head, loaded);
      }
    }
    return loaded;
  }

  private TreeBuilder restore(StoredCheckpoint newest) {
    try {
      return TreeBuilder.restore(newest.size(), Hash.of(newest.root()), tiles());
    } catch (RefusedException e) {
      throw new NotSigningException(
          Reason.STORED,
          "the stored tiles do not lead to the newest checkpoint: " + e.getMessage()
              + "; find out what changed: vedette trail verify");
    }
  }

  /** Whether one of our keys did not sign it yet. Refuses one that none of them signed. */
  private static boolean lacksSignature(StoredCheckpoint newest, Tree loaded) {
    try {
      Note note = Note.parse(newest.note().getBytes(StandardCharsets.UTF_8));
      Checkpoint checkpoint =
          Checkpoint.open(note.toBytes(), loaded.opened.origin(), loaded.keys.verifiers());
      if (checkpoint.size() != newest.size() || !checkpoint.root().equals(Hash.of(newest.root()))) {
        throw new NotSigningException(
            Reason.STORED,
            "the newest checkpoint says size " + checkpoint.size() + " (expected: " + newest.size()
                + ", and the root stored beside it)");
      }
      return note.verify(loaded.keys.verifiers()).size() < loaded.keys.signers().size();
    } catch (RefusedException e) {
      throw new NotSigningException(
          Reason.KEY, "the newest checkpoint is not signed by a key given here: " + e.getMessage());
    }
  }

  /** Up to which size what was signed must be found in the trail: all of it, or, where its own key said that the trail was reopened, what it said was left. */
  private long extendedUpTo(Note last, Checkpoint signed, Head head) {
    if (signed.origin().equals(head.origin())) {
      return Long.MAX_VALUE;
    }
    return Succession.agreed(last, head.origin(), log.successions())
        .orElseThrow(
            () -> new NotSigningException(
                Reason.HISTORY,
                "the trail is " + head.origin() + " (expected: " + signed.origin()
                    + ", of which size "
                    + signed.size()
                    + " was signed here, or a declaration by its key that it was reopened: vedette trail reopen)"));
  }

  private void requireOneHistory(Checkpoint signed, Head head, Tree loaded) {
    if (head.size() < signed.size()) {
      throw new NotSigningException(
          Reason.HISTORY,
          "the trail has " + head.size() + " entries (expected: at least " + signed.size()
              + ", which were signed here); it was shortened or an older copy was put back: restore a newer one, or declare it: vedette trail reopen");
    }
    long size = loaded.builder.size();
    if (signed.size() > size) {
      loaded.awaited.add(signed);
      return;
    }
    try {
      TreeBuilder.restore(signed.size(), signed.root(), tiles());
      boolean extended = ConsistencyProof.of(signed.size(), size, tiles())
          .proves(signed.root(), loaded.builder.root());
      if (!extended) {
        throw fork(signed, size);
      }
    } catch (RefusedException e) {
      throw fork(signed, size);
    }
  }

  private static void requireRoot(Checkpoint signed, Hash root) {
    if (!signed.root().equals(root)) {
      throw fork(signed, signed.size());
    }
  }

  private static NotSigningException fork(Checkpoint signed, long size) {
    return new NotSigningException(
        Reason.HISTORY,
        "the tree of size " + size + " does not begin with the tree of size " + signed.size()
            + " that was signed here, root " + signed.root()
            + "; find out what changed: vedette trail verify; a restored trail is declared by: vedette trail reopen");
  }

  private TileReader tiles() {
    return id -> log.tile(id.level(), id.index());
  }
}
