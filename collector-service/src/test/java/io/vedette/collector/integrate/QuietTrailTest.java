package io.vedette.collector.integrate;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nothing is appended, so there is nothing to sign: what was wrong with the signer must end all the same when it is mended. */
class QuietTrailTest {
  @TempDir
  Path folder = Path.of("");

  private final TestDatabase stored = TestPostgres.sharedWithoutFsync().fresh();
  private final Vertx vertx = Vertx.vertx();
  private final Database database = stored.connect(vertx);
  private final TestTrail trail = TestTrail.open(database);

  @AfterEach
  void close() {
    trail.close();
    Await.value(database.close());
    Await.value(vertx.close());
    stored.close();
  }

  private Health.Check health(ServiceContext service) {
    return Objects.requireNonNull(service.health().report().get("trail.sign"));
  }

  @Test
  void aKeyThatComesBackEndsTheTroubleOfItsAbsence() throws Exception {
    Path file = folder.resolve("trail.key");
    String secret = NoteSigner.generate(trail.trail().origin()).secret();
    Files.writeString(file, secret);
    ServiceContext service = ServiceContext.create(
        vertx,
        Config.of(Map.of(
            "trail.key-file",
            file.toString(),
            "trail.signer-state-file",
            folder.resolve("last").toString(),
            "trail.verify-cpu-percent",
            "0",
            "trail.checkpoint-interval",
            "20ms")),
        new SimpleMeterRegistry(),
        new Tokens(database),
        "node-1",
        true, // alone: who leaves the lease to others would be rid of the trouble by that
        false);
    Integration signing =
        new Integration(service, database, trail.appender(), TestTrail.TRAIL, MicroClock.SYSTEM);
    Await.value(signing.start());
    trail.append("a", "one", "two", "three");
    assertThat(Await.value(signing.coverage().waitCovered(2, Duration.ofSeconds(30))))
        .isPresent();
    Await.value(signing.stop());

    Files.delete(file);
    Integration keyless =
        new Integration(service, database, trail.appender(), TestTrail.TRAIL, MicroClock.SYSTEM);
    Await.value(keyless.start());
    Await.until(() -> health(service), now -> now.state() == Health.State.DEGRADED);
    Files.writeString(file, secret);
    assertThat(Await.until(() -> health(service), now -> now.state() == Health.State.UP))
        .isEqualTo(Health.Check.up());
    assertThat(stored.number("SELECT size FROM vedette.trail_head")).isEqualTo(3);
    assertThat(stored.number("SELECT count(*) FROM vedette.checkpoint WHERE size >= 3"))
        .as("nothing was signed for that")
        .isEqualTo(1);
    Await.value(keyless.stop());
  }
}
