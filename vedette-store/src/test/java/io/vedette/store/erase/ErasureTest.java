package io.vedette.store.erase;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vedette.model.GapRecord;
import io.vedette.model.RecordDraft;
import io.vedette.model.RecordView;
import io.vedette.store.DatabaseUrl;
import io.vedette.store.SqlFailure;
import io.vedette.store.StoreTest;
import io.vedette.store.trail.AppendOutcome.Appended;
import io.vedette.store.trail.EntryReader;
import io.vedette.store.trail.Gaps;
import io.vedette.store.trail.RecordReader;
import io.vedette.store.trail.StorageSpace;
import io.vedette.store.trail.StoredRecord;
import io.vedette.testkit.Await;
import io.vedette.testkit.ManualClock;
import io.vedette.testkit.TestPostgres;
import io.vedette.testkit.TestTrail;
import io.vedette.trail.Checkpoint;
import io.vedette.trail.EntryHasher;
import io.vedette.trail.NoteSigner;
import io.vedette.trail.TreeBuilder;
import io.vedette.trail.verify.LogKey;
import io.vedette.trail.verify.LogVerifier;
import io.vedette.trail.verify.SignedCheckpoint;
import io.vedette.trail.verify.Verdict;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** Erases for real, and looks for what was erased in the files of the server. */
class ErasureTest extends StoreTest {
  private static final String WHY = "request 17 of the data-protection officer";

  @Test
  void nothingIsLeftInAnyFileAndEveryOtherRecordStillVerifies() throws IOException {
    try (TestTrail trail = TestTrail.open(database, 16)) {
      String name = "anna.beispiel.7f3a91c04d";
      byte[] noise = new byte[6_000];
      new Random(5).nextBytes(noise);
      String large = Base64.getEncoder().encodeToString(noise);
      for (int i = 0; i < 20; i++) {
        trail.append("app", "harmless " + i);
      }
      trail.append("app", List.of(said(name, "small"), said(name, large)));
      trail.append("app", "after");
      List<StoredRecord> before = records(23);
      List<byte[]> secrets = new ArrayList<>();
      secrets.add(name.getBytes(StandardCharsets.UTF_8));
      secrets.add(large.substring(100, 160).getBytes(StandardCharsets.UTF_8));
      secrets.add(before.get(20).salt());
      secrets.add(before.get(21).salt());
      derive(name);
      db.execute("ANALYZE");
      db.execute("CHECKPOINT");
      assertThat(found(secrets)).hasSize(secrets.size());
      assertThat(verify(trail, 23, Set.of())).isEqualTo(new Verdict(23, 23, 0, null));
      byte[] entries = Await.value(new EntryReader(database).read(1, 0, 23));

      Erased erased = Await.value(new Eraser(database, trail.appender())
          .erase(1, "ada", new Wish(List.of(), filter("actor", name), WHY, false)));
      assertThat(erased.count()).isEqualTo(2);
      assertThat(erased.ranges()).containsExactly(new Wish.Range(20, 21));
      assertThat(erased.acts()).containsExactly(23L);
      assertThat(erased.tables())
          .containsExactly(
              "alert",
              "alert_change",
              "alert_group",
              "alert_inbox",
              "analysis_partition",
              "finding",
              "notification",
              "publication",
              "quarantine",
              "record_c0_t1_p1",
              "silence");
      assertThat(erased.derived())
          .isEqualTo(Map.of(
              "quarantine",
              2L,
              "finding",
              1L,
              "alert",
              1L,
              "alert_change",
              1L,
              "notification",
              1L,
              "publication",
              2L));
      assertThat(erased.purged()).isFalse();

      assertThat(db.query("SELECT place FROM vedette.erasure_rest")).containsExactly("wal");
      for (String table : erased.tables()) {
        db.execute("VACUUM (FULL) vedette." + table);
      }
      db.execute("CHECKPOINT");
      assertThat(found(secrets, path -> !path.toString().contains("pg_wal"))).isEmpty();
      db.execute(
          "SELECT vedette.leave_rest('{wal}')"); // VACUUM read old pages, and may have logged them
      assertThat(purge(new Purger(database, StorageSpace.elsewhere())).wal())
          .isEqualTo(Purger.Wal.DONE);
      assertThat(found(secrets)).isEmpty();

      assertThat(Await.value(new EntryReader(database).read(1, 0, 23))).isEqualTo(entries);
      RecordView act = new RecordView(records(24).get(21).canonical());
      assertThat(act.text("kind")).isEqualTo("trail.erase");
      assertThat(act.text("action")).isEqualTo("record.erase");
      assertThat(act.text("actor")).isEqualTo("ada");
      assertThat(act.attributes())
          .containsEntry("reason", WHY)
          .containsEntry("count", 2L)
          .containsEntry("ranges", List.of(List.of(20L, 21L)));
      assertThat(verify(trail, 24, named(act))).isEqualTo(new Verdict(24, 22, 2, null));
      assertThat(verify(trail, 24, Set.of(20L)).ok()).isFalse();
      assertThat(db.query("SELECT json FROM vedette.alert WHERE fingerprint = 'f1'")
              .get(0))
          .contains("\"alertname\" : \"Logins\"")
          .contains("\"user\" : \"[erased]\"")
          .contains("\"value\" : 3");
    }
  }

