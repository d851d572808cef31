package io.vedette.it;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A command that comes to its end by itself, or is ended with all it started when its time is over. It reads from and writes to files, so nothing waits for a pipe. */
record Command(int code, String printed) {

  static Command run(Duration limit, List<String> command)
      throws IOException, InterruptedException {
    return run(limit, Map.of(), "", command);
  }

  /** What it printed is its output and its errors, in the order they came. */
  static Command run(
      Duration limit, Map<String, String> environment, String input, List<String> command)
      throws IOException, InterruptedException {
    Path in = Files.writeString(Files.createTempFile("vedette-it", ".in"), input);
    Path out = Files.createTempFile("vedette-it", ".out");
    try {
      ProcessBuilder builder = new ProcessBuilder(command)
          .redirectInput(in.toFile())
          .redirectErrorStream(true)
          .redirectOutput(out.toFile());
      builder.environment().putAll(environment);
      Process process = builder.start();
      boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
      if (!ended) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
      }
      String printed = new String(Files.readAllBytes(out), StandardCharsets.UTF_8);
      if (!ended) {
        throw new AssertionError(
            String.join(" ", command) + " had not ended after " + limit + ":\n" + printed);
      }
      return new Command(process.exitValue(), printed);
    } finally {
      Files.deleteIfExists(in);
      Files.deleteIfExists(out);
    }
  }
}
