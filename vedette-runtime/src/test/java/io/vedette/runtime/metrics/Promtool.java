package io.vedette.runtime.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Prometheus' own judge of metrics. Where it is not installed the test is skipped, or fails with {@code -Dtools.required}. */
public final class Promtool {
  private Promtool() {}

  public static void findsNothing(String metrics) {
    try {
      Path input = Files.createTempFile("metrics", ".txt");
      Path findings = Files.createTempFile("findings", ".txt");
      try {
        Files.writeString(input, metrics, StandardCharsets.UTF_8);
        Process promtool = start(input, findings);
        assertThat(promtool.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(Files.readString(findings)).isEmpty();
        assertThat(promtool.exitValue()).isZero();
      } finally {
        Files.delete(input);
        Files.delete(findings);
      }
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    } catch (InterruptedException interrupted) {
      throw new AssertionError(interrupted);
    }
  }

  private static Process start(Path input, Path findings) throws IOException {
    try {
      return new ProcessBuilder("promtool", "check", "metrics")
          .redirectInput(input.toFile())
          .redirectErrorStream(true)
          .redirectOutput(findings.toFile())
          .start();
    } catch (IOException absent) {
      if (System.getProperty("tools.required") != null) {
        fail("promtool is required and cannot be started", absent);
      }
      assumeTrue(false, "promtool is not installed");
      throw absent;
    }
  }
}
