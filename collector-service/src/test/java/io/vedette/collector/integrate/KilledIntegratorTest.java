package io.vedette.collector.integrate;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.collector.integrate.verify.StoredTrail;
import io.vedette.collector.integrate.verify.TrailVerification;
import io.vedette.collector.integrate.verify.TrailVerification.Options;
import io.vedette.runtime.Codecs;
import io.vedette.store.Database;
import io.vedette.testkit.Await;
import io.vedette.testkit.TestDatabase;
import io.vedette.testkit.TestPostgres;
import io.vedette.testkit.TestTrail;
import io.vedette.trail.NoteSigner;
import io.vedette.trail.verify.LogKey;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The integrator over the real tables is killed before and after each of its calls. */
class KilledIntegratorTest {
  private final TestDatabase stored = TestPostgres.sharedWithoutFsync().fresh();
  private final Vertx vertx = Vertx.vertx();
  private final Database database = stored.connect(vertx);
  private final TestTrail trail = TestTrail.open(database);
  private final NoteSigner key = NoteSigner.generate(trail.trail().origin());
  private final StoredLog log = new StoredLog(database, TestTrail.TRAIL);

  @TempDir
  Path folder = Path.of("");

  @AfterEach
  void close() {
    trail.close();
    Await.value(database.close());
    Await.value(vertx.close());
    stored.close();
  }

  private Integrator integrator(LogPort port) {
    return new Integrator(
        port,
        () -> new SignerKeys(List.of(key)),
        new SignerState(
            origin -> List.of(folder.resolve("last"), folder.resolve("elsewhere/last"))));
  }

  private static void run(Integrator integrator) {
    Integrator.Step step = integrator.integrate();
    while (step.behind()) {
      step = integrator.integrate();
    }
    integrator.publish();
  }

  private void append() {
    trail.append(
        "a", java.util.stream.Stream.generate(() -> "said").limit(100).toArray(String[]::new));
  }

  @Test
  void whateverStepItDiesAtTheNextOneGoesOnAndTheTrailVerifies() throws SQLException {
    Codecs.register(vertx.eventBus());
    append();
    run(integrator(log));
    int kills = 0;
    for (int fatal = 0; ; fatal++) {
      for (boolean after : new boolean[] {false, true}) {
        append();
        DyingLog dying = new DyingLog(log, fatal, after);
        try {
          run(integrator(dying));
        } catch (DyingLog.Killed killed) {
          kills++;
        }
        run(integrator(log));
        assertThat(verified())
            .as("killed at call " + fatal)
            .isEqualTo(log.head().size());
        if (dying.calls() <= fatal) {
          assertThat(kills).as("kills tried").isGreaterThanOrEqualTo(16);
          return;
        }
      }
    }
  }

  /** How many entries are right, under the newest checkpoint. */
  private long verified() throws SQLException {
    Options options =
        new Options(List.of(LogKey.parse(key.verifier().vkey())), List.of(), 1, Optional.empty());
    try (StoredTrail reader = StoredTrail.open(stored.url(), TestTrail.TRAIL)) {
      TrailVerification.Result result =
          new TrailVerification(reader, options).run((next, size, state) -> true);
      assertThat(result.fault()).isNull();
      return reader.newestCheckpoint(reader.head().epoch()).orElseThrow().size();
    }
  }
}
