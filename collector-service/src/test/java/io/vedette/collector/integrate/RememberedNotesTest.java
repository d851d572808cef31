package io.vedette.collector.integrate;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.collector.integrate.verify.OpenedNotes;
import io.vedette.collector.integrate.verify.StoredTrail;
import io.vedette.collector.integrate.verify.TrailVerification;
import io.vedette.collector.integrate.verify.TrailVerification.Options;
import io.vedette.collector.integrate.verify.TrailVerification.Result;
import io.vedette.runtime.Codecs;
import io.vedette.store.Database;
import io.vedette.testkit.Await;
import io.vedette.testkit.TestDatabase;
import io.vedette.testkit.TestPostgres;
import io.vedette.testkit.TestTrail;
import io.vedette.trail.NoteSigner;
import io.vedette.trail.verify.Fault;
import io.vedette.trail.verify.LogKey;
import io.vedette.trail.verify.Reason;
import io.vertx.core.Vertx;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Passes of the continuous verification, one after the other: signatures of stored checkpoints were verified again in each. */
class RememberedNotesTest {
  private final TestDatabase stored = TestPostgres.sharedWithoutFsync().fresh();
  private final Vertx vertx = Vertx.vertx();
  private final Database database = stored.connect(vertx);
  private final TestTrail trail = TestTrail.open(database);
  private final NoteSigner key = NoteSigner.generate(trail.trail().origin());
  private final LogKey trusted = LogKey.parse(key.verifier().vkey());
  private final OpenedNotes opened = new OpenedNotes();

  @BeforeEach
  void signFour() {
    Codecs.register(vertx.eventBus());
    for (int i = 0; i < 4; i++) {
      sign();
    }
  }

  @AfterEach
  void close() {
    trail.close();
    Await.value(database.close());
    Await.value(vertx.close());
    stored.close();
  }

  private void sign() {
    trail.append("a", "one", "two", "three");
    Integrator integrator = new Integrator(
        new StoredLog(database, TestTrail.TRAIL),
        () -> new SignerKeys(List.of(key)),
        new SignerState(origin -> List.of()));
    integrator.integrate();
    assertThat(integrator.publish()).isPresent();
  }

  private Result pass() throws SQLException {
    Options options = new Options(List.of(trusted), List.of(), 1, Optional.empty());
    try (StoredTrail reader = StoredTrail.open(stored.url(), TestTrail.TRAIL)) {
      return new TrailVerification(
              reader, options, System::nanoTime, LockSupport::parkNanos, opened)
          .run((next, size, state) -> true);
    }
  }

  private Fault fault() throws SQLException {
    return Objects.requireNonNull(pass().fault(), "nothing was found");
  }

  @Test
  void anEarlierCheckpointIsVerifiedOnceAndComparedEachTime() throws SQLException {
    assertThat(pass().checkpoints()).isEqualTo(4);
    assertThat(opened.verified()).isEqualTo(3);
    assertThat(pass().ok()).isTrue();
    assertThat(opened.verified()).isEqualTo(3);
    sign();
    assertThat(pass().checkpoints()).isEqualTo(5);
    assertThat(opened.verified()).as("what was the newest").isEqualTo(4);
  }

  @Test
  void whatIsChangedAfterwardsIsFoundAllTheSame() throws SQLException {
    assertThat(pass().ok()).isTrue();
    stored.execute("UPDATE vedette.checkpoint SET note = replace(note, E'\\n6\\n', E'\\n5\\n')"
        + " WHERE size = 6");
    assertThat(fault().reason()).isEqualTo(Reason.SIGNATURE);
    stored.execute("UPDATE vedette.checkpoint SET note = replace(note, E'\\n5\\n', E'\\n6\\n'),"
        + " root = set_byte(root, 0, get_byte(root, 0) # 1) WHERE size = 6");
    assertThat(fault().reason()).isEqualTo(Reason.CHECKPOINT);
    stored.execute(
        "UPDATE vedette.checkpoint SET root = set_byte(root, 0, get_byte(root, 0) # 1) WHERE size = 6");
    assertThat(pass().ok()).isTrue();
    stored.execute(
        "UPDATE vedette.trail_batch SET entries = overlay(entries PLACING sha256('x') FROM 1 FOR 32)"
            + " WHERE first_index = 3");
    assertThat(pass().fault()).isNotNull();
  }
}
