package io.vedette.collector.append;

import io.vedette.model.CanonicalRecord;
import io.vedette.model.GapRecord;
import io.vedette.model.Sample;
import io.vedette.model.SampleBlock;
import io.vedette.model.Stamps;
import io.vedette.model.Times;
import io.vedette.store.trail.AppendOutcome;
import io.vedette.store.trail.AppendRequest;
import io.vedette.store.trail.CursorMove;
import io.vedette.store.trail.IdempotencyMove;
import io.vedette.store.trail.SealedRecord;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Gathers offers into batches of one trail: one append is on its way, the next is gathered meanwhile. What comes to an idle trail goes at once; of what comes in quick succession a batch goes at most every
 * {@link Limits#maxAgeUs}, unless it is large before. Keeps the last sequence of each source it has seen; the database corrects it (a stale one costs one
 * more round trip and no record). Not thread safe: one owner. What waits is bounded by whoever offers.
 */
public final class Gatherer {

  /** Source of records made by Vedette itself. */
  public static final String OWN_SOURCE = "vedette";

  /** Sequences remembered: about 100 bytes each. Beyond, all are forgotten and asked for again. */
  private static final int MAX_SOURCES = 10_000;

  private static final byte[] NONE = {};

  private final int trail;
  private final UUID appender;
  private final Limits limits;
  private final Consumer<byte[]> random;
  private final ToIntFunction<String> retentionClass;

  private final Deque<Offer> waiting = new ArrayDeque<>();
  private long waitingRecords;
  private long waitingBytes;
  private final Map<String, Long> sequences = new HashMap<>();
  private final Map<String, String> kept =
      new HashMap<>(); // positions that records without a position leave alone
  private List<Offer> inFlight = List.of();
  private Map<String, Long> sealed =
      Map.of(); // last sequence of each source in the append on its way
  private boolean again; // inFlight is to be sealed and sent once more
  private boolean newTimeline;
  private long seq;
  private long gatheredUs; // when the batch before was gathered

  /**
   * @param random fills an array with unpredictable bytes: the salts
   * @param retentionClass of what a source sends
   */
  public Gatherer(
      int trail,
      UUID appender,
      Limits limits,
      Consumer<byte[]> random,
      ToIntFunction<String> retentionClass) {
    this.retentionClass = retentionClass;
    this.trail = trail;
    this.appender = appender;
    this.limits = limits;
    this.random = random;
  }

  public void add(Offer offer) {
    if (offer.isTick() && !isIdle()) {
      offer.settled().accept(new Settlement.Refused("a batch is under way: no tick is needed"));
      return;
    }
    waiting.add(offer);
    waitingRecords += offer.records().size();
    waitingBytes += offer.bytes();
  }

  public boolean isIdle() {
    return waiting.isEmpty() && inFlight.isEmpty();
  }

  /** When {@link #next} should be asked again without an offer or an answer, microseconds of the same clock; MAX_VALUE: not at all. */
  public long dueUs() {
    Offer oldest = waiting.peek();
    if (oldest == null || !inFlight.isEmpty()) {
      return Long.MAX_VALUE;
    }
    return Math.min(oldest.receivedUs(), gatheredUs) + limits.maxAgeUs();
  }

  /** The append to send now, null when one is on its way or the next is neither large nor old enough. */
  public @Nullable AppendRequest next(long nowUs) {
    if (again) {
      again = false;
      return inFlight.isEmpty() ? next(nowUs) : seal(nowUs);
    }
    if (!inFlight.isEmpty() || waiting.isEmpty()) {
      return null;
    }
    if (waitingRecords < limits.maxRecords()
        && waitingBytes < limits.maxBytes()
        && nowUs < dueUs()
        && dueUs() - nowUs <= limits.maxAgeUs()) {
      return null;
    }
    gather();
    gatheredUs = nowUs;
    return seal(nowUs);
  }

  private void gather() {
    List<Offer> gathered = new ArrayList<>();
    Map<String, @Nullable String> positions = new HashMap<>();
    Map<List<String>, Long> keys = new HashMap<>();
    long records = 0;
    long bytes = 0;
    for (Offer offer = waiting.peek(); offer != null; offer = waiting.peek()) {
      boolean fits = records + offer.records().size() <= limits.maxRecords()
          && bytes + offer.bytes() <= limits.maxBytes();
      if (!gathered.isEmpty() && (!fits || !continues(offer, positions, keys))) {
        break;
      }
      continues(offer, positions, keys);
      waiting.remove();
      records += offer.records().size();
      bytes += offer.bytes();
      gathered.add(offer);
    }
    waitingRecords -= records;
    waitingBytes -= bytes;
    inFlight = gathered;
  }

