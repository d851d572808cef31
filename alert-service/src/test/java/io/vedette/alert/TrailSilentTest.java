package io.vedette.alert;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.store.trail.AppendOutcome;
import io.vedette.store.trail.AppendRequest;
import io.vedette.store.trail.Appender;
import io.vedette.testkit.Await;
import io.vedette.testkit.ManualClock;
import io.vedette.testkit.TestDatabase;
import io.vedette.testkit.TestPostgres;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Log time comes from the collectors: when the last of them is gone no rule is judged any more, and the alert service has to say so by the wall clock. Here that clock runs twenty times as fast. */
class TrailSilentTest {
  private static final Duration STEP = Duration.ofSeconds(1);
  private static final long STEP_MS = 50;

  @TempDir
  private Path folder;

  private final TestDatabase at = TestPostgres.sharedWithoutFsync().fresh();
  private final ManualClock clock = new ManualClock();
  private final AtomicLong seq = new AtomicLong();
  private Vertx outside;
  private Rig rig;
  private Appender collector;

  @BeforeEach
  void start() {
    outside = Vertx.vertx();
    rig = new Rig(at, at.url(), folder, "alert: {http: {port: 0}}", clock);
    collector = new Appender(rig.database, rig.vertx.eventBus());
  }

  @AfterEach
  void stop() {
    Await.value(collector.close());
    rig.close();
    Await.value(outside.close());
    at.close();
  }

  private long time() {
    return outside.setPeriodic(STEP_MS, id -> clock.advance(STEP));
  }

  private long ticks() {
    UUID id = UUID.randomUUID();
    return outside.setPeriodic(STEP_MS, timer -> collector
        .append(AppendRequest.of(1, id, seq.incrementAndGet(), clock.nowUs(), List.of()))
        .onSuccess(outcome -> assertThat(outcome).isInstanceOf(AppendOutcome.Appended.class)));
  }

  @Test
  void lastCollectorGoneFiresAndItsReturnResolves() {
    long ticking = ticks();
    time();
    passes(Duration.ofSeconds(45));
    assertThat(at.number("SELECT count(*) FROM vedette.alert")).isZero();

    outside.cancelTimer(ticking);
    JsonObject fired = rig.change();
    assertThat(fired.getString("state")).isEqualTo("firing");
    assertThat(fired.getJsonObject("labels").getString("alertname")).isEqualTo("TrailSilent");
    assertThat(new JsonObject(rig.told().text()).getString("reason"))
        .isEqualTo("first_notification");
    // Alert and notification are records in the trail themselves, and end no silence.
    passes(Duration.ofSeconds(60));
    assertThat(at.query("SELECT state FROM vedette.alert")).containsExactly("firing");
    assertThat(at.number("SELECT count(*) FROM vedette.alert_change")).isEqualTo(1);

    ticks();
    assertThat(rig.change().getString("state")).isEqualTo("resolved");
    assertThat(at.number("SELECT count(*) FROM vedette.alert_change")).isEqualTo(2);
  }

  /** Waits until so much of this clock's time has gone by. */
  private void passes(Duration span) {
    long untilUs = clock.nowUs() + span.toNanos() / 1_000;
    Promise<Void> passed = Promise.promise();
    long watch = outside.setPeriodic(STEP_MS, id -> {
      if (clock.nowUs() >= untilUs) {
        passed.tryComplete();
      }
    });
    Await.value(passed.future());
    outside.cancelTimer(watch);
  }
}
