package io.vedette.store.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vedette.model.Outcome;
import io.vedette.model.RecordDraft;
import io.vedette.testkit.Await;
import io.vedette.testkit.ManualClock;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AuditTest {
  private final ManualClock clock = new ManualClock();
  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private final List<RecordDraft> trail = new ArrayList<>();
  private boolean down;
  private Supplier<Future<Void>> answers = Future::succeededFuture;
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
          return answers.get();
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

  private static Act subscription(String actor, String session) {
    return new Act(
        actor, "topic.subscribe", "records", Outcome.SUCCESS, "", Map.of("session", session));
  }

  /** Ten thousand subscriptions of one actor took two places each, and more than five thousand records were not kept. */
  @Test
  void alikeActsThatWaitAreOneRecordWithTheirCount() {
    down = true;
    for (int i = 0; i < 10_000; i++) {
      audit.record(subscription("vera", "s" + i));
    }
    audit.record(subscription("otto", "o"));
    assertThat(audit.waiting()).isEqualTo(2);
    clock.advance(Duration.ofSeconds(59));
    audit.record(subscription("vera", "late"));
    clock.advance(Duration.ofSeconds(1));
    audit.record(subscription("vera", "of the next minute"));
    assertThat(audit.waiting()).isEqualTo(3);
    down = false;
    Await.value(audit.flush());
    assertThat(trail).extracting(RecordDraft::actor).containsExactly("vera", "otto", "vera");
    assertThat(trail.get(0).attributes())
        .containsEntry("count", 10_001L)
        .containsEntry("session", "s0, s1, s2, s3, s4, s5, s6, s7, ...")
        .containsEntry("since", "2026-01-01T00:00:00.000000000Z")
        .containsEntry("until", "2026-01-01T00:00:59.000000000Z");
    assertThat(trail.get(1).attributes()).containsOnlyKeys("session");
    assertThat(trail.get(2).attributes()).containsEntry("session", "of the next minute");
    assertThat(metrics.get("vedette_audit_read_coalesced_total").counter().count())
        .isEqualTo(10_000);
    assertThat(metrics.get("vedette_audit_record_dropped_total").counter().count())
        .isZero();
  }

  @Test
  void whatIsOnItsWayIsNotAddedTo() {
    Promise<Void> answer = Promise.promise();
    answers = () -> answer.future();
    audit.record(subscription("vera", "a"));
    Future<Void> written = audit.flush();
    audit.record(subscription("vera", "b"));
    answer.complete();
    Await.value(written);
    Await.value(audit.flush());
    assertThat(trail)
        .extracting(draft -> draft.attributes().get("session"))
        .containsExactly("a", "b");
  }

  @Test
  void whatFindsNoPlaceIsDeclaredInFrontOfWhatTheTrailTakesNext() {
    down = true;
    clock.advance(Duration.ofSeconds(10));
    for (int i = 0; i < 5_000; i++) {
      audit.record(subscription("actor" + i, "s"));
    }
    clock.advance(Duration.ofSeconds(1));
    audit.record(subscription("one too many", "s"));
    clock.advance(Duration.ofSeconds(1));
    audit.read(act("another", "/"));
    audit.record(subscription("actor4999", "has a place"));
    assertThat(audit.waiting()).isEqualTo(5_000);
    assertThat(metrics.get("vedette_audit_record_dropped_total").counter().count())
        .isEqualTo(2);
    Await.failure(audit.flush());
    clock.advance(Duration.ofSeconds(1));
    audit.record(subscription("still too many", "s"));
    assertThat(audit.waiting()).isEqualTo(5_000);
    down = false;
    Await.value(audit.flush());
    RecordDraft gap = trail.get(0);
    assertThat(gap.kind()).isEqualTo("gap");
    assertThat(gap.attributes())
        .containsEntry("count", 3L)
        .containsEntry("source", "vedette")
        .containsEntry("cause", "too many acts waited for the trail")
        .containsEntry("from", "2026-01-01T00:00:11.000000000Z")
        .containsEntry("to", "2026-01-01T00:00:13.000000000Z");
    while (audit.waiting() > 0) {
      Await.value(audit.flush());
    }
    assertThat(trail.subList(1, trail.size()))
        .extracting(RecordDraft::actor)
        .hasSize(5_000)
        .startsWith("actor0", "actor1")
        .endsWith("actor4999")
        .doesNotHaveDuplicates();
    assertThat(trail.get(5_000).attributes()).containsEntry("count", 2L);
    assertThat(metrics.get("vedette_audit_record_dropped_total").counter().count())
        .isEqualTo(3);
    assertThat(metrics.get("vedette_audit_record_written_total").counter().count())
        .isEqualTo(5_001);
  }

  @Test
  void aCountThatFindsNoPlaceIsDeclaredWithAllThatItCounts() {
    for (int i = 0; i < 41; i++) {
      audit.read(act("vera", "/a"));
    }
    Await.value(audit.flush());
    down = true;
    for (int i = 0; i < 5_000; i++) {
      audit.record(subscription("actor" + i, "s"));
    }
    clock.advance(Duration.ofSeconds(60));
    Await.failure(audit.flush()); // the minute is over: 40 repeats
    down = false;
    trail.clear();
    Await.value(audit.flush());
    assertThat(trail.get(0).attributes()).containsEntry("count", 40L);
  }

  @Test
  void atTheEndAllThatWaitsIsWritten() {
    for (int i = 0; i < 5_000; i++) {
      audit.record(subscription("actor" + i, "s"));
    }
    Await.value(audit.close());
    assertThat(trail).hasSize(5_000);
  }

  @Test
  void whatTheTrailTakesTooSlowlyAtTheEndIsDeclared() {
    answers = () -> {
      clock.advance(Duration.ofSeconds(3));
      return Future.succeededFuture();
    };
    for (int i = 0; i < 5_000; i++) {
      audit.record(subscription("actor" + i % 4_900, "s"));
    }
    Await.value(audit.close());
    RecordDraft last = trail.get(trail.size() - 1);
    assertThat(last.kind()).isEqualTo("gap");
    assertThat(last.attributes())
        .containsEntry("cause", "the service ended before the trail took them");
    long inFull = trail.stream()
        .filter(draft -> !"gap".equals(draft.kind()))
        .mapToLong(draft -> (long) draft.attributes().getOrDefault("count", 1L))
        .sum();
    assertThat(inFull).isBetween(1L, 4_999L);
    assertThat(last.attributes()).containsEntry("count", 5_000 - inFull);
    assertThat(audit.waiting()).isZero();
  }

  @Test
  void theEndDoesNotWaitForATrailThatTakesNothing() {
    down = true;
    audit.record(subscription("vera", "s"));
    Await.value(audit.close());
    assertThat(trail).isEmpty();
    assertThat(metrics.get("vedette_audit_record_dropped_total").counter().count())
        .isEqualTo(1);
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
    List<Coalescer.Counted> third = coalescer.read(act("c", "/"), 4);
    assertThat(third).extracting(counted -> counted.draft().actor()).containsExactly("a", "c");
    assertThat(third.get(0).draft().attributes()).containsEntry("repeats", 1L);
    assertThat(coalescer.open()).isEqualTo(2);
  }
}