  @Test
  void purgingDoesTheSameAtOnce() throws IOException {
    try (TestTrail trail = TestTrail.open(database)) {
      String name = "berta.beispiel.d5520ac1";
      trail.append("of berta", List.of(said(name, "one"), said("carla", "two")));
      byte[] salt = records(1).get(0).salt();
      Erased erased = Await.value(new Eraser(database, trail.appender())
          .erase(1, "ada", new Wish(List.of(), new RecordFilter(Map.of(), name), WHY, true)));
      assertThat(erased.problem()).isEmpty();
      assertThat(erased.purged()).isTrue();
      assertThat(erased.walForgotten()).isTrue();
      assertThat(found(List.of(name.getBytes(StandardCharsets.UTF_8), salt))).isEmpty();
      assertThat(records(3)).extracting(StoredRecord::index).containsExactly(1L, 2L);
    }
  }

  /**
   * A table that is written anew takes along what somebody's older transaction may still see. The snapshot of who writes it is as old as the oldest transaction that is writing anywhere on the server:
   * with one in another database, name and salt were copied, and said to be gone.
   */
  @Test
  void aTransactionThatIsOlderHasToBeOverBefore() throws Exception {
    DatabaseUrl here = db.url();
    DatabaseUrl elsewhere = TestPostgres.shared().admin();
    waitsFor("g", "gustav.beispiel.0c51", here, "SELECT 1");
    waitsFor("h", "heidi.beispiel.77e2", here, "SELECT pg_current_xact_id()");
    waitsFor("i", "ida.beispiel.e21b", elsewhere, "SELECT pg_current_xact_id()");
  }

  /** Who only reads another database can see nothing of this one. */
  @Test
  void aReaderOfAnotherDatabaseIsNotWaitedFor() throws Exception {
    try (TestTrail trail = TestTrail.open(database);
        Connection other = connect(TestPostgres.shared().admin())) {
      run(other, "SELECT 1");
      String name = "jakob.beispiel.5b0d";
      trail.append("of jakob", List.of(said(name, "one")));
      Erased erased = erase(trail, name, eraser(trail, Duration.ofSeconds(5)));
      assertThat(erased.problem()).isEmpty();
      assertThat(found(List.of(name.getBytes(StandardCharsets.UTF_8)))).isEmpty();
    }
  }

