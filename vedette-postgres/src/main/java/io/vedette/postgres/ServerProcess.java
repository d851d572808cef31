package io.vedette.postgres;

import io.vedette.postgres.EmbeddedPostgresException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of the server, from its launch to its exit. Its standard input is a pipe that only this process holds open; when
 * that closes, by us or because we died, a watcher beside the server tells it to shut down fast.
 */
final class ServerProcess {
  private static final Logger LOG = LoggerFactory.getLogger(ServerProcess.class);

  /** $$ is the server's own pid, because the shell becomes the server; the watcher is nobody's child, so nobody waits for it. */
  private static final String SHELL = """
      exec 3<&0; ( { read -r _ <&3; kill -INT $$; } >/dev/null 2>&1 & )
      exec "$@" 3<&- </dev/null
      """;

  private static final Duration POLL = Duration.ofMillis(20);
  private static final Duration NUDGE = Duration.ofSeconds(1);
  private static final Duration LAST_RESORT = Duration.ofSeconds(5);
  private static final Pattern MESSAGE = Pattern.compile(".*?(?:LOG|WARNING|FATAL|PANIC):\\s+(.*)");
  private static final int TAIL = 12;
  private static final int LONGEST_LINE = 1000;

  private final Process process;
  private final Path pgdata;
  private final Optional<PostmasterFile> before;
  private final Thread pump;
  private final Deque<String> tail = new ArrayDeque<>();
  private final Consumer<String> progress;
  private final AtomicInteger signsOfProgress = new AtomicInteger();
  private volatile boolean addressInUse;
  private volatile long pid;

  private ServerProcess(
      Process process,
      Path pgdata,
      Optional<PostmasterFile> before,
      ServerLog log,
      Consumer<String> progress) {
    this.process = process;
    this.pgdata = pgdata;
    this.before = before;
    this.progress = progress;
    this.pid = process.pid();
    this.pump = new Thread(() -> pump(process.getInputStream(), log), "vedette-postgres-log");
    pump.setDaemon(true);
  }

  static ServerProcess launch(
      Path pgdata,
      ServerAccount account,
      List<String> server,
      ServerLog log,
      Consumer<String> progress) {
    List<String> shell = new ArrayList<>(List.of("/bin/sh", "-c", SHELL, "sh"));
    shell.addAll(server);
    List<String> command = new ArrayList<>();
    // A session of its own: Ctrl-C in our terminal must not reach the server before we do.
    Command.find("setsid").ifPresent(command::add);
    command.addAll(account.command(shell));
    Optional<PostmasterFile> before = PostmasterFile.read(pgdata);
    try {
      Process process = Command.builder(command, Path.of("/")).start();
      ServerProcess run = new ServerProcess(process, pgdata, before, log, progress);
      run.pump.start();
      return run;
    } catch (IOException e) {
      throw EmbeddedPostgresException.of("cannot launch " + server.get(0), e);
    }
  }

