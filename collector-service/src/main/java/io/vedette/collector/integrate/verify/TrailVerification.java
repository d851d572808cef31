package io.vedette.collector.integrate.verify;

import io.vedette.collector.integrate.verify.StoredTrail.Entries;
import io.vedette.collector.integrate.verify.StoredTrail.Head;
import io.vedette.collector.integrate.verify.StoredTrail.Payload;
import io.vedette.collector.integrate.verify.StoredTrail.Payloads;
import io.vedette.collector.integrate.verify.StoredTrail.StoredKey;
import io.vedette.collector.integrate.verify.StoredTrail.StoredNote;
import io.vedette.trail.verify.Fault;
import io.vedette.trail.verify.FaultException;
import io.vedette.trail.verify.LogKey;
import io.vedette.trail.verify.LogVerifier;
import io.vedette.trail.verify.Reason;
import io.vedette.trail.verify.SignedCheckpoint;
import io.vedette.trail.verify.Verdict;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One verification of a whole stored trail against its newest checkpoint: payloads, entries, tree, tiles, all stored checkpoints and those held elsewhere; and of what came after that checkpoint,
 * payloads against entries. Blocks; one thread, hashing on more if asked.
 */
public final class TrailVerification {
  private static final int PAGE = 4_096;
  private static final long PAGE_BYTES = 16L << 20;

  /** How long the checkpoint that the signer remembers may take to be stored. */
  private static final long AHEAD_NS = Duration.ofSeconds(5).toNanos();

  private static final long LOOK_NS = Duration.ofMillis(100).toNanos();

  /** To open one is a signature verified, some 0.7 ms. */
  private static final int OPENED_AT_ONCE = 8;

  private final StoredTrail trail;
  private final Options options;
  private final LongSupplier nanoTime;
  private final LongConsumer pause;
  private final OpenedNotes opened;
  private final TimeCheck times = new TimeCheck();
  private long unsigned;
  private boolean stopped;

  /**
   * What to hold the trail against.
   *
   * @param trusted keys held outside the database; the newest checkpoint must be signed by one of them
   * @param earlier signed checkpoints held elsewhere, that of the signer for one
   * @param resume an earlier run's state, empty to begin at the start; where one of {@code earlier} lies before it, the run begins at the start all the same
   */
  public record Options(
      List<LogKey> trusted, List<byte[]> earlier, int threads, Optional<byte[]> resume) {
    public Options {
      trusted = List.copyOf(trusted);
      earlier = List.copyOf(earlier);
    }
  }

  /** Told after each page; may take its time, and may end the run by answering false. */
  public interface Watcher {
    /** @param state how far it came, to resume; empty when something is wrong already */
    boolean page(long next, long size, Optional<byte[]> state);

    /** Told now and then while work is done that moves no index; may take its time. */
    default void working() {}
  }

  /**
   * How it ended.
   *
   * @param size of the checkpoint
   * @param checked entries verified, those of a resumed run included
   * @param payloads records found to belong to their entries
   * @param excused entries without a record, erased or expired
   * @param unsigned entries beyond the checkpoint, whose records belong to them
   * @param checkpoints stored ones compared
   * @param held those held elsewhere that were compared
   * @param resumedAt the index it went on from, 0 where it began at the start
   * @param ended false when the watcher stopped it; then there is no fault and nothing is said of the rest
   */
  public record Result(
      long size,
      long checked,
      long payloads,
      long excused,
      long unsigned,
      int checkpoints,
      int held,
      long resumedAt,
      boolean ended,
      @Nullable Fault fault) {
    public boolean ok() {
      return ended && fault == null;
    }
  }

  public TrailVerification(StoredTrail trail, Options options) {
    this(trail, options, System::nanoTime, LockSupport::parkNanos);
  }

  /** With another clock, and another way to let time pass. */
  public TrailVerification(
      StoredTrail trail, Options options, LongSupplier nanoTime, LongConsumer pause) {
    this(trail, options, nanoTime, pause, new OpenedNotes());
  }

  /**
   * As one of many passes over the same trail.
   *
   * @param opened what earlier passes over this trail verified; the newest checkpoint is verified all the same
   */
  public TrailVerification(
      StoredTrail trail,
      Options options,
      LongSupplier nanoTime,
      LongConsumer pause,
      OpenedNotes opened) {
    this.trail = trail;
    this.options = options;
    this.nanoTime = nanoTime;
    this.pause = pause;
    this.opened = opened;
  }