  private void waitsFor(String source, String name, DatabaseUrl where, String act)
      throws Exception {
    try (TestTrail trail = TestTrail.open(database);
        Connection other = connect(where)) {
      trail.append(source, List.of(said(name, "one")));
      byte[] salt = records(1_000).stream()
          .filter(record -> new RecordView(record.canonical()).source().equals(source))
          .findFirst()
          .orElseThrow()
          .salt();
      run(other, act);
      Eraser eraser = eraser(trail, Duration.ZERO);
      Erased erased = erase(trail, name, eraser);
      assertThat(erased.count()).isEqualTo(1);
      List<byte[]> secrets = List.of(name.getBytes(StandardCharsets.UTF_8), salt);
      assertThat(erased.purged() ? found(secrets) : Map.of())
          .as("said to be gone")
          .isEmpty();
      assertThat(erased.problem())
          .startsWith("alert, alert_change, ")
          .contains(", record_c0_t1_p0, silence: process ")
          .endsWith("has a transaction that is older than the erasure; tried again every minute");
      assertThat(erased.purged()).isFalse();
      other.rollback();
      Purger purger = new Purger(database, StorageSpace.elsewhere());
      assertThat(purge(purger)).isEqualTo(new Purger.Report(Map.of(), Purger.Wal.DONE));
      assertThat(found(secrets)).isEmpty();
    }
  }

  /** Segments that a replication slot keeps back stayed as they were, and were said to be overwritten. */
  @Test
  void theLogThatTheServerKeepsBackIsNotForgotten() throws IOException {
    try (TestTrail trail = TestTrail.open(database)) {
      String name = "karla.beispiel.81f6";
      trail.append("of karla", List.of(said(name, "one")));
      List<byte[]> secret = List.of(name.getBytes(StandardCharsets.UTF_8));
      Purger purger = new Purger(database, StorageSpace.elsewhere());
      String slot = db.url().database();
      db.execute("SELECT pg_create_physical_replication_slot('" + slot + "', true)");
      try {
        Erased erased = erase(trail, name, new Eraser(database, trail.appender(), purger));
        assertThat(erased.walForgotten() ? found(secret) : Map.of())
            .as("said to be gone")
            .isEmpty();
        assertThat(erased.purged()).isTrue();
        assertThat(erased.problem()).contains("keeps older segments");
        assertThat(purge(purger)).isEqualTo(new Purger.Report(Map.of(), Purger.Wal.KEPT));
        assertThat(db.query("SELECT until_lsn FROM vedette.erasure_rest WHERE place = 'wal'"))
            .as("overwriting has not begun: what it writes would be kept as well")
            .containsExactly("null");
      } finally {
        db.execute("SELECT pg_drop_replication_slot('" + slot + "')");
      }
      db.execute("CHECKPOINT");
      assertThat(purge(purger)).isEqualTo(new Purger.Report(Map.of(), Purger.Wal.DONE));
      assertThat(found(secret)).isEmpty();
    }
  }

  /** Groups had statistics: their labels stayed in pg_statistic. */
  @Test
  void noColumnThatQuotesPayloadsHasStatistics() throws IOException {
    String name = "ludwig.beispiel.fa03";
    db.execute(
        "INSERT INTO vedette.alert_group (trail, receiver, key, labels, created_us, flush_us, flushed_us, told)"
            + " SELECT 1, 'r', '{}:{user=\"" + name + "' || i || '\"}', '{\"user\":\"" + name
            + "' || i || '\"}', 1, 1, 1, '{}' FROM generate_series(1, 3) i");
    db.execute("ANALYZE");
    db.execute("CHECKPOINT");
    assertThat(found(List.of(name.getBytes(StandardCharsets.UTF_8)), path -> !path.toString()
            .contains("pg_wal")))
        .hasEntrySatisfying(0, places -> assertThat(places)
            .isNotEmpty()
            .allMatch(place -> place.contains(" of vedette.alert_group")));
  }

  private Eraser eraser(TestTrail trail, Duration olderWait) {
    return new Eraser(
        database,
        trail.appender(),
        new Purger(database, StorageSpace.elsewhere(), Long.MAX_VALUE, olderWait));
  }

  private static Erased erase(TestTrail trail, String actor, Eraser eraser) {
    return Await.value(eraser.erase(
        TestTrail.TRAIL, "ada", new Wish(List.of(), filter("actor", actor), WHY, true)));
  }

  /** Within a transaction whose snapshot is that of the first statement. */
  private static Connection connect(DatabaseUrl where) throws SQLException {
    Connection connection =
        DriverManager.getConnection(where.jdbc(), where.user(), where.password());
    connection.setAutoCommit(false);
    connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
    return connection;
  }

