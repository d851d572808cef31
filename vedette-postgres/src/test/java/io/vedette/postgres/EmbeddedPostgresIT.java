package io.vedette.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vedette.postgres.EmbeddedPostgresException.Reason;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedPostgresIT {
  private static final int PROCESS_GROUP = 2;
  private static final int SESSION = 3;

  @TempDir
  Path folder;

  private final Set<Long> acknowledged = ConcurrentHashMap.newKeySet();

  @Test
  void isDurableAuthenticatedAndOnLoopbackOnly() throws Exception {
    Queue<String> progress = new ConcurrentLinkedQueue<>();
    try (EmbeddedPostgres postgres =
            EmbeddedPostgres.start(TestPlace.options(folder).withProgress(progress::add));
        Connection connection = TestPlace.connect(postgres)) {
      Map<String, String> promised = Map.ofEntries(
          Map.entry("fsync", "on"),
          Map.entry("full_page_writes", "on"),
          Map.entry("synchronous_commit", "on"),
          Map.entry("data_checksums", "on"),
          Map.entry("password_encryption", "scram-sha-256"),
          Map.entry("listen_addresses", "127.0.0.1"),
          Map.entry("unix_socket_directories", ""),
          Map.entry("max_wal_size", "1GB"),
          Map.entry("server_encoding", "UTF8"),
          Map.entry("lc_collate_of_database", "builtin C.UTF-8"));
      for (Map.Entry<String, String> setting : promised.entrySet()) {
        String sql = setting.getKey().equals("lc_collate_of_database")
            ? "SELECT CASE datlocprovider WHEN 'b' THEN 'builtin ' ELSE '' END || datlocale FROM pg_database"
                + " WHERE datname = current_database()"
            : "SHOW " + setting.getKey();
        assertThat(TestPlace.ask(connection, sql))
            .as(setting.getKey())
            .isEqualTo(setting.getValue());
      }
      assertThat(TestPlace.ask(
              connection, "SELECT string_agg(DISTINCT auth_method, ',') FROM pg_hba_file_rules"))
          .isEqualTo("reject,scram-sha-256");
      assertThat(TestPlace.ask(connection, "SELECT current_user || ' ' || current_database()"))
          .isEqualTo("vedette_admin vedette");
      assertThat(postgres.folder()).isEqualTo(folder.toRealPath());
      assertThat(PosixFilePermissions.toString(
              Files.getPosixFilePermissions(folder.resolve("postgres.password"))))
          .isEqualTo("rw-------");
      assertThat(postgres.url("vedette"))
          .isEqualTo("postgresql://vedette_admin:%s@127.0.0.1:%d/vedette"
              .formatted(postgres.password(), postgres.port()));
      assertThat(progress).anyMatch(sentence -> sentence.startsWith("making a new database"));
      assertThatThrownBy(() -> DriverManager.getConnection(
              "jdbc:postgresql://127.0.0.1:" + postgres.port() + "/vedette",
              "vedette_admin",
              "guess"))
          .isInstanceOf(SQLException.class)
          .extracting(e -> ((SQLException) e).getSQLState())
          .isEqualTo("28P01");
      assertThat(List.of(postgres.serverPid()))
          .allMatch(pid -> ProcessHandle.of(pid).isPresent());
    }
  }

  @Test
  void keepsDataAndPasswordOverAStop() throws Exception {
    TestPlace.prepare(folder);
    String password;
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start(quick())) {
      TestPlace.run(postgres, "CREATE TABLE kept AS SELECT 42 AS answer");
      postgres.createDatabaseIfMissing("another");
      postgres.createDatabaseIfMissing("another");
      password = postgres.password();
    }
    Queue<String> progress = new ConcurrentLinkedQueue<>();
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start(quick().withProgress(progress::add))) {
      assertThat(TestPlace.ask(postgres, "SELECT answer FROM kept")).isEqualTo("42");
      assertThat(
              TestPlace.ask(postgres, "SELECT count(*) FROM pg_database WHERE datname = 'another'"))
          .isEqualTo("1");
      assertThat(postgres.password()).isEqualTo(password);
    }
    assertThat(progress).as("a clean start has nothing to tell").isEmpty();
    assertThat(Files.readString(folder.resolve("postgres.log")))
        .doesNotContain("not properly shut down");
  }

  @Test
  void lostPasswordIsReplacedAndAHalfMadeDatabaseMadeAnew() throws Exception {
    Files.createDirectories(folder.resolve("pgdata.new/base"));
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start(quick())) {
      TestPlace.run(postgres, "CREATE TABLE kept AS SELECT 42 AS answer");
    }
    assertThat(folder.resolve("pgdata.new")).doesNotExist();
    Files.delete(folder.resolve("postgres.password"));
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start(quick())) {
      assertThat(TestPlace.ask(postgres, "SELECT answer FROM kept")).isEqualTo("42");
    }
  }

  @Test
  void takesAnotherPortWhenOneIsTakenBetweenLookAndUse() throws Exception {
    TestPlace.prepare(folder);
    try (ServerSocket taken = new ServerSocket()) {
      taken.bind(Ports.address(0));
      Iterator<Integer> ports = List.of(taken.getLocalPort(), Ports.free()).iterator();
      try (EmbeddedPostgres postgres = EmbeddedPostgres.start(quick().withPorts(ports::next))) {
        assertThat(postgres.port()).isNotEqualTo(taken.getLocalPort());
        assertThat(
                TestPlace.ask(postgres, "SELECT inet_server_addr() || ':' || inet_server_port()"))
            .isEqualTo("127.0.0.1/32:" + postgres.port());
      }
      assertRefused(quick().withPort(taken.getLocalPort()), Reason.PORT_TAKEN, "the port is taken");
    }
  }

  @Test
  void dataOfAnotherVersionAreLeftAlone() throws Exception {
    TestPlace.prepare(folder);
    Path version = folder.resolve("pgdata/PG_VERSION");
    Files.writeString(version, "17\n");
    assertRefused(
        quick(), Reason.WRONG_VERSION, "was made by PostgreSQL 17", "comes with 18.", "pg_upgrade");
    Files.delete(version);
    assertRefused(
        quick(),
        Reason.FOLDER_UNUSABLE,
        "has no file PG_VERSION",
        "expected: data of PostgreSQL 18");
  }

  @Test
  void lockedFolderNamesItsHolder() throws Exception {
    TestPlace.prepare(folder);
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start(quick())) {
      assertRefused(
          quick(),
          Reason.FOLDER_LOCKED,
          "is in use by process " + ProcessHandle.current().pid());
      try (ChildLauncher child = child("quick")) {
        assertThat(child.line())
            .startsWith("refused FOLDER_LOCKED")
            .contains("is in use by process " + ProcessHandle.current().pid());
      }
      assertThat(TestPlace.ask(postgres, "SELECT 1")).isEqualTo("1");
    }
  }

  @Test
  void aFileIsNoDataFolder() throws Exception {
    Path file = Files.createFile(folder.resolve("data"));
    assertRefused(
        TestPlace.options(file),
        Reason.FOLDER_UNUSABLE,
        "cannot use " + file,
        "it is a file (expected: a folder)");
  }

  @Test
  void killedLauncherLeavesNoOrphan() throws Exception {
    TestPlace.prepare(folder);
    try (ChildLauncher child = child("durable")) {
      ProcessHandle server = server(child.line());
      child.kill();
      server.onExit().get(60, TimeUnit.SECONDS);
    }
    Queue<String> progress = new ConcurrentLinkedQueue<>();
    EmbeddedPostgres.start(quick().withProgress(progress::add)).close();
    assertThat(progress).as("it was stopped cleanly, with a checkpoint").isEmpty();
  }

  /** Ctrl-C goes to the whole foreground group: the database must still be there for what the process does at its end. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void interruptOfTheGroupReachesTheLauncherAlone() throws Exception {
    TestPlace.prepare(folder);
    try (ChildLauncher child = ChildLauncher.startAsGroup(
        "interrupted", folder.toString(), TestPlace.binaries().toString())) {
      ProcessHandle server = server(child.line());
      assertThat(stat(child.pid(), PROCESS_GROUP)).isEqualTo(child.pid());
      assertThat(stat(server.pid(), SESSION))
          .isNotEqualTo(stat(child.pid(), SESSION))
          .isEqualTo(stat(watchers().get(0).pid(), SESSION));
      assertThat(stat(server.pid(), PROCESS_GROUP)).isNotEqualTo(child.pid());
      assertThat(Command.run(
                  List.of("/bin/sh", "-c", "kill -s INT -- -" + child.pid()),
                  Duration.ofSeconds(10))
              .ok())
          .isTrue();
      assertThat(child.line()).isEqualTo("answered 42");
      server.onExit().get(60, TimeUnit.SECONDS);
    }
  }

  @Test
  void orphanIsStoppedBeforeTheNextStart() throws Exception {
    TestPlace.prepare(folder);
    ProcessHandle orphan;
    try (ChildLauncher child = child("durable")) {
      orphan = server(child.line());
      for (ProcessHandle watcher : watchers()) {
        watcher.destroyForcibly();
        watcher.onExit().get(60, TimeUnit.SECONDS);
      }
      child.kill();
    }
    assertThat(orphan.isAlive()).isTrue();
    Queue<String> progress = new ConcurrentLinkedQueue<>();
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start(quick().withProgress(progress::add))) {
      assertThat(orphan.isAlive()).isFalse();
      assertThat(postgres.serverPid()).isNotEqualTo(orphan.pid());
      assertThat(progress)
          .containsExactly("stopping a PostgreSQL server (pid %d) that an earlier run left behind"
              .formatted(orphan.pid()));
    }
  }

  @Test
  void pidFileOfSomebodyElseIsNotBelieved() throws Exception {
    TestPlace.prepare(folder);
    EmbeddedPostgres.start(quick()).close();
    Path pidFile = folder.resolve("pgdata/postmaster.pid");
    Process other = new ProcessBuilder(
            ServerAccount.forData(folder.resolve("pgdata")).command(List.of("cat")))
        .start();
    try (var keepsItAlive = other.getOutputStream()) {
      assertThat(keepsItAlive).isNotNull();
      Files.writeString(
          pidFile,
          other.pid() + "\n" + folder + "/pgdata\n1700000000\n25999\n\n127.0.0.1\n1 1\nready   \n");
      try (EmbeddedPostgres postgres = EmbeddedPostgres.start(quick())) {
        assertThat(TestPlace.ask(postgres, "SELECT 1")).isEqualTo("1");
      }
      assertThat(other.isAlive()).isTrue();
    } finally {
      other.destroyForcibly();
    }
  }

  @Test
  void killedServerProcessUnderLoadLosesNothingAcknowledged() throws Exception {
    TestPlace.prepare(folder);
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start(TestPlace.options(folder))) {
      TestPlace.run(postgres, "CREATE TABLE entry (id bigint PRIMARY KEY, payload text NOT NULL)");
      long postmaster = postgres.serverPid();
      try (InsertLoad load = InsertLoad.start(postgres, 3, acknowledged)) {
        load.awaitAcknowledged(300);
        ProcessHandle victim = ProcessHandle.of(load.serverProcess(0)).orElseThrow();
        victim.destroyForcibly();
        victim.onExit().get(60, TimeUnit.SECONDS);
        load.awaitBroken();
      }
      InsertLoad.awaitConnection(postgres).close();
      try (InsertLoad load = InsertLoad.start(postgres, 1, acknowledged)) {
        load.awaitAcknowledged(50);
      }
      assertThat(postgres.serverPid()).as("the server recovered by itself").isEqualTo(postmaster);
      assertThat(InsertLoad.missing(postgres, acknowledged)).isEmpty();
    }
  }

  @Test
  void killedServerIsStartedAgainOnTheSamePortWithAllRows() throws Exception {
    TestPlace.prepare(folder);
    CompletableFuture<String> exit = new CompletableFuture<>();
    CompletableFuture<String> again = new CompletableFuture<>();
    Queue<String> progress = new ConcurrentLinkedQueue<>();
    EmbeddedPostgresOptions options = TestPlace.options(folder)
        .withOnExit(exit::complete)
        .withProgress(sentence -> {
          progress.add(sentence);
          if (sentence.equals("PostgreSQL runs again")) {
            again.complete(sentence);
          }
        });
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start(options)) {
      TestPlace.run(postgres, "CREATE TABLE entry (id bigint PRIMARY KEY, payload text NOT NULL)");
      int port = postgres.port();
      long killed = postgres.serverPid();
      try (InsertLoad load = InsertLoad.start(postgres, 3, acknowledged)) {
        load.awaitAcknowledged(300);
        ProcessHandle.of(killed).orElseThrow().destroyForcibly();
        load.awaitBroken();
      }
      assertThat(exit.get(60, TimeUnit.SECONDS))
          .startsWith("PostgreSQL (pid %d) ended by signal 9".formatted(killed));
      again.get(60, TimeUnit.SECONDS);
      assertThat(postgres.port()).isEqualTo(port);
      assertThat(postgres.serverPid()).isNotEqualTo(killed);
      assertThat(InsertLoad.missing(postgres, acknowledged)).isEmpty();
      assertThat(progress)
          .anyMatch(sentence -> sentence.contains("recovers from its write-ahead log"));
    }
  }

  @Test
  void serverThatHangsIsKilledInTheEnd() throws Exception {
    TestPlace.prepare(folder);
    EmbeddedPostgres postgres =
        EmbeddedPostgres.start(quick().withStopLimit(Duration.ofMillis(100)));
    ProcessHandle server = ProcessHandle.of(postgres.serverPid()).orElseThrow();
    Command.signal(server.pid(), "STOP");
    postgres.close();
    server.onExit().get(60, TimeUnit.SECONDS);
    EmbeddedPostgres.start(quick()).close();
  }

  @Nested
  @EnabledIf("io.vedette.postgres.TestPlace#isRoot")
  class AsRoot {
    @Test
    void theServerIsSomebodyElseAndThePasswordRoots() throws Exception {
      try (EmbeddedPostgres postgres = EmbeddedPostgres.start(quick())) {
        assertThat(ServerAccount.attribute(
                Path.of("/proc", Long.toString(postgres.serverPid())), "unix:uid"))
            .isPositive();
        assertThat(ServerAccount.attribute(folder.resolve("pgdata"), "unix:uid"))
            .isPositive();
        assertThat(ServerAccount.attribute(folder.resolve("postgres.password"), "unix:uid"))
            .isZero();
      }
    }

    @Test
    void folderItsAccountCannotReachIsReplaced() throws Exception {
      Path home = Files.createDirectory(folder.resolve("home"));
      Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwx------"));
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
      Path asked = home.resolve("clone/data");
      Path fallback = folder.resolve("var/lib/vedette");
      EmbeddedPostgresOptions options =
          TestPlace.options(asked).withFallback(fallback).withSettings(Map.of("fsync", "off"));
      Placement placement = EmbeddedPostgres.place(options);
      try (EmbeddedPostgres postgres = EmbeddedPostgres.start(options)) {
        assertThat(postgres.folder())
            .isEqualTo(fallback.toRealPath())
            .isEqualTo(placement.folder());
        assertThat(postgres.folderNote()).hasValueSatisfying(note -> assertThat(note)
            .contains("cannot reach " + asked)
            .endsWith("the data folder is " + fallback));
        assertThat(TestPlace.ask(postgres, "SELECT 1")).isEqualTo("1");
      }
      assertThat(home).as("nothing is made where it is of no use").isEmptyDirectory();
      assertThat(EmbeddedPostgres.place(options)).as("the same question").isEqualTo(placement);
      assertRefused(
          TestPlace.options(home.resolve("second/data")).withFallback(fallback),
          Reason.FOLDER_UNUSABLE,
          "cannot reach " + home.resolve("second/data"),
          fallback + " already stands in for " + asked,
          "--data-dir " + fallback);
      assertThat(EmbeddedPostgres.place(TestPlace.options(fallback)).folder())
          .as("asked for by its own name it may be used")
          .isEqualTo(fallback.toRealPath());
      Path moved = home.resolve("moved");
      Files.move(fallback, moved);
      assertRefused(
          TestPlace.options(moved),
          Reason.FOLDER_UNUSABLE,
          "holds data of the account",
          "permission x");
    }

    @Test
    void anOrdinaryUserNeedsNothingOfThat() throws Exception {
      Path place = Files.createDirectory(folder.resolve("place"));
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
      Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwxr-xr-x"));
      ServerAccount user = ServerAccount.forData(folder.resolve("none"));
      Path data = Files.createDirectory(folder.resolve("data"));
      Files.setAttribute(data, "unix:uid", user.uid());
      Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx------"));
      EmbeddedPostgres.start(quick().withSettings(Map.of()))
          .close(); // unpacks the binaries the child will share
      try (ChildLauncher child = ChildLauncher.startAs(
          user, place, "quick", data.toString(), TestPlace.binaries().toString())) {
        ProcessHandle server = server(child.line());
        assertThat(
                ServerAccount.attribute(Path.of("/proc", Long.toString(server.pid())), "unix:uid"))
            .isEqualTo(user.uid());
        assertThat(ServerAccount.attribute(data.resolve("postgres.password"), "unix:uid"))
            .isEqualTo(user.uid());
        child.closeInput();
        assertThat(child.line()).isEqualTo("ended");
        server.onExit().get(60, TimeUnit.SECONDS);
      }
      Path roots = Files.createDirectory(folder.resolve("roots"));
      Files.setPosixFilePermissions(roots, PosixFilePermissions.fromString("rwxr-xr-x"));
      Path again = Files.createDirectory(place.resolve("again"));
      try (ChildLauncher child = ChildLauncher.startAs(
          user, again, "quick", roots.toString(), TestPlace.binaries().toString())) {
        assertThat(child.line())
            .startsWith("refused FOLDER_UNUSABLE")
            .contains("this process may not read and write it", "owner root, mode rwxr-xr-x");
      }
    }
  }

  private EmbeddedPostgresOptions quick() {
    return TestPlace.options(folder).withSettings(Map.of("fsync", "off"));
  }

  private ChildLauncher child(String durability) throws IOException {
    return ChildLauncher.start(
        durability, folder.toString(), TestPlace.binaries().toString());
  }

  private static ProcessHandle server(String line) {
    assertThat(line).startsWith("running ");
    return ProcessHandle.of(Long.parseLong(line.split(" ")[1])).orElseThrow();
  }

  /** A field of proc(5)'s stat, counted behind the name, which may hold anything. */
  private static long stat(long pid, int field) throws IOException {
    String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
    return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[field]);
  }

  private List<ProcessHandle> watchers() {
    List<ProcessHandle> watchers = ProcessHandle.allProcesses()
        .filter(process -> process.info().commandLine().orElse("").contains("kill -INT"))
        .filter(process -> process.info().commandLine().orElse("").contains(folder.toString()))
        .toList();
    assertThat(watchers).hasSize(1);
    return watchers;
  }

  private static void assertRefused(
      EmbeddedPostgresOptions options, Reason reason, String... words) {
    assertThatThrownBy(() -> EmbeddedPostgres.start(options))
        .isInstanceOfSatisfying(
            EmbeddedPostgresException.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .hasMessageContainingAll(words);
  }
}