  public Result run(Watcher watcher) throws SQLException {
    Head head = trail.head();
    List<StoredNote> stored = List.of();
    SignedCheckpoint newest;
    LogVerifier.Setup setup;
    long position;
    int compared = 1;
    try {
      List<LogKey> known = knownKeys(head.origin());
      List<SignedCheckpoint> held = new ArrayList<>();
      for (byte[] note : options.earlier()) {
        held.add(SignedCheckpoint.open(note, origin(), known));
      }
      stored = checkpoints(
          head.epoch(), held.stream().mapToLong(SignedCheckpoint::size).max().orElse(-1));
      if (stored.isEmpty()) {
        return failed(Reason.CHECKPOINT, "the trail " + head.origin() + " has no checkpoint yet");
      }
      StoredNote last = stored.get(stored.size() - 1);
      newest = alike(last, SignedCheckpoint.open(last.note(), origin(), options.trusted()));
      setup = LogVerifier.against(newest)
          .threads(options.threads())
          .tiles(this::tile)
          .payloads(new Excuses(trail));
      position = resumed(setup, held);
      for (StoredNote earlier : stored.subList(0, stored.size() - 1)) {
        if (earlier.size() >= position) {
          setup.earlier(alike(earlier, opened.open(earlier.note(), origin(), known)));
          compared++;
          if (compared % OPENED_AT_ONCE == 0) {
            watcher.working();
          }
        }
      }
      held.forEach(setup::earlier);
    } catch (FaultException e) {
      return new Result(0, 0, 0, 0, 0, stored.size(), 0, 0, true, e.fault());
    } catch (Unlike e) {
      return failed(Reason.CHECKPOINT, String.valueOf(e.getMessage()));
    }
    int held = options.earlier().size();
    try (LogVerifier verifier = setup.start()) {
      Fault own = feed(verifier, watcher);
      if (verifier.next() < verifier.size() && own == null && stopped) {
        return new Result(
            newest.size(), verifier.next(), 0, 0, 0, compared, held, position, false, null);
      }
      Verdict verdict = verifier.finish();
      Fault fault = first(own, verdict.fault());
      if (fault == null) {
        fault = beyond(newest.size(), watcher);
      }
      return new Result(
          newest.size(),
          verdict.checked(),
          verdict.payloads(),
          verdict.excused(),
          unsigned,
          compared,
          held,
          position,
          true,
          fault);
    }
  }

  /**
   * The stored ones. The signer's memory is written before its checkpoint is stored: while the trail has the entries for it, what is held may be ahead of what is stored for a moment, and that is
   * waited for.
   */
  private List<StoredNote> checkpoints(String epoch, long heldSize) throws SQLException {
    List<StoredNote> stored = trail.checkpoints(epoch);
    long untilNs = nanoTime.getAsLong() + AHEAD_NS;
    while (newestSize(stored) < heldSize
        && trail.head().size() >= heldSize
        && nanoTime.getAsLong() - untilNs < 0) {
      pause.accept(LOOK_NS);
      if (trail.newestCheckpoint(epoch).filter(it -> it.size() >= heldSize).isPresent()) {
        stored = trail.checkpoints(epoch);
      }
    }
    return stored;
  }

  private static long newestSize(List<StoredNote> stored) {
    return stored.isEmpty() ? -1 : stored.get(stored.size() - 1).size();
  }

  /** Answers what is wrong beside what the verifier finds. */
  private @Nullable Fault feed(LogVerifier verifier, Watcher watcher) throws SQLException {
    while (verifier.next() < verifier.size()) {
      long from = verifier.next();
      Entries entries = trail.entries(from, (int) Math.min(PAGE, verifier.size() - from));
      if (entries.conflict() >= 0 && entries.count() == 0) {
        return twice(entries.conflict());
      }
      if (entries.count() == 0) {
        return null; // the verifier says where it ends
      }
      boolean goOn = true;
      long conflict;
      times.page(entries.batches(), trail.partitions(from, from + entries.count()));
      try (Payloads payloads = trail.payloads(from, from + entries.count())) {
        for (int i = 0; i < entries.count() && goOn && payloads.bytes() < PAGE_BYTES; i++) {
          Payload payload = payloads.at(from + i);
          goOn = verifier.add(
              LogVerifier.entry(entries.commitments(), i),
              payload == null ? null : payload.salt(),
              payload == null ? null : payload.canonical());
          times.add(from + i, payload);
        }
        conflict = payloads.conflict();
      }
      if (conflict >= 0) {
        return fault(Reason.PAYLOAD, conflict, "two payloads are stored for one entry");
      }
      if (!goOn || times.fault() != null) {
        return times.fault();
      }
      if (entries.conflict() >= 0) {
        return twice(entries.conflict());
      }
      if (!watcher.page(verifier.next(), verifier.size(), verifier.state())
          && verifier.next() < verifier.size()) {
        stopped = true;
        return null;
      }
    }
    return null;
  }

  private static Fault twice(long index) {
    return fault(Reason.ENTRY, index, "two batches hold an entry of this index");
  }

