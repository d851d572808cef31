package io.vedette.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vedette.postgres.EmbeddedPostgresException.Reason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against scripts that behave as a server may. */
class ServerProcessTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final Duration SHORT = Duration.ofMillis(100);

  @TempDir
  Path folder;

  private final Queue<String> progress = new ConcurrentLinkedQueue<>();
  private Path pgdata = Path.of("pgdata");
  private ServerLog log = new ServerLog(pgdata);

  @BeforeEach
  void makeFolder() throws Exception {
    pgdata = Files.createDirectory(folder.resolve("pgdata"));
    log = new ServerLog(folder);
  }

  @AfterEach
  void closeLog() throws Exception {
    log.close();
  }

  @Test
  void aServerThatNeverAnswersIsGivenUpWithItsLastLines() {
    ServerProcess server = launch("echo 'LOG:  waiting for the moon' && exec sleep 600");
    assertThatThrownBy(() -> server.awaitReady(Duration.ofSeconds(2)))
        .isInstanceOfSatisfying(EmbeddedPostgresException.class, e -> assertThat(e.reason())
            .isEqualTo(Reason.START_TIMEOUT))
        .hasMessageContainingAll("did not accept connections within 2 s", "waiting for the moon");
    assertThat(server.isAlive()).isTrue();
    server.stop(SHORT);
    assertThat(server.isAlive()).isFalse();
  }

  @Test
  void aServerThatRecoversTellsItsProgress() {
    ServerProcess server = launch("echo 'LOG:  automatic recovery in progress';"
        + " echo 'LOG:  redo in progress, elapsed time: 10.00 s'; exit 7");
    assertThatThrownBy(() -> server.awaitReady(LONG))
        .isInstanceOfSatisfying(EmbeddedPostgresException.class, e -> assertThat(e.reason())
            .isEqualTo(Reason.SERVER_FAILED))
        .hasMessageContaining("ended with exit code 7 while it started");
    assertThat(progress)
        .containsExactly(
            "PostgreSQL was not shut down cleanly and recovers from its write-ahead log",
            "PostgreSQL recovers: redo in progress, elapsed time: 10.00 s");
  }

  @Test
  void aPidFileOfThisRunThatSaysReadyEndsTheWait() {
    ServerProcess server = launch("printf '%s\\n' $$ " + pgdata
        + " 1700000000 25999 '' 127.0.0.1 '1 1' 'ready   ' >" + pgdata
        + "/postmaster.pid; exec sleep 600");
    server.awaitReady(LONG);
    assertThat(server.isAlive()).isTrue();
    server.stop(SHORT);
    assertThat(server.isAlive()).isFalse();
  }

  private ServerProcess launch(String script) {
    ServerAccount me = new ServerAccount("me", 1, 1, List.of(), false);
    return ServerProcess.launch(pgdata, me, List.of("/bin/sh", "-c", script), log, progress::add);
  }
}
