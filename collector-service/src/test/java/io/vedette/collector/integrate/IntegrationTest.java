package io.vedette.collector.integrate;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vedette.model.Batch;
import io.vedette.model.RecordView;
import io.vedette.runtime.Addresses;
import io.vedette.runtime.Health;
import io.vedette.runtime.ServiceContext;
import io.vedette.runtime.config.Config;
import io.vedette.store.Database;
import io.vedette.store.MicroClock;
import io.vedette.store.auth.Tokens;
import io.vedette.store.trail.Checkpoints.StoredCheckpoint;
import io.vedette.store.trail.TrailKeys;
import io.vedette.testkit.Await;
import io.vedette.testkit.TestDatabase;
import io.vedette.testkit.TestPostgres;
import io.vedette.testkit.TestTrail;
import io.vedette.trail.Checkpoint;
import io.vedette.trail.Note;
import io.vedette.trail.NoteSigner;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The verticles on a real database. */
class IntegrationTest {
  @TempDir
  Path folder = Path.of("");

  private final TestDatabase stored = TestPostgres.sharedWithoutFsync().fresh();
  private final Vertx vertx = Vertx.vertx();
  private final Database database = stored.connect(vertx);
  private final Map<String, String> sets = new HashMap<>();
  private final TestTrail trail = TestTrail.open(database);
  private ServiceContext service;
  private Integration integration;

  @BeforeEach
  void giveItsKey() throws IOException {
    NoteSigner key = NoteSigner.generate(trail.trail().origin());
    Files.writeString(folder.resolve("trail.key"), key.secret() + "\n");
    sets.put("trail.key-file", folder.resolve("trail.key").toString());
    sets.put("trail.signer-state-file", folder.resolve("last").toString());
    sets.put("trail.checkpoint-interval", "20ms");
    service = service();
    integration = integration();
  }

  @AfterEach
  void close() {
    Await.value(integration.stop());
    trail.close();
    Await.value(database.close());
    Await.value(vertx.close());
    stored.close();
  }

  private ServiceContext service() {
    return ServiceContext.create(
        vertx,
        Config.of(sets),
        new SimpleMeterRegistry(),
        new Tokens(database),
        "node-1",
        false,
        false);
  }

  private Integration integration() {
    return new Integration(service, database, trail.appender(), TestTrail.TRAIL, MicroClock.SYSTEM);
  }

  private Health.Check health() {
    return Objects.requireNonNull(service.health().report().get("trail.sign"));
  }

  private StoredCheckpoint covering(long index) {
    return Await.value(integration.coverage().waitCovered(index, Duration.ofSeconds(30)))
        .orElseThrow();
  }

  @Test
  void everythingAppendedIsSoonCoveredByACheckpoint() {
    Await.value(integration.start());
    trail.append("a", "one", "two", "three");
    StoredCheckpoint first = covering(2);
    assertThat(first.size()).isEqualTo(3);
    for (int i = 0; i < 20; i++) {
      trail.append("a", "more", "and more");
    }
    StoredCheckpoint last = covering(42);
    Checkpoint checkpoint = Checkpoint.parse(
        Note.parse(last.note().getBytes(StandardCharsets.UTF_8)).text());
    assertThat(checkpoint.origin()).isEqualTo(trail.trail().origin());
    assertThat(checkpoint.size()).isEqualTo(43);
    assertThat(stored.number("SELECT width FROM vedette.tile WHERE level = 0")).isEqualTo(43);
    assertThat(folder.resolve("last")).hasContent(last.note());
    assertThat(Await.value(new TrailKeys(database).list(TestTrail.TRAIL)))
        .singleElement()
        .satisfies(key -> assertThat(key.signing()).isTrue());
    assertThat(health()).isEqualTo(Health.Check.up());
  }

