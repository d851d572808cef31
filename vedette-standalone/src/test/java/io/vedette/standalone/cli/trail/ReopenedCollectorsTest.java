package io.vedette.standalone.cli.trail;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vedette.collector.integrate.Integration;
import io.vedette.runtime.Codecs;
import io.vedette.runtime.Health;
import io.vedette.runtime.ServiceContext;
import io.vedette.runtime.config.Config;
import io.vedette.store.Database;
import io.vedette.store.MicroClock;
import io.vedette.store.auth.Tokens;
import io.vedette.testkit.Await;
import io.vedette.testkit.TestDatabase;
import io.vedette.testkit.TestPostgres;
import io.vedette.testkit.TestTrail;
import io.vedette.trail.NoteSigner;
import io.vertx.core.Vertx;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Two collectors of a cluster, each with a memory of its own, and a backup that is put back and declared at one of them. The other one's file had to be put aside by hand. */
class ReopenedCollectorsTest {
  @TempDir
  Path folder = Path.of("");

  private final TestDatabase stored = TestPostgres.shared().fresh();
  private final Vertx vertx = Vertx.vertx();
  private final Database database = stored.connect(vertx);
  private final TestTrail trail = TestTrail.open(database);
  private final List<Collector> running = new ArrayList<>();

  /** With its own files, as on a host of its own. */
  private final class Collector {
    private final Vertx own = Vertx.vertx();
    private final Path memory;
    private final ServiceContext service;
    private final Integration integration;

    Collector(String name) {
      memory = folder.resolve(name);
      service = ServiceContext.create(
          own,
          Config.of(Map.of(
              "trail.key-file",
              folder.resolve("trail.key").toString(),
              "trail.signer-state-file",
              memory.toString(),
              "trail.verify-cpu-percent",
              "0",
              "trail.checkpoint-interval",
              "20ms")),
          new SimpleMeterRegistry(),
          new Tokens(database),
          name,
          false,
          false);
      integration =
          new Integration(service, database, trail.appender(), TestTrail.TRAIL, MicroClock.SYSTEM);
      Await.value(integration.start());
      running.add(this);
    }

    Health.Check health() {
      return Objects.requireNonNull(service.health().report().get("trail.sign"));
    }

    void remembers(String start) throws Exception {
      Await.until(
          () -> Files.exists(memory) ? Files.readString(memory) : "",
          text -> text.startsWith(start));
    }

    void stop() {
      Await.value(integration.stop());
      Await.value(own.close());
    }
  }

  private void stopAll() {
    running.forEach(Collector::stop);
    running.clear();
  }

  @AfterEach
  void close() {
    stopAll();
    trail.close();
    Await.value(database.close());
    Await.value(vertx.close());
    stored.close();
  }

  private void append() {
    trail.append("a", Stream.generate(() -> "hello").limit(100).toArray(String[]::new));
  }

  @Test
  void oneCommandDeclaresItToAll() throws Exception {
    Codecs.register(vertx.eventBus());
    NoteSigner key = NoteSigner.generate(trail.trail().origin());
    Files.writeString(folder.resolve("trail.key"), key.secret());
    for (int i = 0; i < 4; i++) {
      append();
    }
    new Collector("last-checkpoint").remembers(key.name() + "\n400\n");
    new Collector("of-b").remembers(key.name() + "\n400\n");
    stopAll();
    stored.execute("DELETE FROM vedette.checkpoint; DELETE FROM vedette.tile;"
        + " DELETE FROM vedette.record WHERE index >= 300; DELETE FROM vedette.trail_batch WHERE first_index >= 300;"
        + " UPDATE vedette.trail_head SET size = 300, batch = 3");

    Collector refusing = new Collector("of-b");
    Await.until(refusing::health, now -> now.state() == Health.State.DEGRADED);
    StringWriter out = new StringWriter();
    CommandLine line = new CommandLine(new TrailCommand());
    line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(out, true));
    int code = line.execute(
        "reopen",
        "--reason",
        "backup",
        "--data-dir",
        folder.toString(),
        "--database-url",
        stored.url().secretText());
    assertThat(code).as(out.toString()).isZero();
    String origin = stored.query("SELECT origin FROM vedette.trail_head").get(0);
    assertThat(origin).isNotEqualTo(key.name());

    refusing.remembers(origin + "\n"); // it signs, and nobody touched its file
    Await.until(refusing::health, Health.Check.up()::equals);
    assertThat(Files.readString(
            folder.resolve("of-b." + key.name().replaceAll("[^A-Za-z0-9.-]+", "_"))))
        .startsWith(key.name() + "\n400\n");
    new Collector("last-checkpoint").remembers(origin + "\n");

    String vkey = NoteSigner.parse(Files.readString(folder.resolve("trail.key")).strip())
        .verifier()
        .vkey();
    assertThat(line.execute(
            "reopen",
            "--reason",
            "r",
            "--origin",
            origin,
            "--data-dir",
            folder.toString(),
            "--database-url",
            stored.url().secretText()))
        .as("the same origin would be the same history")
        .isEqualTo(1);
    assertThat(stored.query("SELECT vkey FROM vedette.trail_key WHERE signing"))
        .containsExactly(vkey);
  }
}
