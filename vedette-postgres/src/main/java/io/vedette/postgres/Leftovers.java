package io.vedette.postgres;

import io.vedette.postgres.EmbeddedPostgresException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Server processes an earlier run left behind on a data folder. A pid in a file proves nothing, it may long be somebody
 * else's: a process is signalled only if it is a postgres, of the right account, that works in this very folder.
 */
final class Leftovers {
  private static final Path PROC = Path.of("/proc");
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration SHORT_PATIENCE = Duration.ofSeconds(5);

  private final Path pgdata;
  private final ServerAccount account;

  Leftovers(Path pgdata, ServerAccount account) {
    this.pgdata = pgdata;
    this.account = account;
  }

  /** Stops them, cleanly where they let us, and returns when the folder is free. */
  void stop(Consumer<String> progress) {
    Optional<PostmasterFile> noted = PostmasterFile.read(pgdata);
    List<ProcessHandle> found = find();
    noted
        .flatMap(file ->
            found.stream().filter(process -> process.pid() == file.pid()).findFirst())
        .ifPresent(postmaster -> {
          progress.accept("stopping a PostgreSQL server (pid %d) that an earlier run left behind"
              .formatted(postmaster.pid()));
          end(postmaster, List.of("INT", "QUIT"), PATIENCE);
        });
    // Children of a postmaster that was killed notice it and leave, unless they are busy.
    for (ProcessHandle child : find()) {
      end(child, List.of("QUIT"), SHORT_PATIENCE);
    }
    noted
        .filter(file -> ProcessHandle.of(file.pid()).map(ProcessHandle::isAlive).orElse(false))
        .ifPresent(file -> forget());
  }

  /** The noted pid lives, but as something else: the server would take it for one of its own and refuse to start. */
  private void forget() {
    try {
      Files.deleteIfExists(pgdata.resolve("postmaster.pid"));
    } catch (IOException e) {
      throw EmbeddedPostgresException.of(
          "cannot remove the stale " + pgdata.resolve("postmaster.pid"), e);
    }
  }

  private void end(ProcessHandle process, List<String> signals, Duration patience) {
    for (String signal : signals) {
      Command.signal(process.pid(), signal);
      if (ends(process, patience)) {
        return;
      }
    }
    process.destroyForcibly();
    if (!ends(process, SHORT_PATIENCE)) {
      throw new EmbeddedPostgresException(
          Reason.SERVER_FAILED,
          "the PostgreSQL process %d of %s does not end, not even by SIGKILL (expected: it lets go of the folder)"
              .formatted(process.pid(), pgdata));
    }
  }

  private static boolean ends(ProcessHandle process, Duration limit) {
    try {
      process.onExit().get(limit.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return !process.isAlive();
    } catch (InterruptedException e) {
      throw EmbeddedPostgresException.interrupted("stopping process " + process.pid(), e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private List<ProcessHandle> find() {
    if (!Files.isDirectory(PROC.resolve("self"))) {
      return PostmasterFile.read(pgdata)
          .flatMap(file -> ProcessHandle.of(file.pid()))
          .filter(this::saysSo)
          .stream()
          .toList();
    }
    try (Stream<Path> processes = Files.list(PROC)) {
      return processes
          .filter(process -> process.getFileName().toString().matches("\\d+"))
          .filter(this::worksHere)
          .flatMap(process ->
              ProcessHandle.of(Long.parseLong(process.getFileName().toString())).stream())
          .toList();
    } catch (IOException e) {
      throw EmbeddedPostgresException.of("cannot list " + PROC, e);
    }
  }

  private boolean worksHere(Path process) {
    try {
      if (!Files.readSymbolicLink(process.resolve("cwd")).equals(pgdata)) {
        return false;
      }
      String program =
          Files.readSymbolicLink(process.resolve("exe")).getFileName().toString();
      return program.replace(" (deleted)", "").equals("postgres")
          && ServerAccount.attribute(process, "unix:uid") == account.uid();
    } catch (IOException | EmbeddedPostgresException e) {
      return false; // it ended meanwhile, or is not ours to look at and so not our server
    }
  }

  /** Without /proc: the command line, which carries the folder because we start it so. */
  private boolean saysSo(ProcessHandle process) {
    Command.Outcome said = Command.run(
        List.of("ps", "-ww", "-o", "command=", "-p", Long.toString(process.pid())), SHORT_PATIENCE);
    return said.ok() && said.output().contains("postgres -D " + pgdata + " ");
  }
}
