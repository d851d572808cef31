package io.vedette.store.trail;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.model.Batch;
import io.vedette.model.RecordDraft;
import io.vedette.model.RecordView;
import io.vedette.model.Stamps;
import io.vedette.model.TrailHead;
import io.vedette.store.Database;
import io.vedette.store.DatabaseUrl;
import io.vedette.store.StoreTest;
import io.vedette.store.trail.AppendOutcome.Appended;
import io.vedette.store.trail.AppendOutcome.ClockWentBack;
import io.vedette.store.trail.AppendOutcome.CursorMoved;
import io.vedette.store.trail.AppendOutcome.IdempotencyMoved;
import io.vedette.testkit.Await;
import io.vedette.testkit.ManualClock;
import io.vedette.testkit.Seeds;
import io.vedette.testkit.TcpProxy;
import io.vedette.testkit.TestTrail;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class AppendTest extends StoreTest {
  private static final int TRAIL = TestTrail.TRAIL;
  private static final long SECOND_US = 1_000_000;

  @RegisterExtension
  final Seeds seeds = new Seeds();

  private TestTrail trail;
  private BatchReader reader;

  @BeforeEach
  void openTrail() {
    trail = TestTrail.open(database);
    reader = new BatchReader(database);
  }

  @AfterEach
  void closeTrail() {
    trail.close();
  }

  @Test
  void batchComesBackAsItWasAppended() {
    byte[] samples = {1, 2, 3};
    List<SealedRecord> records = TestTrail.records(3, "a", 0);
    Appended done = trail.appended(
        trail.request(records).withSamples(samples, 7).withStamps(new Stamps(5, 6, 0)));

    assertThat(done.repeated()).isFalse();
    assertThat(done.quarantined()).isEmpty();
    assertThat(done.batch().number()).isEqualTo(1);
    assertThat(done.batch().firstIndex()).isZero();
    assertThat(done.batch().epoch()).isEqualTo(trail.trail().epoch()).matches("[0-9a-f]{16}");
    assertThat(done.batch().atUs()).isEqualTo(ManualClock.START_US);
    assertThat(done.batch().stamps().receivedUs()).isEqualTo(5);
    Batch read = Await.value(reader.read(TRAIL, 1, 10, Long.MAX_VALUE)).get(0);
    assertThat(read.records())
        .containsExactlyElementsOf(records.stream().map(SealedRecord::canonical).toList());
    assertThat(read.samples()).isEqualTo(samples);
    assertThat(read.atUs()).isEqualTo(done.batch().atUs());
    assertThat(Await.value(reader.head(TRAIL)))
        .isEqualTo(new TrailHead(TRAIL, trail.trail().epoch(), 3, 1, ManualClock.START_US, 1));
    assertThat(Await.value(new EntryReader(database).read(TRAIL, 1, 5)))
        .isEqualTo(join(records.get(1).entry(), records.get(2).entry()));
  }

  @Test
  void tickHasNoRecordsAndMovesLogTime() {
    trail.append("a", "one");
    trail.clock().advance(Duration.ofSeconds(1));
    Batch tick = trail.tick().batch();
    assertThat(tick.isTick()).isTrue();
    assertThat(tick.number()).isEqualTo(2);
    assertThat(tick.firstIndex()).isEqualTo(1);
    assertThat(tick.atUs()).isEqualTo(ManualClock.START_US + SECOND_US);
  }

  /** Every request is sent twice, by two appenders of the same identity, in whatever order they come. */
  @Test
  void severalAppendersSendingEverythingTwiceLeaveNoHoleAndNothingDoubled() {
    int appenders = 4;
    int requests = 15;
    List<Future<Long>> all = new ArrayList<>();
    List<Appender> opened = new ArrayList<>();
    long expected = 0;
    for (int a = 0; a < appenders; a++) {
      Appender first = new Appender(database, vertx.eventBus());
      Appender second = new Appender(database, vertx.eventBus());
      opened.add(first);
      opened.add(second);
      SplittableRandom random = seeds.random(a);
      UUID id = new UUID(random.nextLong(), random.nextLong());
      String source = "source-" + a;
      Future<Long> chain = Future.succeededFuture(0L);
      for (int i = 0; i < requests; i++) {
        int count = random.nextInt(1, 40);
        expected += count;
        int seq = i + 1;
        chain = chain.compose(sequence -> {
          AppendRequest request = AppendRequest.of(
                  TRAIL, id, seq, ManualClock.START_US, TestTrail.records(count, source, sequence))
              .withCursors(List.of(new CursorMove(
                  source,
                  sequence == 0 ? null : "at " + sequence,
                  "at " + (sequence + count),
                  sequence,
                  sequence + count)));
          Future<AppendOutcome> one = first.append(request);
          Future<AppendOutcome> two = second.append(request);
          return Future.all(one, two).map(both -> {
            Appended left = (Appended) one.result();
            Appended right = (Appended) two.result();
            assertThat(left.repeated()).isNotEqualTo(right.repeated());
            assertThat(left.batch().number()).isEqualTo(right.batch().number());
            assertThat(left.batch().firstIndex()).isEqualTo(right.batch().firstIndex());
            return sequence + count;
          });
        });
      }
      all.add(chain);
    }
    Await.value(Future.all(all));
    opened.forEach(appender -> Await.value(appender.close()));

    TrailHead head = Await.value(reader.head(TRAIL));
    assertThat(head.size()).isEqualTo(expected);
    assertThat(head.batch()).isEqualTo((long) appenders * requests);
    long nextIndex = 0;
    long nextNumber = 1;
    Set<String> seen = new HashSet<>();
    for (Batch batch : Await.value(reader.read(TRAIL, 1, 1000, Long.MAX_VALUE))) {
      assertThat(batch.number()).isEqualTo(nextNumber++);
      assertThat(batch.firstIndex()).isEqualTo(nextIndex);
      nextIndex = batch.endIndex();
      for (byte[] canonical : batch.records()) {
        RecordView view = new RecordView(canonical);
        assertThat(seen.add(view.source() + '/' + view.sequence())).isTrue();
      }
    }
    assertThat(seen).hasSize((int) expected);
    assertThat(db.number("SELECT count(DISTINCT index) FROM vedette.record")).isEqualTo(expected);
  }

  @Test
  void staleCursorIsRefusedAndToldWhereTheSourceStands() {
    trail.appended(trail
        .request(TestTrail.records(2, "f", 0))
        .withCursors(List.of(new CursorMove("f", null, "100", 0, 2))));
    AppendOutcome stale = Await.value(trail
        .appender()
        .append(trail
            .request(TestTrail.records(2, "f", 0))
            .withCursors(List.of(
                new CursorMove("g", null, "1", 0, 0), new CursorMove("f", null, "100", 0, 2)))));
    assertThat(stale).isEqualTo(new CursorMoved("f", "100", 2));
    assertThat(Await.value(reader.head(TRAIL)).size()).isEqualTo(2);
    assertThat(Await.value(new Cursors(database).read(TRAIL, "g"))).isEmpty();
  }

  /** An appender that was stopped wakes up after another one took its source: what it had on its way is refused, what it had got through stays once. */
  @Test
  void pausedAppenderDoesNoHarm() {
    AppendRequest before = trail
        .request(TestTrail.records(1, "f", 0))
        .withCursors(List.of(new CursorMove("f", null, "10", 0, 1)));
    AppendRequest onItsWay = trail
        .request(TestTrail.records(1, "f", 1))
        .withCursors(List.of(new CursorMove("f", "10", "20", 1, 2)));
    trail.appended(before);
    TestTrail other = TestTrail.open(database);
    other.appended(other
        .request(TestTrail.records(3, "f", 1))
        .withCursors(List.of(new CursorMove("f", "10", "40", 1, 4))));
    other.close();

    assertThat(Await.value(trail.appender().append(onItsWay)))
        .isEqualTo(new CursorMoved("f", "40", 4));
    assertThat(trail.appended(before).repeated()).isTrue();
    assertThat(Await.value(reader.head(TRAIL)).size()).isEqualTo(4);
  }

  @Test
  void lostAnswerIsAskedForAgainAndNothingIsDoubled() {
    TcpProxy proxy = TcpProxy.to(vertx, db.url().host(), db.url().port());
    Database far = db.connect(vertx, db.url().withAddress("127.0.0.1", proxy.port()));
    Appender appender = new Appender(far, vertx.eventBus());
    UUID id = UUID.randomUUID();
    Await.value(appender.append(
        AppendRequest.of(TRAIL, id, 1, ManualClock.START_US, TestTrail.records(5, "a", 0))));
    Await.value(far.close()); // its connections must not answer in between

    Future<Void> lost = proxy.loseNextAnswer();
    Appended done = (Appended) Await.value(appender.append(
        AppendRequest.of(TRAIL, id, 2, ManualClock.START_US, TestTrail.records(5, "a", 5))));
    Await.value(lost);
    assertThat(done.repeated()).isTrue();
    assertThat(done.batch().firstIndex()).isEqualTo(5);
    assertThat(Await.value(reader.head(TRAIL)).size()).isEqualTo(10);
    Await.value(appender.close());
    proxy.close();
  }

  @Test
  void appendWaitsForADatabaseThatWentAway() {
    TcpProxy proxy = TcpProxy.to(vertx, db.url().host(), db.url().port());
    Database far = db.connect(vertx, db.url().withAddress("127.0.0.1", proxy.port()));
    Appender appender = new Appender(far, vertx.eventBus());
    proxy.goAway();
    Future<AppendOutcome> waiting = appender.append(AppendRequest.of(
        TRAIL, UUID.randomUUID(), 1, ManualClock.START_US, TestTrail.records(5, "a", 0)));
    assertThat(waiting.isComplete()).isFalse();
    proxy.comeBack();
    assertThat(((Appended) Await.value(waiting)).batch().count()).isEqualTo(5);
    Await.value(appender.close());
    Await.value(far.close());
    proxy.close();
  }

  @Test
  void killedSessionsAreReplaced() {
    trail.append("a", "one");
    db.killSessions();
    trail.append("a", "two");
    db.killSessions();
    trail.append("a", "three");
    assertThat(Await.value(reader.head(TRAIL)).size()).isEqualTo(3);
  }

  @Test
  void closedAppenderFailsWhatWaits() {
    TcpProxy proxy = TcpProxy.to(vertx, db.url().host(), db.url().port());
    Database far = db.connect(vertx, db.url().withAddress("127.0.0.1", proxy.port()));
    Appender appender = new Appender(far, vertx.eventBus());
    proxy.goAway();
    Future<AppendOutcome> waiting = appender.append(AppendRequest.of(
        TRAIL, UUID.randomUUID(), 1, ManualClock.START_US, TestTrail.records(1, "a", 0)));
    Await.value(appender.close());
    assertThat(Await.failure(waiting)).hasMessageContaining("closed before the answer came");
    Await.value(far.close());
    proxy.close();
  }

  @Test
  void logTimeNeitherGoesBackNorRunsAheadOfEitherClock() {
    db.setClock(ManualClock.START_US + 100 * SECOND_US);
    assertThat(trail.tick().batch().atUs()).isEqualTo(ManualClock.START_US);
    trail
        .clock()
        .advance(Duration.ofHours(1)); // the appender's clock runs ahead: the database's counts
    assertThat(trail.tick().batch().atUs()).isEqualTo(ManualClock.START_US + 100 * SECOND_US);
    trail.clock().advance(Duration.ofHours(-2)); // and back: log time stands
    assertThat(trail.tick().batch().atUs()).isEqualTo(ManualClock.START_US + 100 * SECOND_US);
    db.setClock(ManualClock.START_US + 91 * SECOND_US); // 9 s back: log time stands
    Batch still = trail.tick().batch();
    assertThat(still.atUs()).isEqualTo(ManualClock.START_US + 100 * SECOND_US);
    assertThat(still.timeline()).isEqualTo(1);
  }

  @Test
  void clockThatWentBackBeginsANewTimelineWhenTheRecordsDeclareIt() {
    db.setClock(ManualClock.START_US);
    trail.append("a", "before");
    long nowUs = ManualClock.START_US - 60 * SECOND_US;
    db.setClock(nowUs);
    trail.clock().set(nowUs);
    AppendRequest request = trail.request(TestTrail.records(1, "b", 0));
    assertThat(Await.value(trail.appender().append(request)))
        .isEqualTo(new ClockWentBack(ManualClock.START_US, nowUs));
    assertThat(Await.value(reader.head(TRAIL)).size()).isEqualTo(1);

    Batch declared = trail.appended(request.withNewTimeline()).batch();
    assertThat(declared.timeline()).isEqualTo(2);
    assertThat(declared.atUs()).isEqualTo(nowUs);
    assertThat(trail.append("a", "after").batch().timeline()).isEqualTo(2);
    // A second appender that saw the same declares nothing more.
    assertThat(
            trail.appended(trail.request(List.of()).withNewTimeline()).batch().timeline())
        .isEqualTo(2);
  }

  @Test
  void anyByteIsKeptVerbatim() {
    List<SealedRecord> records = new ArrayList<>(TestTrail.records(1000, "a", 0));
    byte[] canonical = records.get(700).canonical().clone();
    canonical[20] = 0;
    records.set(700, SealedRecord.seal(canonical, records.get(700).salt(), 1, 0));
    Appended done = trail.appended(trail.request(records));
    assertThat(done.quarantined()).isEmpty();
    assertThat(Await.value(new RecordReader(database).byIndex(TRAIL, 700, 1))
            .get(0)
            .canonical())
        .isEqualTo(canonical);
  }

  @Test
  void recordTheDatabaseRefusesIsSetAsideAndTheOthersAreAppended() {
    List<SealedRecord> records = new ArrayList<>(TestTrail.records(1000, "a", 0));
    byte[] tooShort = "1".getBytes(StandardCharsets.UTF_8);
    for (int position : new int[] {0, 333, 999}) {
      records.set(position, SealedRecord.seal(tooShort, records.get(position).salt(), 1, 0));
    }
    Appended done = trail.appended(trail
        .request(records)
        .withSamples(new byte[] {9}, 1)
        .withCursors(List.of(new CursorMove("a", null, "end", 0, 1000))));
    assertThat(done.quarantined().stream().map(AppendOutcome.RefusedRecord::position))
        .containsExactly(0, 333, 999);
    assertThat(done.quarantined().get(0).reason())
        .contains("record_canonical_check")
        .contains("23514");
    assertThat(done.batch().number()).isEqualTo(1);
    assertThat(done.batch().count()).isEqualTo(997);
    assertThat(Await.value(reader.head(TRAIL)).size()).isEqualTo(998);
    RecordView gap = new RecordView(
        Await.value(new RecordReader(database).byIndex(TRAIL, 997, 1)).get(0).canonical());
    assertThat(gap.source()).isEqualTo("vedette");
    assertThat(gap.text("action")).isEqualTo("gap.declare");
    assertThat(gap.attributes())
        .containsEntry("count", 3L)
        .containsEntry("cause", "refused by the database, kept in quarantine");
    assertThat(Await.value(new Cursors(database).read(TRAIL, "a")).orElseThrow().position())
        .isEqualTo("end");
    List<Quarantine.Item> aside =
        Await.value(new Quarantine(database).newest(TRAIL, Long.MAX_VALUE, 10));
    assertThat(aside).hasSize(3);
    assertThat(aside.get(0).payload()).isEqualTo(tooShort);
    assertThat(trail.append("b", "next").batch().firstIndex()).isEqualTo(998);
  }

  @Test
  void retryUnderAnIdempotencyKeyContinuesWhereItStopped() {
    byte[] hash = {1, 2};
    trail.appended(trail
        .request(TestTrail.records(2, "t", 0))
        .withIdempotency(List.of(new IdempotencyMove("t", "k", 0, 2, hash))));
    AppendOutcome again = Await.value(trail
        .appender()
        .append(trail
            .request(TestTrail.records(2, "t", 0))
            .withIdempotency(List.of(new IdempotencyMove("t", "k", 0, 2, hash)))));
    assertThat(again).isInstanceOf(IdempotencyMoved.class);
    assertThat(((IdempotencyMoved) again).done()).isEqualTo(2);
    assertThat(((IdempotencyMoved) again).prefixHash()).isEqualTo(hash);
    trail.appended(trail
        .request(TestTrail.records(1, "t", 2))
        .withIdempotency(List.of(new IdempotencyMove("t", "k", 2, 3, new byte[] {3}))));
    assertThat(Await.value(new Cursors(database).progress(TRAIL, "t", "k"))
            .orElseThrow()
            .done())
        .isEqualTo(3);
    assertThat(Await.value(reader.head(TRAIL)).size()).isEqualTo(3);
  }

  @Test
  void serviceAppendsWithinItsOwnTransaction() {
    Future<Appended> committed = database.transaction(
        tx -> trail.appender().appendWithin(tx, TRAIL, List.of(draft("one"), draft("two"))));
    assertThat(Await.value(committed).batch().count()).isEqualTo(2);
    Future<Appended> rolledBack = database.transaction(tx -> trail
        .appender()
        .appendWithin(tx, TRAIL, List.of(draft("never")))
        .compose(done -> Future.failedFuture(new IllegalStateException("no"))));
    assertThat(Await.failure(rolledBack)).hasMessage("no");
    Appended third = Await.value(database.transaction(
        tx -> trail.appender().appendWithin(tx, TRAIL, List.of(draft("three")))));
    RecordView view = new RecordView(third.batch().records().get(0));
    assertThat(view.source()).isEqualTo("vedette");
    assertThat(view.sequence()).isEqualTo(3);
    assertThat(third.batch().firstIndex()).isEqualTo(2);
  }

  @Test
  void partitionsRollOverWithinABatch() {
    db.execute("UPDATE vedette.trail_head SET partition_size = 16");
    trail.append("a", messages(10));
    trail.append("a", messages(50));
    assertThat(
            db.query(
                "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'vedette.record_c0'::regclass ORDER BY 1"))
        .containsExactly(
            "record_c0_t1_p0", "record_c0_t1_p1", "record_c0_t1_p2", "record_c0_t1_p3");
    assertThat(Await.value(new RecordReader(database).byIndex(TRAIL, 0, 100))).hasSize(60);
    Batch second = Await.value(reader.read(TRAIL, 2, 1, Long.MAX_VALUE)).get(0);
    assertThat(new RecordView(second.records().get(49)).sequence()).isEqualTo(60);
  }

  @Test
  void retentionClassesHavePartitionsOfTheirOwn() {
    List<SealedRecord> records = new ArrayList<>(TestTrail.records(4, "a", 0));
    SealedRecord special = records.get(2);
    records.set(
        2,
        new SealedRecord(
            special.canonical(), special.salt(), special.entry(), special.timeUs(), 3));
    trail.appended(trail.request(records));
    assertThat(db.query("SELECT index FROM vedette.record_c3")).containsExactly("2");
    assertThat(Await.value(new RecordReader(database).byIndex(TRAIL, 0, 10)).stream()
            .map(StoredRecord::retentionClass))
        .containsExactly(0, 0, 3, 0);
    assertThat(Await.value(reader.read(TRAIL, 1, 1, 1)).get(0).records()).hasSize(4);
  }

  @Test
  void servicesRolesReadAndAppendButChangeNothingOfTheTrail() {
    trail.append("a", "one");
    for (String role :
        List.of("vedette_collector", "vedette_analyzer", "vedette_alert", "vedette_edge")) {
      for (String table : List.of(
          "trail_batch",
          "record",
          "record_c0_t1_p0",
          "trail_head",
          "sample_block",
          "source_cursor",
          "tile",
          "checkpoint",
          "publication")) {
        for (String right : List.of("INSERT", "UPDATE", "DELETE", "TRUNCATE")) {
          assertThat(db.query("SELECT has_table_privilege('%s', 'vedette.%s', '%s')"
                  .formatted(role, table, right)))
              .as("%s may %s %s", role, right, table)
              .containsExactly("f");
        }
      }
      assertThat(db.query("SELECT has_table_privilege('" + role + "', 'vedette.record', 'SELECT')"))
          .containsExactly("t");
    }
    String password = "'" + UUID.randomUUID() + "'";
    String role = "vedette_test_" + ProcessHandle.current().pid();
    db.execute("CREATE ROLE " + role + " LOGIN PASSWORD " + password + " IN ROLE vedette_alert");
    try {
      DatabaseUrl url = db.url().withUser(role, password.replace("'", ""));
      Database alert = db.connect(vertx, url);
      Appender appender = new Appender(alert, vertx.eventBus());
      assertThat(Await.value(appender.append(AppendRequest.of(
              TRAIL, UUID.randomUUID(), 1, ManualClock.START_US, TestTrail.records(1, "x", 0)))))
          .isInstanceOf(Appended.class);
      assertThat(Await.failure(
              alert.pool().query("DELETE FROM vedette.record WHERE index = 0").execute()))
          .hasMessageContaining("permission denied");
      Await.value(appender.close());
      Await.value(alert.close());
    } finally {
      db.execute("DROP ROLE " + role);
    }
  }

  @Test
  void missingTrailIsRefusedByName() {
    AppendOutcome outcome = Await.value(trail
        .appender()
        .append(AppendRequest.of(77, UUID.randomUUID(), 1, ManualClock.START_US, List.of())));
    assertThat(((AppendOutcome.Refused) outcome).reason()).contains("trail 77 does not exist");
  }

  @Test
  void originIsFixedAtTheFirstStart() {
    assertThat(trail.trail().origin()).matches("vedette\\.invalid/[0-9a-f]{16}");
    assertThat(Await.value(Trail.open(database, TRAIL, null))).isEqualTo(trail.trail());
    assertThat(Await.failure(Trail.open(database, TRAIL, "example.org/other")))
        .hasMessageContaining(trail.trail().origin());
  }

  private static RecordDraft draft(String message) {
    return RecordDraft.builder()
        .message(message)
        .observedUs(ManualClock.START_US)
        .build();
  }

  private static String[] messages(int count) {
    String[] messages = new String[count];
    for (int i = 0; i < count; i++) {
      messages[i] = "message " + i;
    }
    return messages;
  }

  private static byte[] join(byte[] one, byte[] two) {
    byte[] both = java.util.Arrays.copyOf(one, one.length + two.length);
    System.arraycopy(two, 0, both, one.length, two.length);
    return both;
  }
}
