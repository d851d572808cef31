package io.vedette.testkit;

import io.vedette.postgres.EmbeddedPostgres;
import io.vedette.postgres.EmbeddedPostgresOptions;
import io.vedette.store.DatabaseUrl;
import io.vedette.store.Migrations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL server for the tests of one JVM, started when first asked for and stopped with the JVM: the embedded one, or, with {@code -Dvedette.test.database=postgresql://admin:password@host/db},
 * that one. Each test class takes a {@link #fresh} database, copied from one that was migrated once.
 */
public final class TestPostgres {
  private static final String PROPERTY = "vedette.test.database";
  private static final AtomicInteger NAMES = new AtomicInteger();

  private static @Nullable TestPostgres durable;
  private static @Nullable TestPostgres quick;

  private final DatabaseUrl admin;
  private final boolean fsync;
  private final @Nullable EmbeddedPostgres embedded;
  private final String template =
      "vedette_test_template_" + ProcessHandle.current().pid() + "_" + NAMES.incrementAndGet();

  private TestPostgres(DatabaseUrl admin, boolean fsync, @Nullable EmbeddedPostgres embedded) {
    this.admin = admin;
    this.fsync = fsync;
    this.embedded = embedded;
  }

  /** A durable server, as production has it. */
  public static synchronized TestPostgres shared() {
    TestPostgres known = durable;
    if (known == null) {
      known = start(true);
      durable = known;
    }
    return known;
  }

  /** A server that does not wait for the disk: only for tests in which nothing is killed and no acknowledgement is trusted. */
  public static synchronized TestPostgres sharedWithoutFsync() {
    TestPostgres known = quick;
    if (known == null) {
      known = System.getProperty(PROPERTY) == null ? start(false) : shared();
      quick = known;
    }
    return known;
  }

  /** A new, migrated database; closing it drops it. */
  public TestDatabase fresh() {
    String name = "vedette_test_" + ProcessHandle.current().pid() + "_" + NAMES.incrementAndGet();
    // By file without fsync: a checkpoint costs nothing there, and copying block by block through
    // the log costs four times as much.
    String strategy = fsync ? "" : " STRATEGY FILE_COPY";
    execute(admin, "CREATE DATABASE " + name + " TEMPLATE " + template + strategy);
    return new TestDatabase(this, admin.withDatabase(name), fsync);
  }

  /** A new database without our schema; closing it drops it. */
  public TestDatabase empty() {
    String name = "vedette_test_" + ProcessHandle.current().pid() + "_" + NAMES.incrementAndGet();
    execute(admin, "CREATE DATABASE " + name + " TEMPLATE template0 ENCODING 'UTF8'");
    return new TestDatabase(this, admin.withDatabase(name), fsync);
  }

  /** Where the server itself is, as its administrator. */
  public DatabaseUrl admin() {
    return admin;
  }

  void drop(String name) {
    execute(admin, "DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
  }

  private static TestPostgres start(boolean fsync) {
    String external = System.getProperty(PROPERTY);
    TestPostgres server = external == null
        ? embedded(fsync)
        : new TestPostgres(DatabaseUrl.parse(external), true, null);
    Runtime.getRuntime().addShutdownHook(new Thread(server::stop, "test-postgres-stop"));
    execute(
        server.admin, "CREATE DATABASE " + server.template + " TEMPLATE template0 ENCODING 'UTF8'");
    Migrations.migrate(server.admin.withDatabase(server.template));
    return server;
  }

  private static TestPostgres embedded(boolean fsync) {
    Path temp = Path.of(System.getProperty("java.io.tmpdir"));
    String user = System.getProperty("user.name");
    Path folder = temp.resolve(
        "vedette-test-" + ProcessHandle.current().pid() + "-" + NAMES.incrementAndGet());
    EmbeddedPostgresOptions options = EmbeddedPostgresOptions.in(folder)
        .withBinaries(temp.resolve("vedette-test-binaries-" + user))
        .withSettings(fsync ? Map.of() : Map.of("fsync", "off"));
    EmbeddedPostgres postgres = EmbeddedPostgres.start(options);
    return new TestPostgres(DatabaseUrl.parse(postgres.url("postgres")), fsync, postgres);
  }

  private void stop() {
    if (embedded == null) {
      drop(template);
      return;
    }
    embedded.close();
    try (Stream<Path> files = Files.walk(embedded.folder())) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("test database cannot be removed", e);
    }
  }

  static void execute(DatabaseUrl url, String sql) {
    try (Connection connection =
            DriverManager.getConnection(url.jdbc(), url.user(), url.password());
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(url + ": " + e.getMessage(), e);
    }
  }
}
