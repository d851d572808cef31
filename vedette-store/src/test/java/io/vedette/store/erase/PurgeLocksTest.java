package io.vedette.store.erase;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.store.StoreTest;
import io.vedette.store.trail.AppendOutcome;
import io.vedette.store.trail.SealedRecord;
import io.vedette.store.trail.StorageSpace;
import io.vedette.testkit.Await;
import io.vedette.testkit.TestTrail;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who waits for whom when tables are written anew. */
class PurgeLocksTest extends StoreTest {

  /** To write the quarantine anew takes the lock that is taken here. */
  @Test
  void whoWaitsForTheQuarantineDoesNotHoldTheTrail() throws Exception {
    try (TestTrail trail = TestTrail.open(database);
        TestTrail another = TestTrail.open(database);
        Connection purge = connection()) {
      run(purge, "LOCK TABLE vedette.quarantine IN ACCESS EXCLUSIVE MODE");
      List<SealedRecord> records = new ArrayList<>(TestTrail.records(2, "a", 0));
      records.set(
          1,
          SealedRecord.seal("1".getBytes(StandardCharsets.UTF_8), records.get(1).salt(), 1, 0));
      Future<AppendOutcome> refused = trail.appender().append(trail.request(records));
      Await.until(
          () -> db.number(
              "SELECT count(*) FROM pg_locks WHERE relation = 'vedette.quarantine'::regclass AND NOT granted"),
          waiting -> waiting == 1);
      db.execute("SELECT FROM vedette.trail_head FOR UPDATE NOWAIT"); // fails where somebody has it
      assertThat(another.append("b", "goes on").batch().count()).isEqualTo(1);
      purge.rollback();
      assertThat(((AppendOutcome.Appended) Await.value(refused)).quarantined()).hasSize(1);
    }
  }

  /** A backup reads all tables: to wait for one after the other would stop their writers each time. */
  @Test
  void oneTableThatOthersReadIsWaitedForAndNoMore() throws Exception {
    try (TestTrail trail = TestTrail.open(database);
        Connection backup = connection()) {
      trail.append("a", "one");
      db.execute("SELECT vedette.leave_rest('{silence,wal}')");
      db.execute("SELECT vedette.leave_rest('{alert}')");
      db.execute("SELECT vedette.leave_rest('{record_c0_t1_p0}')");
      run(backup, "LOCK TABLE vedette.alert IN ACCESS SHARE MODE");
      Purger purger = new Purger(database, StorageSpace.elsewhere());
      assertThat(purge(purger).waiting())
          .containsOnlyKeys("alert", "silence")
          .allSatisfy(
              (table, why) -> assertThat(why).startsWith("others read or write one of the tables"));
      backup.rollback();
      assertThat(purge(purger).waiting()).isEmpty();
    }
  }

  @Test
  void whatReopeningTakesOutWaitsForWhoMaySeeIt() throws Exception {
    try (TestTrail trail = TestTrail.open(database, 16);
        Connection reader = connection()) {
      trail.append("a", "one", "two");
      trail.append("a", "three");
      db.execute("SELECT vedette.leave_rest('{record_c0_t1_p0}')");
      trail.tick(); // a transaction since: the reader is younger than what was left
      reader.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      run(reader, "SELECT count(*) FROM vedette.record");
      db.execute("DELETE FROM vedette.trail_batch WHERE number > 1");
      db.execute(
          "SELECT vedette.reopen_trail(1, (SELECT epoch FROM vedette.trail_head), 'feedfeedfeedfeed', 'o', 'k', 'lost')");
      Purger purger = new Purger(database, StorageSpace.elsewhere(), 1 << 20, Duration.ZERO);
      assertThat(purge(purger).waiting())
          .hasEntrySatisfying(
              "record_c0_t1_p0", why -> assertThat(why).endsWith("is older than the erasure"));
      reader.rollback();
      assertThat(purge(new Purger(database, StorageSpace.elsewhere())).waiting())
          .isEmpty();
    }
  }

  /** A place that is not there any more, or never was, is no reason to leave the others. */
  @Test
  void oneTableThatFailsLeavesTheOthersTheirTurn() {
    try (TestTrail trail = TestTrail.open(database)) {
      trail.append("a", "one");
      db.execute("SELECT vedette.leave_rest('{silence}')");
      db.execute("SELECT vedette.leave_rest('{record_c0_t1_p99999999999999999999}')");
      assertThat(purge(new Purger(database, StorageSpace.elsewhere())).waiting())
          .containsOnlyKeys("record_c0_t1_p99999999999999999999");
    }
  }

  private Connection connection() throws SQLException {
    Connection connection =
        DriverManager.getConnection(db.url().jdbc(), db.url().user(), db.url().password());
    connection.setAutoCommit(false);
    return connection;
  }

  private static void run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static Purger.Report purge(Purger purger) {
    return Await.value(
        purger.run(table -> true, Duration.ofMinutes(5), Duration.ofMinutes(5), 500));
  }
}
