package io.vedette.store.erase;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.model.RecordDraft;
import io.vedette.store.Database;
import io.vedette.store.Migrations;
import io.vedette.store.StoreTest;
import io.vedette.store.trail.AppendOutcome.Appended;
import io.vedette.store.trail.AppendRequest;
import io.vedette.store.trail.CursorMove;
import io.vedette.store.trail.SealedRecord;
import io.vedette.store.trail.StorageSpace;
import io.vedette.testkit.Await;
import io.vedette.testkit.ManualClock;
import io.vedette.testkit.TestDatabase;
import io.vedette.testkit.TestPostgres;
import io.vedette.testkit.TestTrail;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;

/** What had quoted a record and was deleted for another reason before the record was erased: it lay in files that the erasure did not touch. */
class EarlierTracesTest extends StoreTest {
  /** Types that hold no text. Whatever is not here counts as one that may. */
  private static final String NUMBERS =
      "'bigint','integer','smallint','boolean','uuid','xid8','pg_lsn','integer[]','timestamp without time zone'";

  /** Tables that no erasure writes anew, and why they need not. */
  private static final Map<String, String> NEVER_QUOTE = Map.ofEntries(
      Map.entry("checkpoint", "sizes and hashes, signed"),
      Map.entry("erasure_rest", "names of tables"),
      Map.entry("flyway_schema_history", "names of migrations"),
      Map.entry("idempotency", "the client's key, the token's name, the hash of a request"),
      Map.entry("lease", "names of leases and processes"),
      Map.entry("node", "what a process says of itself"),
      Map.entry("rule_revision", "what an operator wrote"),
      Map.entry("sample_block", "measurements: they come from the sources beside the records"),
      Map.entry("source_cursor", "places in sources: offsets, hashes, cursors of the journal"),
      Map.entry("tile", "hashes"),
      Map.entry("token", "names and hashes"),
      Map.entry("topic_head", "names of topics"),
      Map.entry("trail_batch", "hashes with salts"),
      Map.entry("trail_head", "the trail's name and incarnation"),
      Map.entry("trail_incarnation", "what an operator wrote, and names"),
      Map.entry("trail_key", "public keys"));

  /** Tables that keep what they say of a record until it expires: docs/erasure.md, What stays. */
  private static final Set<String> KEEP = Set.of("pane_block");

  @Test
  void everyTableThatHoldsTextIsWrittenAnewOrSaysWhyNot() {
    Set<String> holdText = new TreeSet<>(db.query("""
        SELECT DISTINCT c.relname FROM pg_class c
        JOIN pg_namespace s ON s.oid = c.relnamespace
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relkind IN ('r', 'p', 'm', 'f') AND s.nspname !~ '^pg_' AND s.nspname <> 'information_schema'
          AND c.oid NOT IN (SELECT relid FROM pg_partition_tree('vedette.record'))
          AND format_type(a.atttypid, NULL) NOT IN (%s)""".formatted(NUMBERS)));
    List<String> writtenAnew = db.query("SELECT unnest(vedette.quoting_tables())");
    List<String> known = new ArrayList<>(writtenAnew);
    known.addAll(NEVER_QUOTE.keySet());
    known.addAll(KEEP);
    assertThat(known).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(holdText);
    assertThat(
            db.query(
                "SELECT t.name FROM unnest(vedette.quoting_tables()) AS t (name) WHERE NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = to_regclass('vedette.' || t.name) AND i.indisprimary)"))
        .as("cannot be written anew by their key")
        .isEmpty();
  }

