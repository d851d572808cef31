package io.vedette.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** What the tests share: binaries unpacked once per JVM where every account can run them, and short ways to ask a server. */
final class TestPlace {

  private TestPlace() {}

  static Path binaries() {
    return Unpacked.FOLDER;
  }

  static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }

  static EmbeddedPostgresOptions options(Path folder) {
    return options(folder, binaries());
  }

  /** Without a fallback: a test that leaves its folder unseen would meet what another one left there. */
  static EmbeddedPostgresOptions options(Path folder, Path binaries) {
    return EmbeddedPostgresOptions.in(folder)
        .withBinaries(binaries)
        .withFallback(Path.of("/dev/null/none"));
  }

  /** Lays a database made once into a folder: initdb would take a second each time. */
  static void prepare(Path folder) {
    Template.copyTo(folder);
  }

  private static final class Unpacked {
    private static final Path FOLDER = make();
  }

  private static final class Template {
    private static final Path FOLDER = make();

    static {
      EmbeddedPostgres.start(options(FOLDER).withSettings(Map.of("fsync", "off")))
          .close();
    }

    static void copyTo(Path folder) {
      Command.Outcome outcome = Command.run(
          List.of("cp", "-a", FOLDER + "/.", folder.toString()), Duration.ofSeconds(60));
      if (!outcome.ok()) {
        throw new IllegalStateException("cannot copy the template: " + outcome.output());
      }
    }
  }

  static Connection connect(EmbeddedPostgres postgres) throws SQLException {
    return DriverManager.getConnection(postgres.jdbcUrl("vedette"));
  }

  static String ask(EmbeddedPostgres postgres, String sql) throws SQLException {
    try (Connection connection = connect(postgres)) {
      return ask(connection, sql);
    }
  }

  static String ask(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? String.valueOf(row.getString(1)) : "no row";
    }
  }

  static void run(EmbeddedPostgres postgres, String sql) throws SQLException {
    try (Connection connection = connect(postgres);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static Path make() {
    try {
      Path folder = Files.createTempDirectory("vedette-postgres-test");
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
      Runtime.getRuntime().addShutdownHook(new Thread(() -> {
        try {
          Binaries.deleteTree(folder);
        } catch (IOException e) {
          throw new IllegalStateException(e);
        }
      }));
      return folder;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