  /** Returns when the server accepts connections. */
  void awaitReady(Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    int seen = signsOfProgress.get();
    try {
      while (!process.waitFor(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
        Optional<PostmasterFile> file = PostmasterFile.read(pgdata)
            .filter(now -> before.filter(now::isSameRun).isEmpty());
        if (file.isPresent()) {
          pid = file.get().pid();
          if (file.get().isReady()) {
            return;
          }
        }
        if (signsOfProgress.get() != seen) {
          seen = signsOfProgress.get();
          deadline = System.nanoTime() + limit.toNanos();
        }
        if (System.nanoTime() - deadline > 0) {
          throw new EmbeddedPostgresException(
              Reason.START_TIMEOUT,
              "PostgreSQL did not accept connections within %d s and shows no progress; its last lines: %s"
                  .formatted(limit.toSeconds(), tail()));
        }
      }
    } catch (InterruptedException e) {
      throw EmbeddedPostgresException.interrupted("PostgreSQL started", e);
    }
    String said = awaitTail();
    if (addressInUse) {
      throw new EmbeddedPostgresException(Reason.PORT_TAKEN, "the port is taken: " + said);
    }
    throw EmbeddedPostgresException.said(
        "PostgreSQL ended with exit code %d while it started".formatted(process.exitValue()), said);
  }

  long pid() {
    return pid;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  void onExit(Runnable action) {
    var unused = process.onExit().thenRun(action).exceptionally(trouble -> {
      LOG.error("the exit of PostgreSQL (pid {}) was not dealt with", pid, trouble);
      return null;
    });
  }

  /** Why it is gone, in one sentence. */
  String epitaph() {
    closePipe();
    int code = process.exitValue();
    String how = code > 128 && code < 160 ? "signal " + (code - 128) : "exit code " + code;
    return "PostgreSQL (pid %d) ended by %s".formatted(pid, how);
  }

  /** Fast shutdown; without one if that takes longer than the limit, which costs a recovery at the next start. */
  void stop(Duration limit) {
    closePipe();
    boolean interrupted =
        Thread.interrupted(); // a server must not be left behind because somebody is in a hurry
    try {
      if (process.waitFor(NUDGE.toMillis(), TimeUnit.MILLISECONDS)) {
        return;
      }
      Command.signal(pid, "INT"); // should the watcher be gone; a second one changes nothing
      if (process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        return;
      }
      LOG.warn(
          "PostgreSQL (pid {}) did not stop within {} s; it is stopped without a checkpoint",
          pid,
          limit.toSeconds());
      Command.signal(pid, "QUIT");
      if (!process.waitFor(LAST_RESORT.toMillis(), TimeUnit.MILLISECONDS)) {
        kill();
      }
    } catch (InterruptedException e) {
      interrupted = true;
      Command.signal(pid, "QUIT");
    } finally {
      awaitPump();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void kill() throws InterruptedException {
    Command.signal(pid, "KILL");
    if (!process.waitFor(LAST_RESORT.toMillis(), TimeUnit.MILLISECONDS)) {
      LOG.error("PostgreSQL (pid {}) does not end, not even by SIGKILL", pid);
    }
  }

  private void closePipe() {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      LOG.debug("the pipe to PostgreSQL (pid {}) was closed already", pid, e);
    }
  }

  private String awaitTail() {
    closePipe();
    awaitPump();
    return tail();
  }

  private void awaitPump() {
    try {
      pump.join(NUDGE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String tail() {
    synchronized (tail) {
      return tail.isEmpty() ? "nothing" : String.join(" | ", tail);
    }
  }

  private void pump(InputStream from, ServerLog log) {
    byte[] chunk = new byte[8192];
    StringBuilder line = new StringBuilder();
    try (from) {
      for (int n = from.read(chunk); n >= 0; n = from.read(chunk)) {
        log.write(chunk, n);
        for (char c : new String(chunk, 0, n, StandardCharsets.ISO_8859_1).toCharArray()) {
          if (c == '\n') {
            read(line.toString());
            line.setLength(0);
          } else if (line.length() < LONGEST_LINE) {
            line.append(c);
          }
        }
      }
    } catch (IOException e) {
      LOG.debug("the log of PostgreSQL (pid {}) ended", pid, e);
    }
    if (!line.isEmpty()) {
      read(line.toString());
    }
  }

  private void read(String line) {
    Matcher matcher = MESSAGE.matcher(line);
    String message = matcher.matches() ? matcher.group(1) : line;
    synchronized (tail) {
      tail.addLast(line);
      if (tail.size() > TAIL) {
        tail.removeFirst();
      }
    }
    if (message.contains("could not bind") && message.contains("in use")) {
      addressInUse = true;
    }
    if (message.contains("automatic recovery in progress")) {
      signOfProgress("PostgreSQL was not shut down cleanly and recovers from its write-ahead log");
    } else if (message.contains("elapsed time:")) {
      signOfProgress("PostgreSQL recovers: " + message);
    } else if (line.contains("PANIC:") || line.contains("was terminated by signal")) {
      LOG.warn("PostgreSQL: {}", message);
    }
  }

  private void signOfProgress(String sentence) {
    signsOfProgress.incrementAndGet();
    progress.accept(sentence);
  }
}