  @Test
  void rowsThatQuotedItAndHadGoneBefore() throws IOException {
    try (TestTrail trail = TestTrail.open(database)) {
      String name = "martha.beispiel.2b9d";
      byte[] noise = new byte[6_000];
      new Random(11).nextBytes(noise);
      String large = Base64.getEncoder().encodeToString(noise);
      quoteAndGo(name, large);
      trail.append("app", List.of(said(name, large)));
      List<byte[]> secrets = List.of(bytes(name), bytes(large.substring(100, 160)));
      db.execute("CHECKPOINT");
      Map<Integer, Set<String>> before = new ServerFiles(db).found(secrets, path -> true);
      Set<String> tables = owners(before.get(0));
      assertThat(tables)
          .containsAll(db.query("SELECT 'vedette.' || unnest(vedette.quoting_tables())"));
      assertThat(owners(before.get(1)))
          .hasSizeGreaterThanOrEqualTo(2)
          .allMatch(owner -> owner.startsWith("pg_toast"));

      Erased erased = erase(trail, name);
      assertThat(erased.count()).isEqualTo(1);
      assertThat(erased.derived()).isEmpty();
      assertGone(erased, secrets);
    }
  }

  /** The trail's head has moved on before the record got in: what was rolled back lies in another partition than the record. */
  @Test
  void anAppendThatWasRolledBackBefore() throws IOException {
    try (TestTrail trail = TestTrail.open(database, 16)) {
      String name = "nora.beispiel.93ce";
      trail.append("app", "one", "two", "three");
      byte[] salt = rolledBack(trail, name);
      fill(trail, 45); // up to 48
      trail.append("app", List.of(said(name, "small")));
      List<byte[]> secrets = List.of(bytes(name), salt);
      db.execute("CHECKPOINT");
      assertThat(owners(new ServerFiles(db).found(secrets, path -> true).get(1)))
          .containsExactly("vedette.record_c0_t1_p0");

      Erased erased = erase(trail, name);
      assertThat(partitions(erased)).containsExactly("record_c0_t1_p0", "record_c0_t1_p3");
      assertGone(erased, secrets);
      fill(trail, 1);
      assertThat(partitions(erase(
              database,
              trail,
              new Wish(List.of(new Wish.Range(50, 50)), RecordFilter.NONE, "because", true))))
          .as("written anew once, not at every erasure")
          .containsExactly("record_c0_t1_p3");
    }
  }

  /** Nothing was appended since that could have found it: the act's own append does. */
  @Test
  void anAppendThatWasRolledBackJustNow() throws IOException {
    try (TestTrail trail = TestTrail.open(database, 16)) {
      String name = "otto.beispiel.7710";
      trail.append("app", List.of(said(name, "small")));
      fill(trail, 35); // up to 36
      byte[] salt = rolledBack(trail, name);
      Erased erased = erase(trail, name);
      assertThat(partitions(erased)).containsExactly("record_c0_t1_p0", "record_c0_t1_p2");
      assertGone(erased, List.of(bytes(name), salt));
    }
  }

  /** A batch with a record that the database refuses is tried in parts, each where the trail ends, and each is rolled back. */
  @Test
  void aBatchThatWasTakenApart() throws IOException {
    try (TestTrail trail = TestTrail.open(database, 16)) {
      String name = "paula.beispiel.ee04";
      fill(trail, 15);
      List<SealedRecord> batch = new ArrayList<>(TestTrail.records(2, "b", 0));
      batch.set(1, SealedRecord.seal(bytes("1"), batch.get(1).salt(), 1, 0));
      batch.add(TestTrail.sealed(said(name, "small"), "b", 3));
      assertThat(trail.appended(trail.request(batch)).quarantined()).hasSize(1);
      List<byte[]> secrets = List.of(bytes(name), batch.get(2).salt());
      db.execute("CHECKPOINT");
      assertThat(owners(new ServerFiles(db).found(secrets, path -> true).get(0)))
          .contains("vedette.record_c0_t1_p0", "vedette.record_c0_t1_p1");
      Erased erased = erase(trail, name);
      assertThat(erased.ranges()).containsExactly(new Wish.Range(16, 16));
      assertGone(erased, secrets);
    }
  }

  @Test
  void whatWasTakenOutWhenTheTrailWasReopened() throws IOException {
    try (TestTrail trail = TestTrail.open(database, 16)) {
      String name = "quirin.beispiel.5a5a";
      fill(trail, 20);
      trail.append("b", List.of(said(name, "small")));
      db.execute("DELETE FROM vedette.trail_batch WHERE first_index = 20");
      db.execute(
          "SELECT vedette.reopen_trail(1, (SELECT epoch FROM vedette.trail_head), 'feedfeedfeedfeed', 'o', 'k', 'lost')");
      fill(trail, 28); // up to 48
      trail.append("b", List.of(said(name, "small")));
      Erased erased = erase(trail, name);
      assertThat(partitions(erased)).contains("record_c0_t1_p1", "record_c0_t1_p3");
      assertGone(erased, List.of(bytes(name)));
    }
  }

