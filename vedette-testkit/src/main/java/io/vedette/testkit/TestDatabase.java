package io.vedette.testkit;

import io.vedette.store.Database;
import io.vedette.store.DatabaseOptions;
import io.vedette.store.DatabaseUrl;
import io.vertx.core.Vertx;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** A database of one test or test class. Its methods block: call them on the test's thread. */
public final class TestDatabase implements AutoCloseable {
  private final TestPostgres server;
  private final DatabaseUrl url;
  private final boolean fsync;

  TestDatabase(TestPostgres server, DatabaseUrl url, boolean fsync) {
    this.server = server;
    this.url = url;
    this.fsync = fsync;
  }

  /** As its owner. */
  public DatabaseUrl url() {
    return url;
  }

  /** What a test connects with: the defaults, but a server without fsync is accepted where the test asked for one. */
  public DatabaseOptions options() {
    return DatabaseOptions.DEFAULT.withAcceptFsyncOff(!fsync);
  }

  /** The caller closes it. */
  public Database connect(Vertx vertx) {
    return connect(vertx, url);
  }

  /** By another way or as another role; the caller closes it. */
  public Database connect(Vertx vertx, DatabaseUrl as) {
    return Await.value(Database.connect(vertx, as, options()));
  }

  /** Stops the database's clock at an instant: leases, log time and expiry see this one from now on. */
  public void setClock(long us) {
    execute(
        "CREATE OR REPLACE FUNCTION vedette.clock_us() RETURNS bigint LANGUAGE sql VOLATILE AS $$ SELECT "
            + us + "::bigint $$");
  }

  public void execute(String sql) {
    TestPostgres.execute(url, sql);
  }

  /** First column of all rows, as text; null where it is null. */
  public List<String> query(String sql) {
    try (Connection connection =
            DriverManager.getConnection(url.jdbc(), url.user(), url.password());
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> values = new ArrayList<>();
      while (rows.next()) {
        values.add(String.valueOf(rows.getString(1)));
      }
      return values;
    } catch (SQLException e) {
      throw new IllegalStateException(sql + ": " + e.getMessage(), e);
    }
  }

  public long number(String sql) {
    return Long.parseLong(query(sql).get(0));
  }

  /** Ends every session of the database but this one's, as an administrator's {@code pg_terminate_backend} does. */
  public void killSessions() {
    execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
  }

  @Override
  public void close() {
    server.drop(url.database());
  }
}