  private static void run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Test
  void whatSaysThatOthersWereErasedStays() {
    try (TestTrail trail = TestTrail.open(database)) {
      trail.append("app", "one", "two", "three");
      Eraser eraser = new Eraser(database, trail.appender());
      Erased first = Await.value(eraser.erase(1, "ada", indices(0, 0)));
      assertThat(first.acts()).containsExactly(3L);
      Throwable refused = Await.failure(eraser.erase(1, "ada", indices(2, 3)));
      assertThat(SqlFailure.sqlState(refused)).isEqualTo("VD003");
      assertThat(records(10)).extracting(StoredRecord::index).containsExactly(1L, 2L, 3L);
      Erased filtered = Await.value(eraser.erase(
          1,
          "ada",
          new Wish(
              List.of(new Wish.Range(0, 99)),
              new RecordFilter(Map.of(), "record erased"),
              WHY,
              false)));
      assertThat(filtered.count()).isZero();
      assertThat(Await.value(eraser.erase(1, "ada", indices(0, 0))).acts()).isEmpty();
    }
  }

  @Test
  void manyAreErasedInActsThatEachNameTheirs() {
    try (TestTrail trail = TestTrail.open(database)) {
      trail.appended(trail.request(TestTrail.records(2_500, "app", 0)));
      Erased erased = Await.value(new Eraser(database, trail.appender())
          .erase(1, "ada", new Wish(List.of(), filter("source", "app"), WHY, false)));
      assertThat(erased.count()).isEqualTo(2_500);
      assertThat(erased.ranges()).containsExactly(new Wish.Range(0, 2_499));
      assertThat(erased.acts()).containsExactly(2_500L, 2_501L, 2_502L);
      Set<Long> named = new HashSet<>();
      records(10).forEach(act -> named.addAll(named(new RecordView(act.canonical()))));
      assertThat(named).hasSize(2_500);
    }
  }

  @Test
  void onlyTheEdgeMayErase() {
    Map<String, List<String>> allowed = Map.of(
        "erase_records(integer, bigint[])", List.of("edge"),
        "erase_quotes(integer, bigint[], bigint[], text[], bigint[], bytea[], text[])",
            List.of("edge"),
        "leave_rest(text[])", List.of("edge"),
        "leave_rests(integer, text[], boolean)", List.of("edge"),
        "purge_rest(text, integer)", List.of("collector", "edge"),
        "forget_wal(integer)", List.of("collector", "edge"));
    allowed.forEach((function, roles) -> {
      for (String role : List.of("collector", "analyzer", "alert", "edge")) {
        assertThat(db.query("SELECT has_function_privilege('vedette_" + role + "', 'vedette."
                + function + "', 'execute')"))
            .as(role + " " + function)
            .containsExactly(roles.contains(role) ? "t" : "f");
      }
    });
    assertThatThrownBy(() -> db.execute("SELECT vedette.purge_rest('trail_batch', 1)"))
        .hasMessageContaining("trail_batch is not one of those");
  }

  /** To write anew what is being appended to stopped the trail, for as long as that took. */
  @Test
  void aPartitionThatIsAppendedToIsWrittenAnewOnceItIsFull() throws IOException {
    try (TestTrail trail = TestTrail.open(database, 16)) {
      String name = "dora.beispiel.90be11f2";
      trail.append("app", List.of(said(name, "one")));
      Purger purger = new Purger(database, StorageSpace.elsewhere(), 0, Duration.ofSeconds(5));
      Eraser eraser = new Eraser(database, trail.appender(), purger);
      Erased erased = Await.value(
          eraser.erase(1, "ada", new Wish(List.of(), filter("actor", name), WHY, true)));
      assertThat(erased.count()).isEqualTo(1);
      assertThat(erased.purged()).isFalse();
      assertThat(erased.problem())
          .isEqualTo(
              "record_c0_t1_p0: being appended to, and written anew once it is full: 14 records to go; tried again every minute");
      assertThat(purge(purger).waiting()).containsOnlyKeys("record_c0_t1_p0");
      for (int i = 0; i < 14; i++) {
        trail.append("app", "filler");
      }
      assertThat(purge(purger)).isEqualTo(new Purger.Report(Map.of(), Purger.Wal.DONE));
      assertThat(found(List.of(name.getBytes(StandardCharsets.UTF_8)))).isEmpty();
      assertThat(db.query("SELECT place FROM vedette.erasure_rest")).isEmpty();
    }
  }

