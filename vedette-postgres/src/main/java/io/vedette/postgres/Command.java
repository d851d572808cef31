package io.vedette.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs a short command to its end, bounded in time and in what it may say. */
final class Command {
  private static final int MOST_OUTPUT = 64 * 1024;
  private static final String PROGRAMS =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  /** How a command ended, and its standard output and error together. */
  record Outcome(int exit, String output) {
    boolean ok() {
      return exit == 0;
    }
  }

  private Command() {}

  static Outcome run(List<String> command, Duration limit) {
    return run(command, limit, "");
  }

  static Outcome run(List<String> command, Duration limit, String input) {
    Process process;
    try {
      process = builder(command, Path.of("/")).start();
    } catch (IOException e) {
      return new Outcome(127, String.valueOf(e.getMessage()));
    }
    CompletableFuture<String> output =
        CompletableFuture.supplyAsync(() -> read(process.getInputStream()));
    String unread = "";
    try {
      try (var stdin = process.getOutputStream()) {
        stdin.write(input.getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        unread = " [it did not read its input: " + e.getMessage() + "]";
      }
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        return new Outcome(
            124, "no end of " + command.get(0) + " within " + limit.toSeconds() + " s");
      }
      return new Outcome(process.exitValue(), output.get(5, TimeUnit.SECONDS) + unread);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      throw EmbeddedPostgresException.interrupted("running " + command.get(0), e);
    } catch (ExecutionException | TimeoutException e) {
      return new Outcome(process.exitValue(), "output of " + command.get(0) + " unreadable: " + e);
    }
  }

  /**
   * A process with an environment of our choosing: variables such as PGDATA or a German LC_ALL would change what
   * PostgreSQL does, and our own hold secrets that it need not know.
   */
  static ProcessBuilder builder(List<String> command, Path directory) {
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
    Map<String, String> environment = builder.environment();
    environment.clear();
    environment.putAll(Map.of("PATH", PROGRAMS, "LC_ALL", "C", "TZ", "UTC", "HOME", "/"));
    return builder;
  }

  /** The path of a program of the operating system, also of those that only root has in its PATH. */
  static Optional<String> find(String program) {
    List<String> places = new ArrayList<>(List.of(PROGRAMS.split(":")));
    String path = System.getenv("PATH");
    if (path != null) {
      places.addAll(List.of(path.split(":")));
    }
    return places.stream()
        .filter(place -> place.startsWith("/"))
        .map(place -> Path.of(place, program))
        .filter(Files::isExecutable)
        .map(Path::toString)
        .findFirst();
  }

  static void signal(long pid, String signal) {
    run(
        List.of("/bin/sh", "-c", "kill -s \"$1\" \"$2\"", "sh", signal, Long.toString(pid)),
        Duration.ofSeconds(5));
  }

  private static String read(InputStream from) {
    StringBuilder text = new StringBuilder();
    byte[] chunk = new byte[4096];
    try (from) {
      for (int n = from.read(chunk); n >= 0; n = from.read(chunk)) {
        if (text.length() < MOST_OUTPUT) {
          text.append(new String(chunk, 0, n, StandardCharsets.UTF_8));
        }
      }
    } catch (IOException e) {
      text.append("[unreadable: ").append(e.getMessage()).append(']');
    }
    return text.toString().strip();
  }
}
