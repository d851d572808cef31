package io.vedette.trail.verify;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Goes through a whole log, entry by entry from the first, and finds the first one that is not what was signed. Fed by one thread;
 * hashes on as many as it is given. Holds at most two runs of 2,048 entries or 4 MiB per thread.
 *
 * <p>Every entry is compared with the stored tile of level 0, every complete subtree with the tile above, all together with the signed
 * root, and the roots on the way with earlier checkpoints. Where entry and tile differ, the tiles from the signed root down tell which
 * of them is wrong.
 */
public final class LogVerifier implements AutoCloseable {
  private static final int WIDTH = TileChain.WIDTH;

  /** Entries a thread is given at once: eight tiles, 2 ms of work. */
  private static final int RUN = 8 * WIDTH;

  private static final long HASHING_TIMEOUT_S = 600;

  private final SignedCheckpoint checkpoint;
  private final TreeCheck check;
  private final @Nullable LongPredicate excuses;
  private final int threads;
  private final @Nullable ExecutorService hashers;
  private final Deque<Future<Run.Hashed>> hashing = new ArrayDeque<>();

  private Run run;
  private long next;
  private long payloads;
  private long excused;

  private LogVerifier(Setup setup) {
    checkpoint = setup.checkpoint;
    excuses = setup.excuses;
    threads = setup.threads;
    check = new TreeCheck(checkpoint, setup.tiles, setup.earlier, setup.state);
    next = check.position();
    run = new Run(next, excuses != null);
    hashers = threads == 1 || check.fault() != null
        ? null
        : Executors.newFixedThreadPool(threads, LogVerifier::daemon);
  }

  /** How to verify; {@link #start} begins. */
  public static final class Setup {
    private final SignedCheckpoint checkpoint;
    private final List<SignedCheckpoint> earlier = new ArrayList<>();
    private @Nullable ClaimedTiles tiles;
    private @Nullable LongPredicate excuses;
    private byte @Nullable [] state;
    private int threads = 1;

    private Setup(SignedCheckpoint checkpoint) {
      this.checkpoint = checkpoint;
    }

    /** Compares the tiles the log stores as well, and uses them to name the culprit. */
    public Setup tiles(ClaimedTiles claimed) {
      tiles = claimed;
      return this;
    }

    /** Demands that the log begins with what this checkpoint, held elsewhere, committed to. */
    public Setup earlier(SignedCheckpoint held) {
      earlier.add(held);
      return this;
    }

    /** Demands Vedette's form of every entry, and its record unless {@code excused} names the index (erased, or past its retention). */
    public Setup payloads(LongPredicate excusedIndices) {
      excuses = excusedIndices;
      return this;
    }

    /** Hashes on this many threads; 1, the default, is the caller's own. */
    public Setup threads(int count) {
      if (count < 1) {
        throw new IllegalArgumentException("threads: " + count + " (expected: 1 or more)");
      }
      threads = count;
      return this;
    }

    /** Goes on where a run with this {@link LogVerifier#state} ended; what lies before is not looked at again. */
    public Setup resume(byte[] earlierState) {
      state = earlierState.clone();
      return this;
    }

    public LogVerifier start() {
      return new LogVerifier(this);
    }
  }

  /** Verifies the log of this checkpoint. */
  public static Setup against(SignedCheckpoint checkpoint) {
    return new Setup(checkpoint);
  }

  /** Vedette's entry with the {@code position}-th of these commitments (32 bytes each). */
  public static byte[] entry(byte[] commitments, int position) {
    return VedetteEntry.of(commitments, position);
  }

  /** The index {@link #add} expects next. */
  public long next() {
    return next;
  }

  /** The size of the checkpoint: entries to feed in all. */
  public long size() {
    return checkpoint.size();
  }

  /** Feeds an entry whose record is not looked at, or gone. */
  public boolean add(byte[] entry) {
    return add(entry, null, null);
  }

  /**
   * Feeds the entry at {@link #next} with what is left of its payload. Keeps the arrays for a while: do not change them.
   *
   * @return whether to go on: false once a fault is known
   */
  public boolean add(byte[] entry, byte @Nullable [] salt, byte @Nullable [] record) {
    if (next >= checkpoint.size()) {
      throw new IllegalStateException(
          "index " + next + " is beyond the checkpoint's size, " + checkpoint.size());
    }
    if (check.fault() != null) {
      return false;
    }
    if (excuses != null && (salt == null || record == null)) {
      if (excuses.test(next)) {
        excused++;
      } else {
        String absent = record != null
            ? "the salt is absent"
            : salt != null ? "the record is absent" : "record and salt are absent";
        check.report(Fault.at(
            Reason.PAYLOAD_MISSING, next, absent + " and no erasure or retention excuses it"));
      }
    }
    run.add(entry, salt, record);
    next++;
    if (run.isFull(threads == 1 ? WIDTH : RUN)) {
      closeRun();
    }
    return check.fault() == null;
  }

  /** The fault, once known. */
  public Optional<Fault> fault() {
    return Optional.ofNullable(check.fault());
  }

  /** How far it came, to {@link Setup#resume} later; empty when something is wrong. */
  public Optional<byte[]> state() {
    return check.state();
  }

  /** Ends the log here and judges it. */
  public Verdict finish() {
    closeRun();
    while (!hashing.isEmpty()) {
      absorb(await(hashing.remove()));
    }
    Fault fault = check.finish(next);
    return new Verdict(
        fault == null ? checkpoint.size() : Math.max(0, fault.first()), payloads, excused, fault);
  }

  /** Stops the threads it started. */
  @Override
  public void close() {
    if (hashers != null) {
      hashers.shutdownNow();
    }
  }

  private void closeRun() {
    Run closed = run;
    run = new Run(next, excuses != null);
    if (hashers == null) {
      absorb(closed.hash());
      return;
    }
    hashing.add(hashers.submit(closed::hash));
    while (hashing.size() > 2 * threads
        || (!hashing.isEmpty() && hashing.element().isDone())) {
      absorb(await(hashing.remove()));
    }
  }

  private void absorb(Run.Hashed hashed) {
    payloads += hashed.payloads();
    check.absorb(hashed);
  }

  private static Run.Hashed await(Future<Run.Hashed> hashing) {
    try {
      return hashing.get(HASHING_TIMEOUT_S, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while verifying", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("hashing did not end well", e);
    }
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "vedette-verify");
    thread.setDaemon(true);
    return thread;
  }
}