  @Test
  void appendsGoOnWhileTablesAreWrittenAnew() {
    try (TestTrail trail = TestTrail.open(database, 64)) {
      Eraser eraser = new Eraser(database, trail.appender());
      Await.value(appended(trail, 0, 75));
      long erased = 0;
      for (int i = 1; i < 4; i++) {
        Future<Long> appending = appended(trail, 0, 75);
        Wish.Range one = new Wish.Range(i * 70L, i * 70L);
        Erased done = Await.value(
            eraser.erase(1, "ada", new Wish(List.of(one), RecordFilter.NONE, WHY, true)));
        assertThat(Await.value(appending)).isEqualTo(75);
        erased += done.count();
      }
      assertThat(erased).isEqualTo(3);
      Purger purger = new Purger(database, StorageSpace.elsewhere());
      assertThat(purge(purger).waiting()).isEmpty();
      assertThat(
              db.query(
                  "SELECT count(*) FROM vedette.record WHERE position('filler'::bytea IN canonical) > 0"))
          .containsExactly("297");
    }
  }

  /** One append after the other, each of one record. */
  private static Future<Long> appended(TestTrail trail, long done, long count) {
    return done == count
        ? Future.succeededFuture(done)
        : trail
            .appender()
            .append(trail.request(TestTrail.records(1, "filler", done)))
            .compose(outcome -> outcome instanceof Appended
                ? appended(trail, done + 1, count)
                : Future.failedFuture(outcome.toString()));
  }

  @Test
  void aTableForWhichThereIsNoRoomWaits() {
    try (TestTrail trail = TestTrail.open(database)) {
      trail.append("app", "one", "two");
      long[] free = {1 << 20};
      Purger purger = new Purger(database, new StorageSpace(() -> free[0], 1 << 20));
      Erased erased = Await.value(new Eraser(database, trail.appender(), purger)
          .erase(1, "ada", new Wish(List.of(new Wish.Range(0, 0)), RecordFilter.NONE, WHY, true)));
      assertThat(erased.purged()).isFalse();
      assertThat(erased.problem()).contains("bytes of disk for a moment");
      free[0] = 2L << 30;
      assertThat(purge(purger).waiting()).isEmpty();
    }
  }

  /** More segments than one call overwrites were never overwritten. */
  @Test
  void theLogIsOverwrittenInSeveralRunsWhenOneIsNotEnough() throws IOException {
    try (TestTrail trail = TestTrail.open(database)) {
      String name = "emil.beispiel.44ce0d13";
      trail.append("of emil", List.of(said(name, "one")));
      byte[] salt = records(1).get(0).salt();
      Await.value(
          new Eraser(database, trail.appender(), new Purger(database, StorageSpace.elsewhere()))
              .erase(1, "ada", indices(0, 0)));
      db.execute("SELECT vedette.leave_rest('{record_c0_t1_p0,wal}')");
      Purger purger = new Purger(database, StorageSpace.elsewhere());
      int runs = 0;
      Purger.Report report;
      do {
        report =
            Await.value(purger.run(table -> true, Duration.ofMinutes(5), Duration.ofMinutes(5), 1));
        runs++;
      } while (report.wal() == Purger.Wal.MORE && runs < 500);
      assertThat(report.wal()).isEqualTo(Purger.Wal.DONE);
      assertThat(runs).isGreaterThan(1);
      assertThat(found(List.of(name.getBytes(StandardCharsets.UTF_8), salt))).isEmpty();
    }
  }