  @Test
  void waitingEndsWithoutACheckpointWhenTheTimeIsUp() {
    trail.append("a", "one");
    assertThat(Await.value(integration.coverage().waitCovered(0, Duration.ofMillis(30))))
        .isEmpty();
    Await.value(integration.start());
    assertThat(covering(0).size()).isEqualTo(1);
    assertThat(Await.value(integration.coverage().waitCovered(0, Duration.ZERO)))
        .as("known already")
        .isPresent();
  }

  @Test
  void aCheckpointOfAnotherIncarnationIsNoReceipt() {
    Coverage coverage = integration.coverage();
    coverage.published(new StoredCheckpoint("first", 100, new byte[32], "of the first", 0));
    assertThat(Await.value(coverage.waitCovered("second", 5, Duration.ofMillis(30))))
        .isEmpty();
    assertThat(Await.value(coverage.waitCovered("first", 5, Duration.ZERO))).isPresent();
    coverage.published(new StoredCheckpoint("second", 7, new byte[32], "of the second", 0));
    coverage.published(new StoredCheckpoint("first", 200, new byte[32], "late", 0));
    coverage.published(new StoredCheckpoint("second", 3, new byte[32], "overtaken", 0));
    assertThat(Await.value(coverage.waitCovered("second", 5, Duration.ZERO)))
        .hasValueSatisfying(known -> assertThat(known.note()).isEqualTo("of the second"));
    assertThat(Await.value(coverage.waitCovered("first", 5, Duration.ofMillis(30))))
        .isEmpty();
  }

  @Test
  void aRestoredTrailIsNotSignedAndTheTrailSaysSo() throws IOException {
    Await.value(integration.start());
    trail.append("a", "one", "two", "three");
    covering(2);
    Await.value(integration.stop());
    // yesterday's copy: two records less, and what the signer remembers
    stored.execute("DELETE FROM vedette.checkpoint; DELETE FROM vedette.tile;"
        + " DELETE FROM vedette.record; DELETE FROM vedette.trail_batch;"
        + " UPDATE vedette.trail_head SET size = 0, batch = 0");
    Promise<Batch> refusal = Promise.promise();
    vertx.eventBus().<Batch>consumer(Addresses.RECORD_APPENDED, message -> {
      RecordView record = new RecordView(message.body().records().get(0));
      if ("trail.sign".equals(record.text("kind"))) {
        refusal.tryComplete(message.body());
      }
    });
    integration = integration();
    Await.value(integration.start());

    RecordView record = new RecordView(Await.value(refusal.future()).records().get(0));
    assertThat(record.source()).isEqualTo("vedette");
    assertThat(record.text("outcome")).isEqualTo("failure");
    assertThat(record.text("message"))
        .contains("the trail has 0 entries (expected: at least 3")
        .contains("vedette trail reopen");
    assertThat(health().state()).isEqualTo(Health.State.DEGRADED);
    assertThat(stored.number("SELECT count(*) FROM vedette.checkpoint")).isZero();
    assertThat(Files.readString(folder.resolve("last"))).contains("\n3\n");
  }

  @Test
  void whereThereIsNoKeyTheProcessIsDegradedAndTilesAreMadeAllTheSame() throws IOException {
    Files.delete(folder.resolve("trail.key"));
    Await.value(integration.start());
    trail.append("a", "one", "two");
    Promise<Boolean> tiled = Promise.promise();
    long timer = vertx.setPeriodic(20, id -> new io.vedette.store.trail.Tiles(database)
        .get(TestTrail.TRAIL, 0, 0)
        .onSuccess(tile -> tile.filter(found -> found.width() == 2)
            .ifPresent(found -> tiled.tryComplete(health().state() == Health.State.DEGRADED))));
    assertThat(Await.value(tiled.future())).isNotNull();
    vertx.cancelTimer(timer);
    assertThat(stored.number("SELECT count(*) FROM vedette.checkpoint")).isZero();

    NoteSigner key = NoteSigner.generate(trail.trail().origin());
    Files.writeString(folder.resolve("trail.key"), key.secret());
    assertThat(covering(1).size()).as("a key that comes later is used").isEqualTo(2);
    assertThat(List.of(health().state())).containsExactly(Health.State.UP);
  }
}
