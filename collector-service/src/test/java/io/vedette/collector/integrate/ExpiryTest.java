package io.vedette.collector.integrate;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.collector.integrate.verify.StoredTrail;
import io.vedette.collector.integrate.verify.TrailVerification;
import io.vedette.collector.integrate.verify.TrailVerification.Options;
import io.vedette.collector.integrate.verify.TrailVerification.Result;
import io.vedette.runtime.Codecs;
import io.vedette.store.Database;
import io.vedette.store.trail.Retention;
import io.vedette.store.trail.RetentionPolicy;
import io.vedette.store.trail.SealedRecord;
import io.vedette.testkit.Await;
import io.vedette.testkit.ManualClock;
import io.vedette.testkit.TestDatabase;
import io.vedette.testkit.TestPostgres;
import io.vedette.testkit.TestTrail;
import io.vedette.trail.NoteSigner;
import io.vedette.trail.verify.Fault;
import io.vedette.trail.verify.LogKey;
import io.vedette.trail.verify.Reason;
import io.vertx.core.Vertx;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Payloads that expired, and payloads that somebody says expired. */
class ExpiryTest {
  private static final Duration DAY = Duration.ofDays(1);

  private final TestDatabase stored = TestPostgres.sharedWithoutFsync().fresh();
  private final Vertx vertx = Vertx.vertx();
  private final Database database = stored.connect(vertx);
  private final TestTrail trail = TestTrail.open(database, 64);
  private final NoteSigner key = NoteSigner.generate(trail.trail().origin());
  private final Integrator signer = new Integrator(
      new StoredLog(database, TestTrail.TRAIL),
      () -> new SignerKeys(List.of(key)),
      new SignerState(origin -> List.of()));

  /** 200 records, every third of class 2, which is kept for a day; then two days go by. */
  @BeforeEach
  void appendAndExpire() {
    Codecs.register(vertx.eventBus());
    stored.setClock(ManualClock.START_US);
    List<SealedRecord> records = new ArrayList<>();
    for (SealedRecord record : TestTrail.records(200, "a", 0)) {
      records.add(new SealedRecord(
          record.canonical(),
          record.salt(),
          record.entry(),
          record.timeUs(),
          records.size() % 3 == 0 ? 2 : 0));
    }
    trail.appended(trail.request(records));
    trail.clock().advance(DAY.multipliedBy(2));
    stored.setClock(trail.clock().nowUs());
    assertThat(expire(Map.of(0, DAY.multipliedBy(30), 2, DAY)))
        .containsExactly("2/0", "2/1", "2/2");
    sign();
  }

  @AfterEach
  void close() {
    trail.close();
    Await.value(database.close());
    Await.value(vertx.close());
    stored.close();
  }

  private List<String> expire(Map<Integer, Duration> kept) {
    RetentionPolicy policy = new RetentionPolicy(kept, DAY, DAY, DAY, DAY);
    return Await.value(new Retention(database, trail.appender(), policy).run(TestTrail.TRAIL))
        .droppedPartitions();
  }

  private void sign() {
    signer.integrate();
    assertThat(signer.publish()).isPresent();
  }

  private Result verify() {
    Options options =
        new Options(List.of(LogKey.parse(key.verifier().vkey())), List.of(), 1, Optional.empty());
    try (StoredTrail reader = StoredTrail.open(stored.url(), TestTrail.TRAIL)) {
      return new TrailVerification(reader, options).run((next, size, state) -> true);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void whatExpiredIsExcusedByTheRecordsThatNameIt() {
    Result result = verify();
    assertThat(result.fault()).isNull();
    assertThat(result.excused()).isEqualTo(64); // 0, 3, .. 189: the last partition is not full
    assertThat(result.payloads()).isEqualTo(203 - 64);
    assertThat(stored.number("SELECT min_index FROM vedette.trail_head")).isZero();

    trail.clock().advance(DAY.multipliedBy(40));
    stored.setClock(trail.clock().nowUs());
    assertThat(expire(Map.of(0, DAY.multipliedBy(30), 2, DAY)))
        .containsExactly("0/0", "0/1", "0/2");
    sign();
    assertThat(verify().fault()).isNull();
    assertThat(verify().excused()).as("all but what is not full, and the acts").isEqualTo(192);
    assertThat(stored.number("SELECT min_index FROM vedette.trail_head")).isEqualTo(192);
  }

  @Test
  void aRecordOfAnotherClassInTheSameRangeIsNotExcused() {
    stored.execute("DELETE FROM vedette.record WHERE index = 4");
    Fault fault = Objects.requireNonNull(verify().fault());
    assertThat(fault.reason()).isEqualTo(Reason.PAYLOAD_MISSING);
    assertThat(fault.first()).isEqualTo(4);
  }

  @Test
  void withoutTheRecordThatNamesItNothingExpired() {
    stored.execute(
        "DELETE FROM vedette.record WHERE retention_class = 1 AND index = (SELECT min(index) FROM vedette.record WHERE retention_class = 1)");
    Fault fault = Objects.requireNonNull(verify().fault());
    assertThat(fault.reason()).isEqualTo(Reason.PAYLOAD_MISSING);
    assertThat(fault.first()).isZero();
  }
}