  /** What the alert service has in memory, and wrote into the trail and its groups, brought the name back. */
  @Test
  void whatVedetteItselfSaidOfAnAlertGoesInTheSameAct() {
    try (TestTrail trail = TestTrail.open(database)) {
      String name = "frida.beispiel.c4";
      trail.append("app", List.of(said(name, "small")));
      trail.append(
          "vedette",
          List.of(
              alerted("f1", name, 0, 3),
              alerted("f2", "otto", 0, 3),
              alerted("f3", name, 7, 9),
              told("f1", "{}:{user=\"" + name + "\"}"),
              told("f2", "{}:{user=\"otto\"}")));
      db.execute(
          "INSERT INTO vedette.lease (trail, kind, name, owner, epoch, until_us) VALUES (1, 'alert', 'owner', 'node-7', 4, 9000000000000000)");
      db.execute(
          "INSERT INTO vedette.alert (trail, fingerprint, state, starts_us, ends_us, updated_us, settled, json) VALUES (1, 'f1', 'firing', 1, 0, 1, false, '{\"labels\":{\"alertname\":\"Logins\",\"user\":\""
              + name + "\"},\"firstIndex\":0,\"lastIndex\":3}')");
      db.execute(
          "INSERT INTO vedette.alert_group (trail, receiver, key, labels, created_us, flush_us, flushed_us, told) VALUES"
              + " (1, 'r', '{}:{user=\"" + name + "\"}', '{\"user\":\"" + name
              + "\"}', 1, 1, 1, '{}'),"
              + " (1, 'r', '{}:{user=\"otto\"}', '{\"user\":\"otto\"}', 1, 1, 1, '{}')");
      Erased erased =
          Await.value(new Eraser(database, trail.appender()).erase(1, "ada", indices(0, 0)));
      assertThat(erased.ranges()).containsExactly(new Wish.Range(0, 1), new Wish.Range(4, 4));
      assertThat(erased.acts()).containsExactly(6L);
      assertThat(records(10)).extracting(StoredRecord::index).containsExactly(2L, 3L, 5L, 6L);
      assertThat(erased.derived()).isEqualTo(Map.of("alert", 1L, "alert_group", 1L));
      assertThat(
              db.query(
                  "SELECT key || ' ' || replace(labels, ' ', '') FROM vedette.alert_group ORDER BY key"))
          .containsExactlyInAnyOrder(
              "{}:{user=\"[erased]\"} {\"user\":\"[erased]\"}",
              "{}:{user=\"otto\"} {\"user\":\"otto\"}");
      assertThat(
              db.query("SELECT owner || '|' || until_us FROM vedette.lease WHERE kind = 'alert'"))
          .as("whoever has the alerts in memory has to read them again")
          .containsExactly("|0");
    }
  }

  private static RecordDraft alerted(String fingerprint, String user, long first, long last) {
    return RecordDraft.builder()
        .kind("alert")
        .action("alert.fired")
        .target(fingerprint)
        .message("alert Logins fired")
        .attribute("labels", Map.of("alertname", "Logins", "user", user))
        .attribute("firstIndex", first)
        .attribute("lastIndex", last)
        .observedUs(ManualClock.START_US)
        .build();
  }

  private static RecordDraft told(String fingerprint, String group) {
    return RecordDraft.builder()
        .kind("notification")
        .action("notification.sent")
        .target("r/log")
        .message("notification to r sent")
        .attribute("group", group)
        .attribute("alerts", List.of(fingerprint))
        .observedUs(ManualClock.START_US)
        .build();
  }

  private static Purger.Report purge(Purger purger) {
    return Await.value(
        purger.run(table -> true, Duration.ofMinutes(5), Duration.ofMinutes(5), 500));
  }

  @Test
  void aWishThatCouldMeanEverythingIsRefused() {
    assertThatThrownBy(() -> new Wish(List.of(), RecordFilter.NONE, WHY, true))
        .hasMessageContaining("expected: at least one");
    assertThatThrownBy(() -> indices(5, 4)).hasMessageContaining("5 to 4");
    assertThatThrownBy(() -> new RecordFilter(Map.of(), "ab")).hasMessageContaining("at least 3");
    assertThatThrownBy(() -> filter("colour", "red")).hasMessageContaining("colour");
    assertThatThrownBy(() -> new Wish(List.of(new Wish.Range(1, 1)), RecordFilter.NONE, " ", true))
        .hasMessageContaining("reason");
  }

