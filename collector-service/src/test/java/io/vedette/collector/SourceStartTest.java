package io.vedette.collector;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.testkit.Await;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A source that cannot start says why and what would change it; its neighbours run. */
class SourceStartTest {

  /** Mode 0200, and the kernel keeps to it: not even root may read it. */
  private static final Path NOBODY_READS = Path.of("/proc/sys/vm/compact_memory");

  @TempDir
  Path folder;

  @Test
  void saysWhyNamesTheCommandAndTheOthersRunOn() throws Exception {
    Path locked = Files.writeString(folder.resolve("locked.log"), "secret\n");
    Files.setPosixFilePermissions(locked, PosixFilePermissions.fromString("---------"));
    if (Files.isReadable(locked)) { // by root
      locked = NOBODY_READS;
    }
    Path journalctl = Files.writeString(
        folder.resolve("journalctl"), "#!/bin/sh\necho 'No journal files were found.' >&2\n");
    Files.setPosixFilePermissions(journalctl, PosixFilePermissions.fromString("rwx------"));
    Path config =
        Files.writeString(folder.resolve("vedette.yaml"), """
        collector:
          sources:
            - {name: locked, kind: files, include: [%s]}
            - {name: journal, kind: journal, command: [%s]}
            - {name: host, kind: host, interval: 100ms}
        """.formatted(locked, journalctl));
    try (TestCollector collector = new TestCollector().start(Map.of(), config)) {
      JsonObject checks = Await.until(
          () -> collector.ready().getJsonObject("checks"),
          all -> degraded(all, "locked") && degraded(all, "journal"));
      assertThat(detail(checks, "locked"))
          .contains("none of its files can be read by " + System.getProperty("user.name"))
          .contains(locked.toString())
          .contains("to change that: ");
      assertThat(detail(checks, "journal"))
          .contains("there is no journal on this host", "No journal files were found.")
          .contains("to change that: start systemd-journald")
          .doesNotContain("usermod");
      assertThat(degraded(checks, "host")).isFalse();
      Await.until(
          () -> collector.count("vedette_collector_sample_admitted_total"), count -> count > 0);
      assertThat(collector.post("{\"message\":\"taken\"}").statusCode()).isEqualTo(200);
      assertThat(running(collector, "locked")).isZero();
      assertThat(running(collector, "journal")).isZero();
    }
  }

  private static double running(TestCollector collector, String source) {
    return collector
        .metrics()
        .get("vedette_collector_source_running")
        .tag("source", source)
        .gauge()
        .value();
  }

  private static boolean degraded(JsonObject checks, String source) {
    return "degraded".equals(check(checks, source).getString("state"));
  }

  private static String detail(JsonObject checks, String source) {
    return check(checks, source).getString("detail");
  }

  private static JsonObject check(JsonObject checks, String source) {
    return checks.getJsonObject("collector.source." + source);
  }
}
