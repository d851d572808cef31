package io.vedette.testkit;

import io.vedette.model.CanonicalRecord;
import io.vedette.model.RecordDraft;
import io.vedette.store.Database;
import io.vedette.store.trail.AppendOutcome;
import io.vedette.store.trail.AppendOutcome.Appended;
import io.vedette.store.trail.AppendRequest;
import io.vedette.store.trail.Appender;
import io.vedette.store.trail.CursorMove;
import io.vedette.store.trail.SealedRecord;
import io.vedette.store.trail.Trail;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Trail 1 of a test, with an appender of its own that appends what the test says at the time its clock says. Its methods block: call them on the test's thread, from one at a time.
 */
public final class TestTrail implements AutoCloseable {
  public static final int TRAIL = 1;

  private final Appender appender;
  private final ManualClock clock;
  private final Trail trail;
  private final UUID id = UUID.randomUUID();
  private final Map<String, Long> sequences = new TreeMap<>();
  private long seq;

  private TestTrail(Trail trail, Appender appender, ManualClock clock) {
    this.trail = trail;
    this.appender = appender;
    this.clock = clock;
  }

  public static TestTrail open(Database database) {
    return open(database, Trail.PARTITION_SIZE);
  }

  /** The database's clock runs on: log time is the test's clock as long as that is behind, which it is at its start. */
  public static TestTrail open(Database database, long partitionSize) {
    ManualClock clock = new ManualClock();
    Trail trail = Await.value(Trail.open(database, TRAIL, null, partitionSize));
    return new TestTrail(trail, new Appender(database, database.vertx().eventBus(), clock), clock);
  }

  public Trail trail() {
    return trail;
  }

  public ManualClock clock() {
    return clock;
  }

  public Appender appender() {
    return appender;
  }

  /** Appends one batch of records with these messages, from a source, observed now. */
  public Appended append(String source, String... messages) {
    List<RecordDraft> drafts = new ArrayList<>();
    for (String message : messages) {
      drafts.add(
          RecordDraft.builder().message(message).observedUs(clock.nowUs()).build());
    }
    return append(source, drafts);
  }

  public Appended append(String source, List<RecordDraft> drafts) {
    long from = sequences.getOrDefault(source, 0L);
    List<SealedRecord> records = new ArrayList<>();
    for (RecordDraft draft : drafts) {
      records.add(sealed(draft, source, from + records.size() + 1));
    }
    long to = from + records.size();
    Appended done = appended(
        request(records).withCursors(List.of(new CursorMove(source, null, null, from, to))));
    sequences.put(source, to);
    return done;
  }

  /** Appends an empty batch. */
  public Appended tick() {
    return appended(request(List.of()));
  }

  /** The next request of this trail's appender, to be sent by the test. */
  public AppendRequest request(List<SealedRecord> records) {
    return AppendRequest.of(TRAIL, id, ++seq, clock.nowUs(), records);
  }

  public Appended appended(AppendRequest request) {
    AppendOutcome outcome = Await.value(appender.append(request));
    if (outcome instanceof Appended done) {
      return done;
    }
    throw new AssertionError("not appended: " + outcome);
  }

  /** With a salt that is a function of source and sequence: tests repeat bit for bit. */
  public static SealedRecord sealed(RecordDraft draft, String source, long sequence) {
    CanonicalRecord canonical = CanonicalRecord.of(draft, source);
    UUID salt = UUID.nameUUIDFromBytes((source + '/' + sequence).getBytes(StandardCharsets.UTF_8));
    byte[] bytes = java.nio.ByteBuffer.allocate(SealedRecord.SALT_BYTES)
        .putLong(salt.getMostSignificantBits())
        .putLong(salt.getLeastSignificantBits())
        .array();
    return SealedRecord.seal(canonical.seal(sequence), bytes, canonical.timeUs(), 0);
  }

  public static List<SealedRecord> records(int count, String source, long fromSequence) {
    List<SealedRecord> records = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      RecordDraft draft = RecordDraft.builder()
          .message(source + " says " + (fromSequence + i))
          .observedUs(ManualClock.START_US + i)
          .build();
      records.add(sealed(draft, source, fromSequence + i + 1));
    }
    return records;
  }

  @Override
  public void close() {
    Await.value(appender.close());
  }
}
