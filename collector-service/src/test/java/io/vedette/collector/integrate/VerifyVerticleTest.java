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
import io.vedette.testkit.Await;
import io.vedette.testkit.TestDatabase;
import io.vedette.testkit.TestPostgres;
import io.vedette.testkit.TestTrail;
import io.vedette.trail.NoteSigner;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The verification that never stops, beside the signer. */
class VerifyVerticleTest {
  @TempDir
  Path folder = Path.of("");

  private final TestDatabase stored = TestPostgres.sharedWithoutFsync().fresh();
  private final Vertx vertx = Vertx.vertx();
  private final Database database = stored.connect(vertx);
  private final TestTrail trail = TestTrail.open(database);
  private ServiceContext service;

  @SuppressWarnings("NullAway.Init") // by start()
  private Integration integration;

  @BeforeEach
  void signSome() throws IOException {
    NoteSigner key = NoteSigner.generate(trail.trail().origin());
    Files.writeString(folder.resolve("trail.key"), key.secret());
    service = ServiceContext.create(
        vertx,
        Config.of(Map.of("trail.key-file", folder.resolve("trail.key").toString())),
        new SimpleMeterRegistry(),
        new Tokens(database),
        "node-1",
        false,
        false);
    trail.append("a", "one", "two", "three", "four");
    Integrator signer = new Integrator(
        new StoredLog(database, TestTrail.TRAIL),
        () -> new SignerKeys(List.of(key)),
        new SignerState(origin -> List.of()));
    signer.integrate();
    assertThat(signer.publish()).isPresent();
  }

  private void start() {
    integration =
        new Integration(service, database, trail.appender(), TestTrail.TRAIL, MicroClock.SYSTEM);
    Await.value(integration.start());
  }

  @AfterEach
  void close() {
    Await.value(integration.stop());
    trail.close();
    Await.value(database.close());
    Await.value(vertx.close());
    stored.close();
  }

  private Promise<RecordView> finding() {
    Promise<RecordView> found = Promise.promise();
    vertx
        .eventBus()
        .<Batch>consumer(Addresses.RECORD_APPENDED, message -> message.body().records().stream()
            .map(RecordView::new)
            .filter(record -> "trail.verify".equals(record.text("kind")))
            .forEach(found::tryComplete));
    return found;
  }

  private void until(BooleanSupplier wanted) {
    Promise<Boolean> seen = Promise.promise();
    long timer = vertx.setPeriodic(20, id -> {
      if (wanted.getAsBoolean()) {
        seen.tryComplete(true);
      }
    });
    Await.value(seen.future());
    vertx.cancelTimer(timer);
  }

  private Health.Check health() {
    return Objects.requireNonNull(service.health().report().get("trail.verify"));
  }

  private double meter(String name) {
    return service.metrics().get(name).meter().measure().iterator().next().getValue();
  }

  @Test
  void aChangedRowBecomesARecordThatRulesSee() {
    stored.execute(
        "UPDATE vedette.record SET canonical = set_byte(canonical, 10, get_byte(canonical, 10) # 1) WHERE index = 2");
    Promise<RecordView> found = finding();
    start();
    RecordView record = Await.value(found.future());
    assertThat(record.source()).isEqualTo("vedette");
    assertThat(record.text("outcome")).isEqualTo("failure");
    assertThat(record.text("severity")).isEqualTo("fatal");
    assertThat(record.text("target")).isEqualTo("trail 1");
    assertThat(record.attributes()).containsEntry("index", 2L).containsEntry("reason", "payload");
    assertThat(record.text("message")).contains("payload at index 2");
    assertThat(health().state()).isEqualTo(Health.State.DEGRADED);
    assertThat(health().detail()).contains("index 2");
    assertThat(meter("vedette_trail_verify_wrong")).isEqualTo(1);
  }

  @Test
  void anUntouchedTrailPassesAndSaysNothing() {
    Promise<RecordView> found = finding();
    start();
    until(() -> meter("vedette_trail_verify_passes_total") >= 1);
    assertThat(meter("vedette_trail_verify_entries_total")).isGreaterThanOrEqualTo(4);
    assertThat(meter("vedette_trail_verify_wrong")).isZero();
    assertThat(health()).isEqualTo(Health.Check.up());
    assertThat(found.future().isComplete()).isFalse();
  }

  @Test
  void itsCpuTimeIsCountedAndStaysWhenItHasStopped() {
    start();
    until(() -> meter("vedette_trail_verify_passes_total") >= 1);
    double used = meter("vedette_trail_verify_cpu_seconds_total");
    assertThat(used).isPositive();
    Await.value(integration.stop());
    assertThat(meter("vedette_trail_verify_cpu_seconds_total")).isGreaterThanOrEqualTo(used);
  }
}