  /** Nobody counted appends there: any partition may hold one that was rolled back. */
  @Test
  void inADatabaseFromBeforeEveryPartitionIsWrittenAnew() throws IOException {
    try (TestDatabase older = TestPostgres.shared().empty()) {
      Flyway.configure(Migrations.class.getClassLoader())
          .dataSource(older.url().jdbc(), older.url().user(), older.url().password())
          .schemas("vedette")
          .target("11")
          .load()
          .migrate();
      String name = "tilda.beispiel.c0de";
      byte[] salt;
      Database before = older.connect(vertx);
      try (TestTrail trail = TestTrail.open(before, 16)) {
        fill(trail, 3);
        salt = rolledBack(before, trail, name);
        fill(trail, 45); // up to 48
        trail.append("b", List.of(said(name, "small")));
      } finally {
        Await.value(before.close());
      }
      assertThat(Migrations.migrate(older.url())).isPositive();
      Database after = older.connect(vertx);
      try (TestTrail trail = TestTrail.open(after, 16)) {
        Erased erased = erase(after, trail, name);
        assertThat(partitions(erased))
            .containsExactly(
                "record_c0_t1_p0", "record_c0_t1_p1", "record_c0_t1_p2", "record_c0_t1_p3");
        assertGone(erased, List.of(bytes(name), salt));
        fill(trail, "c", 5);
        assertThat(older.number("SELECT count(*) FROM vedette.append_undone")).isZero();
      } finally {
        Await.value(after.close());
      }
    }
  }

  /** Else every erasure would write the newest partition anew. */
  @Test
  void appendsThatWereNotRolledBackLeaveNothing() {
    try (TestTrail trail = TestTrail.open(database, 16)) {
      fill(trail, 20);
      trail.tick();
      AppendRequest request = trail.request(TestTrail.records(1, "b", 0));
      trail.appended(request);
      assertThat(trail.appended(request).repeated()).isTrue();
      Await.value(trail
          .appender()
          .append(trail
              .request(TestTrail.records(1, "b", 1))
              .withCursors(List.of(new CursorMove("b", null, "3", 7, 8))))); // refused: not so far
      trail.tick();
      fill(trail, 20);
      assertThat(db.number("SELECT count(*) FROM vedette.append_undone")).isZero();
      rolledBack(trail, "anybody");
      fill(trail, 1);
      assertThat(db.query("SELECT n FROM vedette.append_undone")).containsExactly("2");
    }
  }

  /** An append that finds another one rolled back notes the partition that is just being written anew: neither may wait for the other for good. */
  @Test
  void appendsAreRolledBackWhileTablesAreWrittenAnew() throws IOException {
    try (TestTrail trail = TestTrail.open(database, 64)) {
      String name = "stefan.beispiel.61ab";
      fill(trail, 10);
      for (int i = 0; i < 4; i++) {
        trail.append("app", List.of(said(name, "small")));
        Future<Long> appending = churn(trail, name, 30);
        Erased erased = erase(trail, "small");
        assertThat(erased.count()).isEqualTo(1);
        assertThat(Await.value(appending)).isEqualTo(30);
      }
      // What was rolled back after the last act is found by the next one.
      trail.append("app", List.of(said(name, "small")));
      assertGone(erase(trail, "small"), List.of(bytes(name)));
    }
  }

  /** One append after the other, each behind one that was rolled back. */
  private Future<Long> churn(TestTrail trail, String name, long count) {
    Future<?> done = Future.succeededFuture();
    for (int i = 0; i < count; i++) {
      done = done.compose(before -> appendWithin(trail, name, true)
              .recover(failure -> "no".equals(failure.getMessage())
                  ? Future.succeededFuture()
                  : Future.failedFuture(failure)))
          .compose(rolledBack -> appendWithin(trail, "filler", false));
    }
    return done.map(last -> count);
  }

