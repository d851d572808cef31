package io.vedette.collector.integrate;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.collector.integrate.verify.StoredTrail;
import io.vedette.collector.integrate.verify.TrailVerification;
import io.vedette.collector.integrate.verify.TrailVerification.Options;
import io.vedette.collector.integrate.verify.TrailVerification.Result;
import io.vedette.model.RecordDraft;
import io.vedette.runtime.Codecs;
import io.vedette.store.Database;
import io.vedette.store.trail.RetentionClasses;
import io.vedette.store.trail.SealedRecord;
import io.vedette.testkit.Await;
import io.vedette.testkit.TestDatabase;
import io.vedette.testkit.TestPostgres;
import io.vedette.testkit.TestTrail;
import io.vedette.trail.Checkpoint;
import io.vedette.trail.Hash;
import io.vedette.trail.NoteSigner;
import io.vedette.trail.verify.Fault;
import io.vedette.trail.verify.LogKey;
import io.vedette.trail.verify.Reason;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Somebody with the rights of the schema's owner edits the tables. Each test says what he does, and what shows it. */
class TamperTest {
  private static final int BATCH = 50;
  private static final int RECORDS = 700;

  private final TestDatabase stored = TestPostgres.sharedWithoutFsync().fresh();
  private final Vertx vertx = Vertx.vertx();
  private final Database database = stored.connect(vertx);
  private final TestTrail trail = TestTrail.open(database);
  private final NoteSigner key = NoteSigner.generate(trail.trail().origin());
  private final List<byte[]> heldElsewhere = new ArrayList<>();

  @BeforeEach
  void appendAndSign() {
    Codecs.register(vertx.eventBus());
    append(RECORDS / 2);
    sign(key);
    append(RECORDS / 2);
    sign(key);
  }

  @AfterEach
  void close() {
    trail.close();
    Await.value(database.close());
    Await.value(vertx.close());
    stored.close();
  }

  private void append(int count) {
    for (int i = 0; i < count / BATCH; i++) {
      String[] messages = new String[BATCH];
      for (int j = 0; j < BATCH; j++) {
        messages[j] = "message " + i + "/" + j;
      }
      trail.append("a", messages);
    }
  }

  private void sign(NoteSigner... signers) {
    Integrator integrator = new Integrator(
        new StoredLog(database, TestTrail.TRAIL),
        () -> new SignerKeys(List.of(signers)),
        new SignerState(origin -> List.<Path>of()));
    Integrator.Step step = integrator.integrate();
    while (step.behind()) {
      step = integrator.integrate();
    }
    assertThat(integrator.publish()).isPresent();
  }

  private Result verify() {
    return verify(Optional.empty());
  }

  private Result verify(Optional<byte[]> resume) {
    return verify(key, resume);
  }