  /** What was appended after the checkpoint: entries without a gap, each with its own payload; and nothing after them. */
  private @Nullable Fault beyond(long size, Watcher watcher) throws SQLException {
    Excuses excuses = new Excuses(trail);
    long next = size;
    long end = trail.head().size(); // before the entries: they can only be more
    while (next < end) {
      Entries entries = trail.entries(next, (int) Math.min(PAGE, end - next));
      if (entries.conflict() >= 0) {
        return twice(entries.conflict());
      }
      if (entries.count() == 0) {
        return new Fault(
            Reason.MISSING,
            next,
            end,
            "the log ends after " + next + " entries (expected: " + end
                + ", what the trail's head says; not signed yet)");
      }
      times.page(entries.batches(), trail.partitions(next, next + entries.count()));
      try (Payloads payloads = trail.payloads(next, next + entries.count())) {
        for (int i = 0; i < entries.count(); i++) {
          Payload payload = payloads.at(next + i);
          times.add(next + i, payload);
          byte[] entry = Arrays.copyOfRange(entries.commitments(), i * 32, (i + 1) * 32);
          if (payload != null
              && !Arrays.equals(entry, Excuses.commitment(payload.salt(), payload.canonical()))) {
            return fault(
                Reason.PAYLOAD,
                next + i,
                "salt and record do not give the entry that commits to them");
          }
          if (payload == null && !excuses.test(next + i)) {
            return fault(
                Reason.PAYLOAD_MISSING,
                next + i,
                "record and salt are absent and no erasure or retention excuses it");
          }
        }
      }
      if (times.fault() != null) {
        return times.fault();
      }
      next += entries.count();
      unsigned += entries.count();
      watcher.working();
    }
    long stray = trail.firstPayloadBeyondHead();
    return stray < 0
        ? null
        : fault(Reason.PAYLOAD, stray, "a payload is stored for which there is no entry");
  }

  /** Where it goes on. A checkpoint held elsewhere that lies before that could not be compared: then at the start. */
  private long resumed(LogVerifier.Setup setup, List<SignedCheckpoint> held) {
    long position = options.resume().map(TrailVerification::position).orElse(0L);
    if (position == 0 || held.stream().anyMatch(earlier -> earlier.size() < position)) {
      return 0;
    }
    options.resume().ifPresent(setup::resume);
    return position;
  }

  /** Its third line says how far it came. */
  static long position(byte[] state) {
    String[] lines = new String(state, StandardCharsets.UTF_8).split("\n", 4);
    try {
      return Long.parseLong(lines.length > 2 ? lines[2] : "");
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "verification state: not one (remove it to begin at the start)", e);
    }
  }

  private String origin() {
    return options.trusted().get(0).name();
  }

  private static SignedCheckpoint alike(StoredNote stored, SignedCheckpoint checkpoint) {
    if (checkpoint.size() != stored.size() || !Arrays.equals(checkpoint.root(), stored.root())) {
      throw new Unlike(
          "stored checkpoint of size " + stored.size() + ": its note says " + checkpoint);
    }
    return checkpoint;
  }

  /** Earlier checkpoints may be signed by keys that were replaced since. Their trees are compared all the same. */
  private List<LogKey> knownKeys(String origin) throws SQLException {
    List<LogKey> keys = new ArrayList<>(options.trusted());
    List<Object> names = new ArrayList<>(options.trusted());
    names.add(origin());
    for (StoredKey stored : trail.keys()) {
      if (stored.origin().equals(origin)) {
        keys.add(LogKey.parse(stored.vkey()));
        names.add(stored.vkey());
      }
    }
    opened.beginPass(names);
    return keys;
  }

  private byte @Nullable [] tile(int level, long index, int width) {
    try {
      return trail.tile(level, index, width);
    } catch (SQLException e) {
      throw new IllegalStateException(
          "tile " + level + "/" + index + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** A checkpoint's row says something else than its note. */
  private static final class Unlike extends RuntimeException {
    private static final long serialVersionUID = 1;

    Unlike(String message) {
      super(message);
    }
  }

  private static Result failed(Reason reason, String detail) {
    return new Result(
        0, 0, 0, 0, 0, 0, 0, 0, true, new Fault(reason, Fault.NO_INDEX, Fault.NO_INDEX, detail));
  }

  private static Fault fault(Reason reason, long index, String detail) {
    return new Fault(reason, index, index + 1, detail);
  }

  /** The earlier one. Of a time, only where the tree finds nothing wrong up to there: a changed record says why its time is another, and the rest was not read. */
  private static @Nullable Fault first(@Nullable Fault own, @Nullable Fault trees) {
    if (own == null || trees == null) {
      return own == null ? trees : own;
    }
    boolean treesFirst = own.reason() == Reason.TIME
        ? trees.reason() != Reason.MISSING && trees.first() < own.end()
        : trees.first() < own.first();
    return treesFirst ? trees : own;
  }
}