  private Future<Appended> appendWithin(TestTrail trail, String name, boolean rollBack) {
    return database.transaction(tx -> trail
        .appender()
        .appendWithin(tx, TestTrail.TRAIL, List.of(said(name, "never")))
        .compose(done -> rollBack ? Future.failedFuture("no") : Future.succeededFuture(done)));
  }

  @Test
  void whatIsNotBegunInTimeIsLeftForTheNextRun() {
    try (TestTrail trail = TestTrail.open(database)) {
      fill(trail, 1);
      db.execute("SELECT vedette.leave_rest('{record_c0_t1_p0,silence,wal}')");
      Purger purger = new Purger(database, StorageSpace.elsewhere());
      assertThat(purge(purger, Duration.ZERO).waiting())
          .isEqualTo(Map.of(
              "record_c0_t1_p0",
              "its turn did not come within 0 s",
              "silence",
              "its turn did not come within 0 s"));
      assertThat(purge(purger, Duration.ofMinutes(5)).waiting()).isEmpty();
    }
  }

  @Test
  void noColumnThatQuotesPayloadsHasStatistics() throws IOException {
    String name = "rosa.beispiel.0d0d";
    for (int i = 0; i < 3; i++) {
      db.execute(
          "INSERT INTO vedette.silence (trail, id, starts_us, ends_us, updated_us, json) VALUES (1, '"
              + i + "', 1, 1, 1, '{\"user\":\"" + name + i + "\"}')");
      db.execute(
          "INSERT INTO vedette.analysis_partition (trail, partition, batch, at_us, timeline, findings, state) VALUES (1, "
              + i + ", 1, 1, 1, 1, '" + name + i + "')");
      db.execute(
          "INSERT INTO vedette.pane_block (trail, rule, rule_hash, timeline, pane_us, from_us, to_us, batch, partitions, block) VALUES (1, 'r', 'h', 1, 1, 1, 1, 1, 1, '"
              + name + i + "')");
    }
    db.execute("ANALYZE");
    db.execute("CHECKPOINT");
    Map<Integer, Set<String>> found = new ServerFiles(db)
        .found(List.of(bytes(name)), path -> !path.toString().contains("pg_wal"));
    assertThat(owners(found.get(0)))
        .containsExactlyInAnyOrder(
            "vedette.silence", "vedette.analysis_partition", "vedette.pane_block");
  }

  /** One row of each table that may quote a record, and what takes it away in the course of things. */
  private void quoteAndGo(String name, String large) {
    String json = "{\"labels\":{\"user\":\"" + name + "\"}}";
    db.execute(
        "INSERT INTO vedette.quarantine (trail, at_us, source, sequence, reason, detail, payload_bytes, payload) VALUES (1, 1, 'app', 900, 'r', 'd', 1, '"
            + name + "'); DELETE FROM vedette.quarantine");
    db.execute(
        "INSERT INTO vedette.finding (trail, partition, number, revision, rule, key, transition, batch, at_us, body) VALUES (1, 0, 1, 1, 'Logins', 'user="
            + name + "', 'firing', 1, 1, '" + json + "'); DELETE FROM vedette.finding");
    db.execute(
        "INSERT INTO vedette.alert (trail, fingerprint, state, starts_us, ends_us, updated_us, settled, json) VALUES (1, 'f1', 'firing', 1, 0, 1, false, '"
            + json + "')");
    db.execute("UPDATE vedette.alert SET json = '{}'");
    db.execute(
        "INSERT INTO vedette.alert_change (trail, n, fingerprint, kind, actor, at_us, json) VALUES (1, 1, 'f1', 'fired', 'vedette', 1, '"
            + json + "'); DELETE FROM vedette.alert_change");
    db.execute("INSERT INTO vedette.alert_inbox (trail, at_us, json) VALUES (1, 1, '" + json
        + "'); DELETE FROM vedette.alert_inbox");
    db.execute(
        "INSERT INTO vedette.alert_group (trail, receiver, key, labels, created_us, flush_us, flushed_us, told) VALUES (1, 'r', '{}:{user=\""
            + name + "\"}', '{\"user\":\"" + name
            + "\"}', 1, 1, 1, '{}'); DELETE FROM vedette.alert_group");
    db.execute(
        "INSERT INTO vedette.silence (trail, id, starts_us, ends_us, updated_us, json) VALUES (1, 's', 1, 1, 1, '"
            + json + "'); DELETE FROM vedette.silence");
    db.execute(
        "INSERT INTO vedette.notification (trail, id, receiver, integration, group_key, reason, state, next_us, created_us, updated_us, fingerprints, notice) VALUES (1, 'n1', 'r', 'i', '{}:{user="
            + name + "}', 'first', 'pending', 1, 1, 1, '{f1}', '" + json + "')");
    db.execute("UPDATE vedette.notification SET group_key = 'g', notice = '{}', state = 'sent'");
    db.execute(
        "INSERT INTO vedette.publication (trail, topic, n, epoch, at_us, json) VALUES (1, 'alerts', 1, 'e', 1, '"
            + json + "'), (1, 'alerts', 2, 'e', 1, '" + large
            + "'); DELETE FROM vedette.publication");
    db.execute(
        "INSERT INTO vedette.analysis_partition (trail, partition, batch, at_us, timeline, findings, state) VALUES (1, 0, 1, 1, 1, 1, '"
            + name + "')");
    db.execute("UPDATE vedette.analysis_partition SET state = 'x'");
  }

