package io.vedette.collector.append;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.model.Batch;
import io.vedette.model.CanonicalRecord;
import io.vedette.model.RecordDraft;
import io.vedette.model.RecordView;
import io.vedette.model.Sample;
import io.vedette.model.Series;
import io.vedette.model.Stamps;
import io.vedette.store.trail.AppendOutcome;
import io.vedette.store.trail.AppendRequest;
import io.vedette.store.trail.CursorMove;
import io.vedette.store.trail.IdempotencyMove;
import io.vedette.store.trail.SealedRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class GathererTest {
  private static final long T0 = 1_800_000_000_000_000L;

  private final Gatherer gatherer =
      new Gatherer(1, new UUID(1, 2), new Limits(3, 10_000, 5_000), bytes -> {}, source -> 0);
  private final List<String> settled = new ArrayList<>();

  private static CanonicalRecord record(String source, String message) {
    return CanonicalRecord.of(
        RecordDraft.builder().message(message).observedUs(T0).build(), source);
  }

  private Offer offer(String name, String source, int records) {
    return offer(name, source, records, T0);
  }

  private Offer offer(String name, String source, int records, long receivedUs) {
    List<CanonicalRecord> all = new ArrayList<>();
    for (int i = 0; i < records; i++) {
      all.add(record(source, name + i));
    }
    return Offer.records(
        source, all, receivedUs, settlement -> settled.add(name + " " + settlement));
  }

  private Offer moving(String name, String cursor, @Nullable String from, String to) {
    return Offer.of(
        "logs",
        List.of(record("logs", name)),
        List.of(),
        new Offer.Position(cursor, from, to),
        null,
        T0,
        settlement -> settled.add(name + " " + settlement));
  }

  private AppendRequest next(long nowUs) {
    return java.util.Objects.requireNonNull(gatherer.next(nowUs));
  }

  private static List<Long> sequences(AppendRequest request) {
    return request.records().stream()
        .map(SealedRecord::canonical)
        .map(bytes -> new RecordView(bytes).sequence())
        .toList();
  }

  private static AppendOutcome appended(AppendRequest request, long firstIndex) {
    return new AppendOutcome.Appended(
        new Batch(
            1,
            "e",
            1,
            firstIndex,
            request.records().size(),
            T0,
            1,
            true,
            request.records().stream().map(SealedRecord::canonical).toList(),
            request.samples(),
            Stamps.UNKNOWN),
        false,
        List.of());
  }

  @Test
  void whatComesToAnIdleTrailGoesAtOnceAndWhatFollowsSoonWaitsForOthers() {
    gatherer.add(offer("a", "web", 1));
    assertThat(gatherer.dueUs()).isLessThanOrEqualTo(T0);
    AppendRequest first = next(T0);
    assertThat(sequences(first)).containsExactly(1L);
    gatherer.answer(appended(first, 100), T0 + 900);

    gatherer.add(offer("b", "web", 1, T0 + 1_000));
    assertThat(gatherer.next(T0 + 4_999)).isNull();
    assertThat(gatherer.dueUs()).isEqualTo(T0 + 5_000);
    gatherer.add(offer("c", "web", 1, T0 + 2_000));
    AppendRequest second = next(T0 + 5_000);
    assertThat(sequences(second)).containsExactly(2L, 3L);
    gatherer.answer(appended(second, 101), T0 + 5_900);

    gatherer.add(offer("d", "web", 1, T0 + 10_000));
    assertThat(sequences(next(T0 + 10_000))).as("5 ms after the batch before").containsExactly(4L);
  }

  @Test
  void aFullBatchGoesBeforeItIsOldAndOneAtATime() {
    gatherer.answer(appended(goneAt(T0), 99), T0);
    gatherer.add(offer("a", "web", 1));
    assertThat(gatherer.next(T0 + 10)).isNull();
    gatherer.add(offer("b", "web", 2));
    AppendRequest request = next(T0 + 10);
    assertThat(sequences(request)).containsExactly(2L, 3L, 4L);
    assertThat(request.cursors()).containsExactly(new CursorMove("web", null, null, 1, 4));
    gatherer.add(offer("c", "web", 1));
    assertThat(gatherer.next(T0 + 1_000_000)).as("one on its way").isNull();
    settled.clear();
    gatherer.answer(appended(request, 100), T0);
    assertThat(settled)
        .containsExactly(
            "a Appended[batch=1, firstIndex=100, count=1, quarantined=0, epoch=e]",
            "b Appended[batch=1, firstIndex=101, count=2, quarantined=0, epoch=e]");
    assertThat(next(T0 + 1_000_000).cursors())
        .containsExactly(new CursorMove("web", null, null, 4, 5));
  }

  private AppendRequest goneAt(long nowUs) {
    gatherer.add(offer("before", "web", 1));
    return next(nowUs);
  }

  @Test
  void aClockThatGoesBackHoldsNothingUp() {
    gatherer.answer(appended(goneAt(T0 + 60_000_000), 99), T0 + 60_000_000);
    gatherer.add(offer("a", "web", 1, T0 + 60_000_000));
    assertThat(gatherer.next(T0)).isNotNull();
  }

  @Test
  void anOfferIsNeverSplit() {
    gatherer.add(offer("a", "web", 2));
    gatherer.add(offer("b", "web", 2));
    gatherer.add(offer("large", "web", 7));
    assertThat(next(T0).records()).hasSize(2);
    gatherer.answer(appended(AppendRequest.of(1, new UUID(1, 2), 1, T0, List.of()), 0), T0);
    assertThat(next(T0).records()).hasSize(2);
  }

  @Test
  void aSequenceThatMovedIsSealedAgain() {
    gatherer.add(offer("a", "web", 3));
    AppendRequest first = next(T0);
    gatherer.answer(new AppendOutcome.CursorMoved("web", null, 41), T0);
    AppendRequest again = next(T0);
    assertThat(again.seq()).isEqualTo(first.seq() + 1);
    assertThat(sequences(again)).containsExactly(42L, 43L, 44L);
    assertThat(settled).isEmpty();
  }

  @Test
  void aPositionThatMovedRefusesItsOffersOnly() {
    gatherer.add(moving("x", "logs:/a", "p1", "p2"));
    gatherer.add(moving("y", "logs:/b", null, "q1"));
    gatherer.add(offer("web", "web", 1));
    AppendRequest request = next(T0);
    assertThat(request.cursors())
        .containsExactly(
            new CursorMove("logs:/a", "p1", "p2", 0, 0),
            new CursorMove("logs:/b", null, "q1", 0, 0),
            new CursorMove("logs", null, null, 0, 2),
            new CursorMove("web", null, null, 0, 1));
    gatherer.answer(new AppendOutcome.CursorMoved("logs:/a", "p9", 0), T0);
    assertThat(settled).containsExactly("x CursorMoved[position=p9]");
    AppendRequest again = next(T0);
    assertThat(again.records()).hasSize(2);
    gatherer.answer(appended(again, 0), T0);
    assertThat(settled).hasSize(3);
  }

  @Test
  void movesOfOneCursorAreJoinedWhenTheyFollow() {
    gatherer.add(moving("x", "logs:/a", null, "p1"));
    gatherer.add(moving("y", "logs:/a", "p1", "p2"));
    gatherer.add(moving("z", "logs:/a", "elsewhere", "p3"));
    assertThat(next(T0 + 5_000).cursors()).contains(new CursorMove("logs:/a", null, "p2", 0, 0));
  }

  @Test
  void aSourceWhoseRowHasAPositionKeepsIt() {
    gatherer.add(offer("a", "logs", 3));
    next(T0);
    gatherer.answer(new AppendOutcome.CursorMoved("logs", "1", 7), T0);
    assertThat(next(T0).cursors()).containsExactly(new CursorMove("logs", "1", "1", 7, 10));
  }

  @Test
  void anIdempotencyKeyThatMovedRefusesItsRequest() {
    Offer keyed = Offer.of(
        "web",
        List.of(record("web", "k")),
        List.of(),
        null,
        new IdempotencyMove("p", "key", 0, 1, new byte[] {1}),
        T0,
        settlement -> settled.add("k " + settlement));
    gatherer.add(keyed);
    gatherer.add(offer("a", "web", 2));
    assertThat(next(T0).idempotency()).hasSize(1);
    gatherer.answer(new AppendOutcome.IdempotencyMoved("p", "key", 5, new byte[0]), T0);
    assertThat(settled).containsExactly("k IdempotencyMoved[done=5]");
    assertThat(next(T0).records()).hasSize(2);
  }

  @Test
  void aClockThatWentBackIsDeclared() {
    gatherer.add(offer("a", "web", 3));
    next(T0);
    gatherer.answer(new AppendOutcome.ClockWentBack(T0 + 60_000_000, T0), T0);
    AppendRequest again = next(T0);
    assertThat(again.newTimeline()).isTrue();
    RecordView gap = new RecordView(again.records().get(0).canonical());
    assertThat(gap.text("kind")).isEqualTo("gap");
    assertThat(gap.source()).isEqualTo("vedette");
    gatherer.answer(appended(again, 10), T0);
    assertThat(settled)
        .containsExactly("a Appended[batch=1, firstIndex=11, count=3, quarantined=0, epoch=e]");
    gatherer.add(offer("b", "web", 3));
    assertThat(next(T0).newTimeline()).isFalse();
  }

  @Test
  void aQuarantinedRecordIsToldToItsOffer() {
    gatherer.add(offer("a", "web", 1));
    gatherer.add(offer("b", "web", 2));
    AppendRequest request = next(T0);
    Batch batch = new Batch(
        1,
        "e",
        1,
        50,
        2,
        T0,
        1,
        true,
        List.of(request.records().get(0).canonical(), request.records().get(2).canonical()),
        new byte[0],
        Stamps.UNKNOWN);
    gatherer.answer(
        new AppendOutcome.Appended(
            batch, false, List.of(new AppendOutcome.RefusedRecord(1, "why"))),
        T0);
    assertThat(settled)
        .containsExactly(
            "a Appended[batch=1, firstIndex=50, count=1, quarantined=0, epoch=e]",
            "b Appended[batch=1, firstIndex=51, count=1, quarantined=1, epoch=e]");
  }

  @Test
  void samplesRideAlongAndTicksOnlyWhenNothingElseDoes() {
    gatherer.add(Offer.samples(
        "host", List.of(new Sample(Series.of("cpu", Map.of()), T0, 1)), T0, settlement -> {}));
    gatherer.add(Offer.tick(T0, settlement -> settled.add("tick " + settlement)));
    assertThat(settled).hasSize(1);
    AppendRequest request = next(T0 + 5_000);
    assertThat(request.sampleCount()).isEqualTo(1);
    gatherer.answer(appended(request, 0), T0);
    gatherer.add(Offer.tick(T0, settlement -> settled.add("tick " + settlement)));
    assertThat(next(T0 + 5_000).records()).isEmpty();
  }

  @Test
  void theGateCountsWhatWaits() {
    Gate gate = new Gate(3, 1_000_000);
    Offer two = offer("a", "web", 2);
    assertThat(gate.enter(two)).isInstanceOf(Admission.Admitted.class);
    assertThat(gate.enter(two)).isEqualTo(new Admission.Pushback(Admission.Reason.QUEUE_FULL, 1));
    assertThat(gate.records()).isEqualTo(2);
    gate.leave(two);
    assertThat(gate.enter(offer("large", "web", 9)))
        .as("alone, however large")
        .isInstanceOf(Admission.Admitted.class);
    gate.storageLow(true);
    assertThat(gate.enter(two)).isEqualTo(new Admission.Pushback(Admission.Reason.STORAGE_LOW, 30));
  }

  @Test
  void lossesAreSummedUntilDeclared() {
    Losses losses = new Losses();
    losses.add("syslog", "queue full", 2, T0);
    losses.add("syslog", "queue full", 3, T0 + 5);
    losses.add("syslog", "other", -1, T0);
    List<Losses.Declared> declared = losses.take(T0);
    assertThat(declared).extracting(Losses.Declared::count).containsExactly(5L, -1L);
    assertThat(declared.get(0).gap().attributes()).containsEntry("count", 5L);
    assertThat(losses.isEmpty()).isTrue();
    losses.putBack(declared);
    assertThat(losses.take(T0)).hasSize(2);
  }
}
