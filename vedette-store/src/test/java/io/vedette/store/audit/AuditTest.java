package io.vedette.store.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vedette.model.Outcome;
import io.vedette.model.RecordDraft;
import io.vedette.testkit.Await;
import io.vedette.testkit.ManualClock;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AuditTest {
  private final ManualClock clock = new ManualClock();
  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private final List<RecordDraft> trail = new ArrayList<>();
  private boolean down;
  private Vertx vertx;
  private Audit audit;

  @BeforeEach
  void open() {
    vertx = Vertx.vertx();
    audit = new Audit(
        vertx,
        "edge",
        drafts -> {
          if (down) {
            return Future.failedFuture("database is down");
          }
          trail.addAll(drafts);
          return Future.succeededFuture();
        },
        metrics,
        clock);
  }

  @AfterEach
  void close() {
    Await.value(vertx.close());
  }

  private static Act act(String actor, String target) {
    return new Act(actor, "api.read", target, Outcome.SUCCESS, "127.0.0.1", Map.of("q", "x"));
  }

  @Test
  void theFirstReadIsARecordAndItsRepeatsWithinAMinuteAreOneMore() {
    for (int i = 0; i < 5; i++) {
      audit.read(act("vera", "/a"));
      clock.advance(Duration.ofSeconds(1));
    }
    audit.read(act("vera", "/b"));
    audit.read(act("otto", "/a"));
    Await.value(audit.flush());
    assertThat(trail).extracting(RecordDraft::actor).containsExactly("vera", "vera", "otto");
    assertThat(trail.get(0).attributes()).containsOnlyKeys("q");
    clock.advance(Duration.ofSeconds(60));
    Await.value(audit.flush());
    assertThat(trail).hasSize(4);
    assertThat(trail.get(3).target()).isEqualTo("/a");
    assertThat(trail.get(3).attributes()).containsEntry("repeats", 4L);
    audit.read(act("vera", "/a"));
    Await.value(audit.flush());
    assertThat(trail).hasSize(5);
    assertThat(trail.get(4).attributes()).doesNotContainKey("repeats");
    clock.advance(Duration.ofMinutes(10));
    Await.value(audit.flush());
    assertThat(trail).hasSize(5);
  }

  @Test
  void aReadAfterItsMinuteIsAFirstOneAgainEvenBeforeTheCountWasWritten() {
    audit.read(act("vera", "/a"));
    audit.read(act("vera", "/a"));
    clock.advance(Duration.ofSeconds(61));
    audit.read(act("vera", "/a"));
    Await.value(audit.flush());
    assertThat(trail)
        .extracting(draft -> draft.attributes().get("repeats"))
        .containsExactly(null, 1L, null);
  }

  @Test
  void whatTheTrailDoesNotTakeWaitsInOrderAndIsBounded() {
    down = true;
    for (int i = 0; i < 5_003; i++) {
      audit.record(act("vera", "/" + i));
    }
    assertThat(audit.waiting()).isEqualTo(5_000);
    assertThat(metrics.get("vedette_audit_record_dropped_total").counter().count())
        .isEqualTo(3);
    Await.failure(audit.flush());
    assertThat(audit.waiting()).isEqualTo(5_000);
    down = false;
    for (int i = 0; i < 51; i++) {
      Await.value(audit.flush());
    }
    assertThat(audit.waiting()).isZero();
    assertThat(trail).hasSize(5_001);
    assertThat(trail.get(4_999).target()).isEqualTo("/4999");
    assertThat(trail.get(5_000).kind()).isEqualTo("gap");
    assertThat(trail.get(5_000).attributes()).containsEntry("count", 3L);
  }

  @Test
  void endingWritesTheCounts() {
    audit.read(act("vera", "/a"));
    audit.read(act("vera", "/a"));
    Await.value(audit.close());
    assertThat(trail).hasSize(2);
    assertThat(trail.get(1).attributes()).containsEntry("repeats", 1L);
  }

  @Test
  void tooManyDifferentReadsEndTheOldestMinuteEarly() {
    Coalescer coalescer = new Coalescer(2);
    assertThat(coalescer.read(act("a", "/"), 1)).hasSize(1);
    assertThat(coalescer.read(act("a", "/"), 2)).isEmpty();
    assertThat(coalescer.read(act("b", "/"), 3)).hasSize(1);
    List<RecordDraft> third = coalescer.read(act("c", "/"), 4);
    assertThat(third).extracting(RecordDraft::actor).containsExactly("a", "c");
    assertThat(third.get(0).attributes()).containsEntry("repeats", 1L);
    assertThat(coalescer.open()).isEqualTo(2);
  }
}
