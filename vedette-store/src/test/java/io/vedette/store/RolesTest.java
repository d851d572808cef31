package io.vedette.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vedette.testkit.Await;
import io.vedette.testkit.TestDatabase;
import io.vedette.testkit.TestPostgres;
import io.vedette.testkit.TestTrail;
import io.vertx.core.Vertx;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What each service's role may write: all of it is named here, so that a grant too many shows in the diff. */
class RolesTest {
  private static final String LEASES = "lease:IUD node:IUD";

  private static final Map<String, String> WRITABLE = Map.of(
      "vedette_collector", LEASES + " quarantine:I",
      "vedette_analyzer",
          "analysis_partition:IU finding:ID " + LEASES
              + " pane_block:ID quarantine:I rule_revision:IU",
      "vedette_alert",
          "alert:IUD alert_change:IUD alert_cursor:IUD alert_group:IUD alert_inbox:IUD " + LEASES
              + " notification:IUD quarantine:I silence:IUD",
      "vedette_edge", LEASES + " quarantine:I token:IU");

  private static final TestDatabase DATABASE = TestPostgres.sharedWithoutFsync().fresh();

  @BeforeAll
  static void aTrailWithPartitions() {
    Vertx vertx = Vertx.vertx();
    Database database = DATABASE.connect(vertx);
    TestTrail.open(database, 16).close();
    Await.value(database.close());
    Await.value(vertx.close());
    DATABASE.execute("SELECT vedette.create_record_partition(1, 0::smallint, 0, 16)");
  }

  @AfterAll
  static void drop() {
    DATABASE.close();
  }

  @Test
  void eachRoleWritesItsOwnTablesAndNoOthers() {
    Map<String, String> found = new TreeMap<>();
    for (String role : WRITABLE.keySet()) {
      found.put(role, String.join(" ", DATABASE.query("""
          SELECT relname || ':' || rights FROM (
            SELECT relname, concat(
              CASE WHEN has_table_privilege('%1$s', oid, 'INSERT') THEN 'I' END,
              CASE WHEN has_any_column_privilege('%1$s', oid, 'UPDATE') THEN 'U' END,
              CASE WHEN has_table_privilege('%1$s', oid, 'DELETE') THEN 'D' END,
              CASE WHEN has_table_privilege('%1$s', oid, 'TRUNCATE') THEN 'T' END) AS rights
            FROM pg_class WHERE relnamespace = 'vedette'::regnamespace AND relkind IN ('r', 'p')) AS tables
          WHERE rights <> '' ORDER BY relname COLLATE "C"
          """.formatted(role))));
    }
    assertThat(found).isEqualTo(new TreeMap<>(WRITABLE));
  }

  @ParameterizedTest
  @ValueSource(strings = {"vedette_collector", "vedette_analyzer", "vedette_alert", "vedette_edge"})
  void noRoleChangesWhatIsInTheTrail(String role) throws SQLException {
    DATABASE.execute("ALTER ROLE " + role + " LOGIN PASSWORD 'own'");
    List<String> attempts = List.of(
        "UPDATE vedette.trail_batch SET entries = ''",
        "DELETE FROM vedette.trail_batch",
        "UPDATE vedette.record SET canonical = ''",
        "DELETE FROM vedette.record",
        "DELETE FROM vedette.record_c0_t1_p0",
        "UPDATE vedette.tile SET hashes = ''",
        "DELETE FROM vedette.checkpoint",
        "UPDATE vedette.trail_head SET size = 0",
        "TRUNCATE vedette.trail_batch",
        "DROP TABLE vedette.record_c0_t1_p0",
        "CREATE TABLE vedette.mine (x int)");
    var url = DATABASE.url().withUser(role, "own");
    try (Connection connection =
            DriverManager.getConnection(url.jdbc(), url.user(), url.password());
        Statement statement = connection.createStatement()) {
      for (String attempt : attempts) {
        assertThatThrownBy(() -> statement.execute(attempt))
            .as(attempt)
            .isInstanceOfSatisfying(SQLException.class, refused -> assertThat(refused.getSQLState())
                .as(refused.getMessage())
                .isEqualTo("42501"));
      }
    }
  }
}