  /** Whether the offer begins where those before it in the batch end, for each cursor; notes where it ends. */
  private static boolean continues(
      Offer offer, Map<String, @Nullable String> positions, Map<List<String>, Long> keys) {
    Offer.Position position = offer.position();
    if (position != null) {
      if (positions.containsKey(position.cursor())
          && !Objects.equals(positions.get(position.cursor()), position.from())) {
        return false;
      }
      positions.put(position.cursor(), position.to());
    }
    IdempotencyMove move = offer.idempotency();
    if (move != null) {
      List<String> key = List.of(move.principal(), move.key());
      Long done = keys.get(key);
      if (done != null && done != move.fromDone()) {
        return false;
      }
      keys.put(key, move.toDone());
    }
    return true;
  }

  private AppendRequest seal(long nowUs) {
    int count = 0;
    for (Offer offer : inFlight) {
      count += offer.records().size();
    }
    byte[] salts = new byte[count * SealedRecord.SALT_BYTES];
    random.accept(salts);
    List<SealedRecord> records = new ArrayList<>(count);
    List<Sample> samples = new ArrayList<>();
    Map<String, Long> counted = new LinkedHashMap<>();
    Map<String, Offer.Position> positions = new LinkedHashMap<>();
    Map<List<String>, IdempotencyMove> moves = new LinkedHashMap<>();
    long receivedUs = Long.MAX_VALUE;
    for (Offer offer : inFlight) {
      receivedUs = Math.min(receivedUs, offer.receivedUs());
      samples.addAll(offer.samples());
      for (CanonicalRecord record : offer.records()) {
        byte[] salt = new byte[SealedRecord.SALT_BYTES];
        System.arraycopy(
            salts, records.size() * SealedRecord.SALT_BYTES, salt, 0, SealedRecord.SALT_BYTES);
        long sequence = counted.merge(
            record.source(), sequence(record.source()) + 1, (last, first) -> last + 1);
        records.add(SealedRecord.seal(
            record.seal(sequence),
            salt,
            record.timeUs(),
            retentionClass.applyAsInt(record.source())));
      }
      Offer.Position position = offer.position();
      if (position != null) {
        positions.merge(
            position.cursor(),
            position,
            (first, last) -> new Offer.Position(first.cursor(), first.from(), last.to()));
      }
      IdempotencyMove move = offer.idempotency();
      if (move != null) {
        int end = records.size();
        moves.merge(
            List.of(move.principal(), move.key()),
            offer.records().isEmpty() ? move : move.at(end - offer.records().size(), end - 1),
            IdempotencyMove::then);
      }
    }
    sealed = counted;
    return new AppendRequest(
        trail,
        appender,
        ++seq,
        nowUs,
        records,
        samples.isEmpty() ? NONE : SampleBlock.encode(samples),
        samples.size(),
        cursors(counted, positions),
        List.copyOf(moves.values()),
        newTimeline,
        new Stamps(receivedUs, nowUs, 0));
  }

  private List<CursorMove> cursors(
      Map<String, Long> counted, Map<String, Offer.Position> positions) {
    List<CursorMove> cursors = new ArrayList<>(counted.size() + positions.size());
    positions.forEach((cursor, position) -> {
      long from = sequence(cursor);
      cursors.add(new CursorMove(
          cursor, position.from(), position.to(), from, counted.getOrDefault(cursor, from)));
    });
    counted.forEach((source, sequence) -> {
      if (!positions.containsKey(source)) {
        String position = kept.get(source);
        cursors.add(new CursorMove(source, position, position, sequence(source), sequence));
      }
    });
    return cursors;
  }

  private long sequence(String source) {
    return sequences.getOrDefault(source, 0L);
  }

  /** Takes the answer to the append on its way; afterwards {@link #next} says what to send. */
  public void answer(AppendOutcome outcome, long nowUs) {
    if (outcome instanceof AppendOutcome.Appended appended) {
      settle(appended);
    } else if (outcome instanceof AppendOutcome.CursorMoved moved) {
      remember(moved.source(), moved.sequence());
      keep(moved.source(), moved.position());
      refuse(
          offer -> offer.position() != null
              && offer.position().cursor().equals(moved.source())
              && stands(moved),
          new Settlement.CursorMoved(moved.position()));
      again = true;
    } else if (outcome instanceof AppendOutcome.IdempotencyMoved moved) {
      refuse(
          offer -> offer.idempotency() != null
              && offer.idempotency().principal().equals(moved.principal())
              && offer.idempotency().key().equals(moved.key()),
          new Settlement.IdempotencyMoved(moved.done()));
      again = true;
    } else if (outcome instanceof AppendOutcome.ClockWentBack back) {
      declareNewTimeline(back, nowUs);
      again = true;
    } else if (outcome instanceof AppendOutcome.Refused refused) {
      fail(refused.reason());
    }
  }