  private Result verify(NoteSigner trusted, Optional<byte[]> resume) {
    Options options =
        new Options(List.of(LogKey.parse(trusted.verifier().vkey())), heldElsewhere, 2, resume);
    try (StoredTrail reader = StoredTrail.open(stored.url(), TestTrail.TRAIL)) {
      return new TrailVerification(reader, options).run((next, size, state) -> true);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private void assertShown(Reason by, long first) {
    Fault fault = Objects.requireNonNull(verify().fault(), "nothing was found");
    assertThat(fault.reason()).as(fault.toString()).isEqualTo(by);
    assertThat(fault.first()).as(fault.toString()).isEqualTo(first);
  }

  private byte[] newestNote() {
    return stored
        .query("SELECT note FROM vedette.checkpoint ORDER BY size DESC LIMIT 1")
        .get(0)
        .getBytes(StandardCharsets.UTF_8);
  }

  private void sql(String statement) {
    stored.execute("SET search_path = vedette; " + statement);
  }

  private static String commitment(long index) {
    return "(SELECT sha256(r.salt || r.canonical) FROM record r WHERE r.index = " + index + ")";
  }

  /** Puts another entry at an index of its batch. */
  private void setEntry(long index, String hash) {
    sql("UPDATE trail_batch SET entries = overlay(entries PLACING " + hash + " FROM "
        + (index % BATCH * 32 + 1) + " FOR 32) WHERE count > 0 AND first_index = "
        + index / BATCH * BATCH);
  }

  private void setLeaf(long index) {
    sql("UPDATE tile SET hashes = overlay(hashes PLACING sha256('\\x0001'::bytea || "
        + commitment(index) + ") FROM " + (index % 256 * 32 + 1)
        + " FOR 32) WHERE level = 0 AND n = " + index / 256);
  }

  @Test
  void untouchedAllIsWell() {
    Result result = verify();
    assertThat(result.fault()).isNull();
    assertThat(result.ok()).isTrue();
    assertThat(result.checked()).isEqualTo(RECORDS);
    assertThat(result.payloads()).isEqualTo(RECORDS);
    assertThat(result.checkpoints()).isEqualTo(2);
    trail.append("a", "not signed yet");
    assertThat(verify().unsigned()).isEqualTo(1);
  }

  @Test
  void oneByteOfAPayload_shownByThePayload() {
    sql(
        "UPDATE record SET canonical = set_byte(canonical, 10, get_byte(canonical, 10) # 1) WHERE index = 310");
    assertShown(Reason.PAYLOAD, 310);
  }

  @Test
  void itsSalt_shownByThePayload() {
    sql("UPDATE record SET salt = set_byte(salt, 3, get_byte(salt, 3) # 1) WHERE index = 699");
    assertShown(Reason.PAYLOAD, 699);
  }

  @Test
  void aPayloadNotSignedYet_shownByThePayload() {
    trail.append("a", "one", "two");
    sql(
        "UPDATE record SET canonical = set_byte(canonical, 10, get_byte(canonical, 10) # 1) WHERE index = 701");
    assertShown(Reason.PAYLOAD, 701);
  }

  @Test
  void aRecordDeletedInTheMiddle_shownByItsEntryWithoutAPayload() {
    sql("DELETE FROM record WHERE index = 123");
    assertShown(Reason.PAYLOAD_MISSING, 123);
  }

  @Test
  void aBatchDeletedInTheMiddle_shownByTheTreeThatGoesOn() {
    sql(
        "DELETE FROM record WHERE index >= 100 AND index < 150; DELETE FROM trail_batch WHERE first_index = 100 AND count > 0");
    assertShown(Reason.MISSING, 100);
  }

  @Test
  void theNewestRecordsDeleted_shownByTheCheckpoint() {
    sql("DELETE FROM record WHERE index >= 650; DELETE FROM trail_batch WHERE first_index >= 650;"
        + " UPDATE trail_head SET size = 650, batch = 13");
    assertShown(Reason.MISSING, 650);
  }

  @Test
  void theNewestRecordsDeletedWithTheirCheckpointAndTiles_shownByTheCheckpointHeldElsewhere() {
    heldElsewhere.add(newestNote());
    rollBack();
    assertShown(Reason.EARLIER_CHECKPOINT, RECORDS / 2);
    heldElsewhere.clear();
    assertThat(verify().fault()).as("nothing within the database can show it").isNull();
  }

  /** As far as the tables can tell this is yesterday's copy of them. */
  private void rollBack() {
    sql(
        "DELETE FROM record WHERE index >= 350; DELETE FROM trail_batch WHERE first_index >= 350;"
            + " UPDATE trail_head SET size = 350, batch = 7; DELETE FROM checkpoint WHERE size > 350; DELETE FROM tile");
    stored.execute("DELETE FROM vedette.checkpoint");
    sign(key);
  }

  @Test
  void aRecordInsertedAtTheEnd_shownByThePayloadWithoutAnEntry() {
    sql(
        "INSERT INTO record (index, time_us, trail, retention_class, salt, canonical)"
            + " SELECT 700, time_us, trail, retention_class, salt, canonical FROM record WHERE index = 5");
    assertShown(Reason.PAYLOAD, 700);
  }

  @Test
  void aSecondPayloadForAnEntry_shownByThePayload() {
    sql("SELECT create_record_partition(1, 7::smallint, 0, 1048576);"
        + " INSERT INTO record (index, time_us, trail, retention_class, salt, canonical)"
        + " SELECT 5, time_us, trail, 7, salt, canonical FROM record WHERE index = 6");
    assertShown(Reason.PAYLOAD, 5);
  }

  @Test
  void aRecordInsertedInTheMiddle_shownByTheEntry() {
    // everything behind it moves by one, as it would have been had it been there from the start
    sql(
        "UPDATE record SET index = index + 10000 WHERE index >= 310; UPDATE record SET index = index - 9999 WHERE index >= 10000;"
            + " INSERT INTO record (index, time_us, trail, retention_class, salt, canonical)"
            + " SELECT 310, time_us, trail, retention_class, salt, canonical || ' '::bytea FROM record WHERE index = 309;"
            + " UPDATE trail_batch SET first_index = first_index + 1 WHERE first_index > 300;"
            + " ALTER TABLE trail_batch DROP CONSTRAINT trail_batch_check;"
            + " UPDATE trail_batch SET count = 51, entries = substring(entries FROM 1 FOR 320) || "
            + commitment(310)
            + " || substring(entries FROM 321) WHERE first_index = 300 AND count > 0;"
            + " UPDATE trail_head SET size = size + 1");
    assertShown(Reason.ENTRY, 310);
  }

  @Test
  void twoBatchesForTheSameIndices_shownByTheEntry() {
    sql(
        "INSERT INTO trail_batch SELECT trail, 99, 320, 5, at_us, timeline, seq + 1000, appender, wall_us, first_time_us,"
            + " last_time_us, bytes, sample_count, epoch, substring(entries FROM 1 FOR 160) FROM trail_batch WHERE number = 7");
    Fault fault = Objects.requireNonNull(verify().fault());
    assertThat(fault.reason()).isEqualTo(Reason.ENTRY);
    assertThat(fault.detail()).contains("two batches");
  }

  @Test
  void twoPayloadsSwapped_shownByThePayload() {
    swap(100, 200);
    assertShown(Reason.PAYLOAD, 100);
  }

  @Test
  void twoRecordsSwappedWithTheirEntries_shownByTheEntry() {
    swap(101, 102);
    setEntry(101, commitment(101));
    setEntry(102, commitment(102));
    assertShown(Reason.ENTRY, 101);
  }

  private void swap(long one, long other) {
    sql(
        "UPDATE record a SET canonical = b.canonical, salt = b.salt FROM record b WHERE (a.index, b.index) IN (("
            + one + ", " + other + "), (" + other + ", " + one + "))");
  }

  @Test
  void aTileChanged_shownByTheTile() {
    sql(
        "UPDATE tile SET hashes = set_byte(hashes, 40 * 32, get_byte(hashes, 40 * 32) # 1) WHERE level = 0 AND n = 1");
    assertShown(Reason.TILE, 256 + 40);
  }

  @Test
  void aTileDeleted_shownByTheTile() {
    sql("DELETE FROM tile WHERE level = 1 AND n = 0");
    assertThat(Objects.requireNonNull(verify().fault()).reason()).isEqualTo(Reason.TILE);
  }

  @Test
  void payloadSaltAndEntryTogether_shownByTheEntryAgainstTheTree() {
    rewrite(310);
    assertShown(Reason.ENTRY, 310);
  }

  @Test
  void payloadSaltEntryAndTileTogether_shownByTheTree() {
    rewrite(200);
    setLeaf(200);
    assertShown(Reason.TREE, 0);
  }

  @Test
  void payloadSaltEntryAndTileTogetherWhereACheckpointWasSigned_shownByThatStoredCheckpoint() {
    rewrite(310);
    setLeaf(310);
    assertShown(Reason.EARLIER_CHECKPOINT, 0);
  }

  private void rewrite(long index) {
    sql("UPDATE record SET canonical = set_byte(canonical, 10, get_byte(canonical, 10) # 1),"
        + " salt = substring(sha256(salt) FROM 1 FOR 16) WHERE index = " + index);
    setEntry(index, commitment(index));
  }

  @Test
  void everythingMadeAgainAndSignedWithAnotherKey_shownByTheSignature() {
    rewrite(310);
    sql("DELETE FROM tile; DELETE FROM checkpoint; DELETE FROM trail_key");
    sign(NoteSigner.generate(trail.trail().origin()));
    assertShown(Reason.SIGNATURE, Fault.NO_INDEX);
  }

  /** The other case of another key: one that signed beside the old one for a while. */
  @Test
  void aKeyThatSignedBesideTheOldOne_isNoFaultForWhoWasGivenIt() {
    NoteSigner next = NoteSigner.generate(trail.trail().origin());
    sign(key, next);
    append(BATCH);
    sign(next, key);
    append(BATCH);
    sign(next);
    assertShown(Reason.SIGNATURE, Fault.NO_INDEX); // who knows the old key only
    Result result = verify(next, Optional.empty());
    assertThat(result.fault()).isNull();
    assertThat(result.checkpoints()).isEqualTo(4);
    assertThat(result.checked()).isEqualTo(RECORDS + 2 * BATCH);
  }

  /** Whoever has the key as well needs what was signed before, held elsewhere, to be found out. */
  @Test
  void everythingMadeAgainAndSignedWithTheStolenKey_shownByTheCheckpointHeldElsewhere() {
    heldElsewhere.add(newestNote());
    rewrite(310);
    sql("DELETE FROM tile; DELETE FROM checkpoint");
    sign(key);
    assertShown(Reason.EARLIER_CHECKPOINT, 0);
    heldElsewhere.clear();
    assertThat(verify().fault()).isNull();
  }

  @Test
  void aCheckpointsRow_shownByTheCheckpoint() {
    sql("UPDATE checkpoint SET root = sha256(root) WHERE size = 350");
    assertShown(Reason.CHECKPOINT, Fault.NO_INDEX);
  }

  @Test
  void anEarlierCheckpointOfAnotherHistory_shownByTheEarlierCheckpoint() {
    // signed by the true key once, for other records
    heldElsewhere.add(new Checkpoint(trail.trail().origin(), 100, Hash.of(new byte[32]))
        .sign(List.of(key))
        .toBytes());
    Fault fault = Objects.requireNonNull(verify().fault());
    assertThat(fault.reason()).isEqualTo(Reason.EARLIER_CHECKPOINT);
  }

  @Test
  void anErasedPayloadIsExcusedByItsErasureRecordAlone() {
    sql("DELETE FROM record WHERE index IN (20, 21)");
    assertShown(Reason.PAYLOAD_MISSING, 20);
    // not by one that names another index, and not by one that a user sent
    erasure("vedette", 20, 20);
    erasure("a", 21, 21);
    assertShown(Reason.PAYLOAD_MISSING, 21);
    erasure("vedette", 21, 21);
    Result result = verify();
    assertThat(result.fault()).isNull();
    assertThat(result.excused()).isEqualTo(2);
  }

  @Test
  void anErasureRecordThatIsForged_excusesNothing() {
    erasure("vedette", 30, 30); // to be changed
    sql("DELETE FROM record WHERE index = 20;"
        + " UPDATE record SET canonical = convert_to('{\"action\":\"record.erase\",\"attributes\":{\"ranges\":[[20,20]]},\"kind\":\"trail.erase\",\"source\":\"vedette\"}', 'UTF8')"
        + " WHERE index = 700");
    assertShown(Reason.PAYLOAD_MISSING, 20);
  }

  private void erasure(String source, long first, long last) {
    RecordDraft draft = RecordDraft.builder()
        .kind("trail.erase")
        .action("record.erase")
        .attribute("ranges", List.of(List.of(first, last)))
        .observedUs(trail.clock().nowUs())
        .build();
    SealedRecord sealed = TestTrail.sealed(draft, source, 1_000 + first);
    trail.appended(trail.request(List.of(new SealedRecord(
        sealed.canonical(),
        sealed.salt(),
        sealed.entry(),
        sealed.timeUs(),
        RetentionClasses.ACTS))));
  }

  /** What retention really drops it says in a record: see {@link ExpiryTest}. */
  @Test
  void payloadsRemovedUnderThePretenceThatTheyExpired_shownByTheMissingActs() {
    sql("DELETE FROM record; UPDATE record_partition SET dropped_us = 1, end_index = 700");
    assertShown(Reason.PAYLOAD_MISSING, 0);
  }

  @Test
  void theTimeARecordIsFoundBy_shownByTheTimeTheRecordStates() {
    sql("UPDATE record SET time_us = time_us + 1 WHERE index = 310");
    assertShown(Reason.TIME, 310);
  }

  @Test
  void theTimesABatchIsFoundBy_shownByItsRecords() {
    sql(
        "UPDATE trail_batch SET first_time_us = 1, last_time_us = 2 WHERE first_index = 300 AND count > 0");
    assertShown(Reason.TIME, 300);
  }

  @Test
  void theTimesABatchIsFoundByTakenAway_shownByItsRecords() {
    sql("UPDATE trail_batch SET last_time_us = NULL WHERE first_index = 650 AND count > 0");
    assertShown(Reason.TIME, 650);
  }

  @Test
  void theTimesAPartitionIsFoundBy_shownByItsRecords() {
    sql("UPDATE record_partition SET last_time_us = last_time_us - 1");
    assertThat(Objects.requireNonNull(verify().fault()).reason()).isEqualTo(Reason.TIME);
  }

  @Test
  void aPartitionsRowRemoved_shownByItsRecords() {
    sql("DELETE FROM record_partition");
    assertShown(Reason.TIME, 0);
  }

  @Test
  void aBatchMovedBackInLogTime_shownByTheOrderOfLogTime() {
    sql(
        "UPDATE trail_batch SET at_us = at_us - 1 - (SELECT max(at_us) - min(at_us) FROM trail_batch) WHERE first_index = 300 AND count > 0");
    assertShown(Reason.TIME, 300);
  }

  @Test
  void timesOfRecordsNotSignedYet_shownAllTheSame() {
    trail.append("a", "not signed yet");
    sql("UPDATE record SET time_us = 5 WHERE index = 700");
    assertShown(Reason.TIME, 700);
  }

  /** Who changes the record with its time is shown by the record, which is committed to. */
  @Test
  void aRecordAndTheTimeItIsFoundBy_shownByThePayload() {
    sql(
        "UPDATE record SET time_us = 5, canonical = set_byte(canonical, 12, get_byte(canonical, 12) # 1) WHERE index = 310");
    assertShown(Reason.PAYLOAD, 310);
  }

  /** They may be wider than what is left, not narrower. */
  @Test
  void theBoundsOfABatchMayBeThoseOfAnErasedRecord() {
    sql("DELETE FROM record WHERE index = 300");
    erasure("vedette", 300, 300);
    assertThat(verify().fault()).isNull();
    sql(
        "UPDATE trail_batch SET first_time_us = first_time_us - 1 WHERE first_index = 300 AND count > 0");
    assertThat(verify().fault()).isNull();
    sql(
        "UPDATE trail_batch SET last_time_us = last_time_us - 1 WHERE first_index = 300 AND count > 0");
    assertShown(Reason.TIME, 300);
  }

  /** The state that a run leaves after 512 entries, the last full tile. */
  private byte[] interrupted() throws SQLException {
    Options options =
        new Options(List.of(LogKey.parse(key.verifier().vkey())), List.of(), 1, Optional.empty());
    List<byte[]> states = new ArrayList<>();
    try (StoredTrail reader = StoredTrail.open(stored.url(), TestTrail.TRAIL)) {
      new TrailVerification(reader, options).run((next, size, reached) -> {
        reached.ifPresent(states::add);
        return true;
      });
    }
    assertThat(new String(states.get(0), StandardCharsets.UTF_8)).contains("\n512\n");
    return states.get(0);
  }

  @Test
  void aRunThatWasInterruptedGoesOnWhereItWas() throws SQLException {
    byte[] state = interrupted();
    assertThat(verify(Optional.of(state)).resumedAt()).isEqualTo(512);
    sql(
        "UPDATE record SET canonical = set_byte(canonical, 10, get_byte(canonical, 10) # 1) WHERE index = 600");
    Result result = verify(Optional.of(state));
    assertThat(Objects.requireNonNull(result.fault()).first()).isEqualTo(600);
  }

  /** It said that it agreed, and had not looked at it. */
  @Test
  void aCheckpointHeldElsewhereFromBeforeThatIsComparedFromTheStart() throws SQLException {
    byte[] state = interrupted();
    heldElsewhere.add(newestNote());
    Result result = verify(Optional.of(state));
    assertThat(result.fault()).isNull();
    assertThat(result.resumedAt()).isEqualTo(512);
    assertThat(result.held()).isEqualTo(1);
    assertThat(result.checkpoints()).isEqualTo(1);
    heldElsewhere.set(
        0,
        new Checkpoint(trail.trail().origin(), 100, Hash.of(new byte[32]))
            .sign(List.of(key))
            .toBytes());
    result = verify(Optional.of(state));
    assertThat(result.resumedAt()).isZero();
    assertThat(Objects.requireNonNull(result.fault()).reason())
        .isEqualTo(Reason.EARLIER_CHECKPOINT);
  }

  private Result verify(LongConsumer pause) throws SQLException {
    Options options = new Options(
        List.of(LogKey.parse(key.verifier().vkey())), heldElsewhere, 1, Optional.empty());
    long[] nowNs = {0};
    try (StoredTrail reader = StoredTrail.open(stored.url(), TestTrail.TRAIL)) {
      return new TrailVerification(reader, options, () -> nowNs[0], ns -> {
            nowNs[0] += ns;
            pause.accept(nowNs[0]);
          })
          .run((next, size, state) -> true);
    }
  }

  /** The signer writes what it signed to its own memory before it stores it: a verification in between called the trail rolled back. */
  @Test
  void whatTheSignerRemembersMayBeStoredAMomentLater() throws SQLException {
    append(BATCH);
    sign(key);
    heldElsewhere.add(newestNote());
    sql("CREATE TABLE aside AS SELECT * FROM checkpoint WHERE size = 750;"
        + " DELETE FROM checkpoint WHERE size = 750");
    Result result = verify(nowNs -> {
      if (nowNs >= 1_000_000_000L) {
        sql("INSERT INTO checkpoint SELECT * FROM aside ON CONFLICT DO NOTHING");
      }
    });
    assertThat(result.fault()).isNull();
    assertThat(result.checked()).isEqualTo(750);
    sql("DELETE FROM checkpoint WHERE size = 750");
    Fault fault = Objects.requireNonNull(verify(nowNs -> {}).fault(), "waited for ever");
    assertThat(fault.reason()).isEqualTo(Reason.EARLIER_CHECKPOINT);
  }

  @Test
  void aTrailShorterThanWhatTheSignerRemembersIsNotWaitedFor() throws SQLException {
    heldElsewhere.add(newestNote());
    sql("DELETE FROM checkpoint WHERE size = 700; DELETE FROM record WHERE index >= 650;"
        + " DELETE FROM trail_batch WHERE first_index >= 650; UPDATE trail_head SET size = 650");
    List<Long> pauses = new ArrayList<>();
    Fault fault = Objects.requireNonNull(verify(pauses::add).fault());
    assertThat(fault.reason()).isEqualTo(Reason.EARLIER_CHECKPOINT);
    assertThat(pauses).isEmpty();
  }

  /** Each is a signature to verify: thousands of them are half a minute of a whole core. */
  @Test
  void openingManyCheckpointsIsToldToWhoeverHasToRest() throws SQLException {
    for (int i = 0; i < 20; i++) {
      append(BATCH);
      sign(key);
    }
    int[] working = {0};
    List<Long> pages = new ArrayList<>();
    Options options =
        new Options(List.of(LogKey.parse(key.verifier().vkey())), List.of(), 1, Optional.empty());
    try (StoredTrail reader = StoredTrail.open(stored.url(), TestTrail.TRAIL)) {
      new TrailVerification(reader, options).run(new TrailVerification.Watcher() {
        @Override
        public boolean page(long next, long size, Optional<byte[]> state) {
          pages.add((long) working[0]);
          return true;
        }

        @Override
        public void working() {
          working[0]++;
        }
      });
    }
    assertThat(pages.get(0)).isGreaterThanOrEqualTo(2);
  }
}