  @Test
  void gapsAreListedBySourceAndTime() {
    try (TestTrail trail = TestTrail.open(database, 16)) {
      Instant at = Instant.ofEpochSecond(ManualClock.START_US / 1_000_000);
      trail.append(
          "vedette",
          List.of(
              GapRecord.of("a", 3, "queue full", at, at.plusSeconds(1)).toBuilder()
                  .observedUs(1_000_000)
                  .build(),
              GapRecord.of("b", -1, "file removed", at, null).toBuilder()
                  .observedUs(2_000_000)
                  .build()));
      for (int i = 0; i < 20; i++) {
        trail.append("app", "filler");
      }
      trail.append(
          "liar",
          List.of(GapRecord.of("a", 9, "not ours", null, null).toBuilder()
              .observedUs(3_000_000)
              .build()));
      Gaps gaps = new Gaps(database);
      assertThat(Await.value(gaps.newest(1, "", 0, Long.MAX_VALUE, Long.MAX_VALUE, 10)))
          .extracting(Gaps.Gap::index)
          .containsExactly(1L, 0L);
      assertThat(Await.value(gaps.newest(1, "a", 0, Long.MAX_VALUE, Long.MAX_VALUE, 10)))
          .extracting(Gaps.Gap::index)
          .containsExactly(0L);
      assertThat(Await.value(gaps.newest(1, "", 1_500_000, 2_500_000, Long.MAX_VALUE, 10)))
          .extracting(Gaps.Gap::index)
          .containsExactly(1L);
      long lostUs = ManualClock.START_US;
      assertThat(Await.value(
              gaps.newest(1, "", lostUs + 500_000, lostUs + 600_000, Long.MAX_VALUE, 10)))
          .as("lost then, declared at another time")
          .extracting(Gaps.Gap::index)
          .containsExactly(0L);
      assertThat(Await.value(
              gaps.newest(1, "a", lostUs + 2_000_000, lostUs + 3_000_000, Long.MAX_VALUE, 10)))
          .isEmpty();
      assertThat(Await.value(gaps.newest(1, "", 0, Long.MAX_VALUE, 1, 10)))
          .extracting(Gaps.Gap::index)
          .containsExactly(0L);
      assertThat(Await.value(gaps.newest(1, "", 0, Long.MAX_VALUE, Long.MAX_VALUE, 1)))
          .hasSize(1);
    }
  }

  private static RecordDraft said(String who, String message) {
    return RecordDraft.builder()
        .actor(who)
        .action("login")
        .message(message)
        .observedUs(ManualClock.START_US)
        .build();
  }

  private static RecordFilter filter(String member, String value) {
    return new RecordFilter(Map.of(member, value), "");
  }

  private static Wish indices(long first, long last) {
    return new Wish(List.of(new Wish.Range(first, last)), RecordFilter.NONE, WHY, false);
  }

  private static Set<Long> named(RecordView act) {
    Set<Long> named = new HashSet<>();
    if (act.attributes().get("ranges") instanceof List<?> ranges) {
      for (Object range : ranges) {
        List<?> pair = (List<?>) range;
        for (long i = (Long) pair.get(0); i <= (Long) pair.get(1); i++) {
          named.add(i);
        }
      }
    }
    return named;
  }

  private List<StoredRecord> records(int limit) {
    return Await.value(new RecordReader(database).byIndex(1, 0, limit));
  }