  /** Tries to append, and is rolled back once the record is written; answers its salt. */
  private byte[] rolledBack(TestTrail trail, String name) {
    return rolledBack(database, trail, name);
  }

  private static byte[] rolledBack(Database database, TestTrail trail, String name) {
    byte[][] salt = new byte[1][];
    Throwable failure = Await.failure(database.transaction(tx -> trail
        .appender()
        .appendWithin(tx, TestTrail.TRAIL, List.of(said(name, "never")))
        .compose(done -> tx.query("SELECT salt FROM vedette.record ORDER BY index DESC LIMIT 1")
            .execute())
        .compose(rows -> {
          salt[0] = rows.iterator().next().getBuffer(0).getBytes();
          return Future.failedFuture("no");
        })));
    assertThat(failure).hasMessage("no");
    return salt[0];
  }

  private static void fill(TestTrail trail, int count) {
    fill(trail, "app", count);
  }

  private static void fill(TestTrail trail, String source, int count) {
    String[] messages = new String[count];
    Arrays.fill(messages, "filler");
    trail.append(source, messages);
  }

  private Erased erase(TestTrail trail, String text) {
    return erase(database, trail, text);
  }

  private static Erased erase(Database database, TestTrail trail, String text) {
    return erase(
        database, trail, new Wish(List.of(), new RecordFilter(Map.of(), text), "because", true));
  }

  private static Erased erase(Database database, TestTrail trail, Wish wish) {
    return Await.value(new Eraser(database, trail.appender()).erase(TestTrail.TRAIL, "ada", wish));
  }

  private void assertGone(Erased erased, List<byte[]> secrets) throws IOException {
    assertThat(erased.problem()).isEmpty();
    assertThat(erased.purged()).isTrue();
    assertThat(erased.walForgotten()).isTrue();
    assertThat(new ServerFiles(db).found(secrets, path -> true)).isEmpty();
  }

  private static Purger.Report purge(Purger purger, Duration beginLimit) {
    return Await.value(purger.run(table -> true, Duration.ofMinutes(5), beginLimit, 500));
  }

  private static List<String> partitions(Erased erased) {
    return erased.tables().stream().filter(table -> table.startsWith("record_")).toList();
  }

  /** Tables, indexes and TOAST of this database among the files. */
  private static Set<String> owners(Set<String> files) {
    return files.stream()
        .filter(file -> file.contains(" of "))
        .map(file -> file.substring(file.indexOf(" of ") + 4))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static RecordDraft said(String who, String message) {
    return RecordDraft.builder()
        .actor(who)
        .action("login")
        .message(message)
        .observedUs(ManualClock.START_US)
        .build();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