  /** Whether the position, not only the sequence, is another than the batch began from. */
  private boolean stands(AppendOutcome.CursorMoved moved) {
    for (Offer offer : inFlight) {
      Offer.Position position = offer.position();
      if (position != null && position.cursor().equals(moved.source())) {
        return !Objects.equals(position.from(), moved.position());
      }
    }
    return false;
  }

  /** No answer will come, or the trail takes nothing: the offers on their way are refused. */
  public void fail(String reason) {
    refuse(offer -> true, new Settlement.Refused(reason));
    newTimeline = false;
  }

  /** Takes no more: what waits is refused, what is on its way is not. */
  public void refuseWaiting(String reason) {
    List<Offer> refused = List.copyOf(waiting);
    waiting.clear();
    waitingRecords = 0;
    waitingBytes = 0;
    refused.forEach(offer -> offer.settled().accept(new Settlement.Refused(reason)));
  }

  private void settle(AppendOutcome.Appended appended) {
    List<Offer> settled = inFlight;
    inFlight = List.of();
    newTimeline = false;
    int sent = 0;
    for (Offer offer : settled) {
      sent += offer.records().size();
    }
    sealed.forEach(this::remember);
    for (Offer offer : settled) {
      Offer.Position position = offer.position();
      if (position != null) {
        keep(position.cursor(), position.to());
      }
    }
    String epoch = appended.batch().epoch();
    long batch = appended.batch().number();
    int known = appended.batch().count() + appended.quarantined().size();
    if (known != sent) {
      // The answer of an earlier sending was lost and some records were set aside then: whose,
      // nobody knows any more. All are told the range of the batch.
      for (Offer offer : settled) {
        int count = Math.min(offer.records().size(), appended.batch().count());
        offer
            .settled()
            .accept(new Settlement.Appended(
                batch,
                appended.batch().firstIndex(),
                count,
                offer.records().size() - count,
                epoch));
      }
      return;
    }
    int position = 0;
    long index = appended.batch().firstIndex();
    for (Offer offer : settled) {
      int end = position + offer.records().size();
      int quarantined = 0;
      for (AppendOutcome.RefusedRecord refused : appended.quarantined()) {
        if (refused.position() >= position && refused.position() < end) {
          quarantined++;
        }
      }
      int count = offer.records().size() - quarantined;
      offer.settled().accept(new Settlement.Appended(batch, index, count, quarantined, epoch));
      index += count;
      position = end;
    }
  }

  private void refuse(java.util.function.Predicate<Offer> which, Settlement settlement) {
    List<Offer> kept = new ArrayList<>();
    List<Offer> refused = new ArrayList<>();
    for (Offer offer : inFlight) {
      (which.test(offer) ? refused : kept).add(offer);
    }
    inFlight = kept;
    refused.forEach(offer -> offer.settled().accept(settlement));
  }

  private void declareNewTimeline(AppendOutcome.ClockWentBack back, long nowUs) {
    if (newTimeline) {
      return; // declared already
    }
    newTimeline = true;
    CanonicalRecord gap = CanonicalRecord.of(
        GapRecord.of(
                "log time",
                -1,
                "the database's clock went back",
                Times.ofUs(back.nowUs()),
                Times.ofUs(back.logUs()))
            .toBuilder()
            .observedUs(nowUs)
            .build(),
        OWN_SOURCE);
    List<Offer> offers = new ArrayList<>();
    offers.add(Offer.records(OWN_SOURCE, List.of(gap), nowUs, settlement -> {}));
    offers.addAll(inFlight);
    inFlight = offers;
  }

  private void keep(String cursor, @Nullable String position) {
    if (kept.size() >= MAX_SOURCES && !kept.containsKey(cursor)) {
      kept.clear();
    }
    if (position == null) {
      kept.remove(cursor);
    } else {
      kept.put(cursor, position);
    }
  }

  private void remember(String source, long sequence) {
    if (sequences.size() >= MAX_SOURCES && !sequences.containsKey(source)) {
      sequences.clear();
    }
    sequences.put(source, sequence);
  }
}