  /** Rows as analyzer and alert service leave them behind records 19 to 22. */
  private void derive(String name) {
    String evidence = "\"value\":3,\"firstIndex\":19,\"lastIndex\":22,\"sample\":[20,21]";
    String alert =
        "{\"fingerprint\":\"f1\",\"state\":\"firing\",\"labels\":{\"alertname\":\"Logins\",\"user\":\""
            + name + "\"},\"annotations\":{\"summary\":\"3 logins of " + name + "\"}," + evidence
            + "}";
    db.execute(
        "INSERT INTO vedette.quarantine (trail, at_us, source, sequence, reason, detail, payload_bytes, payload) VALUES"
            + " (1, 1, 'app', 21, 'r', 'd', 1, 'x'), (1, 1, 'app', 20, 'r', 'd', 1, 'y'), (1, 1, 'app', NULL, 'r', 'd', 1, '"
            + name + "')");
    db.execute(
        "INSERT INTO vedette.finding (trail, partition, number, revision, rule, key, transition, batch, at_us, body) VALUES"
            + " (1, 0, 1, 1, 'Logins', 'user=" + name + "', 'firing', 1, 1, '{\"key\":{\"user\":\""
            + name + "\"}," + evidence + "}')");
    db.execute(
        "INSERT INTO vedette.alert (trail, fingerprint, state, starts_us, ends_us, updated_us, settled, json) VALUES"
            + " (1, 'f1', 'firing', 1, 0, 1, false, '" + alert + "'),"
            + " (1, 'f2', 'firing', 1, 0, 1, false, '{\"labels\":{\"user\":\"otto\"},\"firstIndex\":1,\"lastIndex\":3}')");
    db.execute(
        "INSERT INTO vedette.alert_change (trail, n, fingerprint, kind, actor, at_us, json) VALUES (1, 1, 'f1', 'fired', 'vedette', 1, '"
            + alert + "')");
    db.execute(
        "INSERT INTO vedette.notification (trail, id, receiver, integration, group_key, reason, state, next_us, created_us, updated_us, fingerprints, notice)"
            + " VALUES (1, 'n1', 'r', 'i', '{}:{user=" + name
            + "}', 'first', 'sent', 1, 1, 1, '{f1}', '{\"groupKey\":\"{}:{user=" + name
            + "}\",\"alerts\":[" + alert + "]}')");
    db.execute(
        "INSERT INTO vedette.publication (trail, topic, n, epoch, at_us, json) VALUES (1, 'alerts', 1, 'e', 1, '"
            + alert
            + "'), (1, 'notifications', 1, 'e', 1, '{\"groupKey\":\"{}:{user=" + name
            + "}\",\"alerts\":[\"f1\"]}'),"
            + " (1, 'notifications', 2, 'e', 1, '{\"groupKey\":\"other\",\"alerts\":[\"f2\"]}')");
  }

  /** The whole trail against its own tree, with the verifier that shares no code with the writer. */
  private Verdict verify(TestTrail trail, int size, Set<Long> excused) {
    byte[] entries = Await.value(new EntryReader(database).read(1, 0, size));
    assertThat(entries).hasSize(32 * size);
    TreeBuilder tree = TreeBuilder.empty();
    tree.append(new EntryHasher().leafHashes(entries));
    NoteSigner signer = NoteSigner.ofSeed(trail.trail().origin(), new byte[32]);
    byte[] note = new Checkpoint(trail.trail().origin(), size, tree.root())
        .sign(List.of(signer))
        .toBytes();
    Map<Long, StoredRecord> stored = new HashMap<>();
    records(size).forEach(record -> stored.put(record.index(), record));
    SignedCheckpoint checkpoint =
        SignedCheckpoint.open(note, LogKey.parse(signer.verifier().vkey()));
    try (LogVerifier verifier =
        LogVerifier.against(checkpoint).payloads(excused::contains).threads(1).start()) {
      for (long i = 0; i < size; i++) {
        StoredRecord record = stored.get(i);
        byte[] entry = LogVerifier.entry(entries, (int) i);
        verifier.add(
            entry,
            record == null ? null : record.salt(),
            record == null ? null : record.canonical());
      }
      return verifier.finish();
    }
  }

  private Map<Integer, Set<String>> found(List<byte[]> secrets) throws IOException {
    return new ServerFiles(db).found(secrets, path -> true);
  }

  private Map<Integer, Set<String>> found(List<byte[]> secrets, Predicate<Path> where)
      throws IOException {
    return new ServerFiles(db).found(secrets, where);
  }
}
