package io.vedette.benchmarks.trail;

import io.vedette.postgres.EmbeddedPostgres;
import io.vedette.postgres.EmbeddedPostgresOptions;
import io.vedette.store.DatabaseAdmin;
import io.vedette.store.DatabaseUrl;
import io.vedette.store.Migrations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The PostgreSQL of one run: the embedded one with the settings that standalone gives it, migrated, in a new folder that is deleted at the end. */
final class BenchServer implements AutoCloseable {
  private static final List<String> TOLD = List.of(
      "server_version",
      "fsync",
      "synchronous_commit",
      "full_page_writes",
      "data_checksums",
      "wal_compression",
      "shared_buffers",
      "max_wal_size",
      "commit_delay");

  private final Path folder;
  private final EmbeddedPostgres server;
  private final DatabaseUrl admin;
  private final DatabaseAdmin.Roles roles;

  private BenchServer(Path folder, EmbeddedPostgres server) {
    this.folder = folder;
    this.server = server;
    this.admin = DatabaseUrl.parse(server.url("vedette"));
    this.roles = DatabaseAdmin.init(admin, true);
    Migrations.migrate(roles.owner());
  }

  static BenchServer start(Path parent) throws IOException {
    Files.createDirectories(parent);
    Path folder = Files.createTempDirectory(parent.toAbsolutePath(), "vedette-bench-");
    if (Files.getFileStore(folder).supportsFileAttributeView("posix")) {
      // Run by root the server has an account of its own, which must come through.
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    }
    Path data = folder.resolve("data");
    return new BenchServer(
        folder,
        EmbeddedPostgres.start(EmbeddedPostgresOptions.in(data)
            .withFallback(data)
            .withBinaries(parent.toAbsolutePath().resolve("vedette-bench-binaries"))));
  }

  /** The schema's owner. */
  DatabaseUrl owner() {
    return roles.owner();
  }

  DatabaseUrl collector() {
    return roles.collector();
  }

  Path folder() {
    return folder;
  }

  /** What the server says of its durability. */
  String settings() {
    StringBuilder told = new StringBuilder();
    for (String name : TOLD) {
      told.append(told.isEmpty() ? "" : ", ").append(name).append('=').append(text("SHOW " + name));
    }
    return told.toString();
  }

  /** CPU time of the server's processes so far; of those that live. */
  Duration cpu() {
    Duration sum = Duration.ZERO;
    for (ProcessHandle process : ProcessHandle.of(server.serverPid())
        .map(ProcessHandle::children)
        .orElse(Stream.empty())
        .toList()) {
      sum = sum.plus(process.info().totalCpuDuration().orElse(Duration.ZERO));
    }
    return sum;
  }

  long walBytes() {
    return Long.parseLong(text("SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint"));
  }

  String text(String sql) {
    try (Connection connection =
            DriverManager.getConnection(admin.jdbc(), admin.user(), admin.password());
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return String.valueOf(rows.getString(1));
    } catch (SQLException e) {
      throw new IllegalStateException(sql + ": " + e.getMessage(), e);
    }
  }

  void execute(String sql) {
    try (Connection connection =
            DriverManager.getConnection(admin.jdbc(), admin.user(), admin.password());
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    server.close();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
