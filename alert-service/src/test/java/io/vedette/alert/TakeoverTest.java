package io.vedette.alert;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.model.Transition;
import io.vedette.store.MicroClock;
import io.vedette.store.alert.NotificationRow;
import io.vedette.testkit.Await;
import io.vedette.testkit.TcpProxy;
import io.vedette.testkit.TestDatabase;
import io.vedette.testkit.TestPostgres;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two services on one trail, of which one goes at the worst moment: one notification, or a second one that says why. The first reaches the database by a network that can be cut. */
class TakeoverTest {
  @TempDir
  private Path folder;

  private final TestDatabase at = TestPostgres.sharedWithoutFsync().fresh();
  private Vertx outside;
  private FakeWebhook hook;
  private TcpProxy network;
  private Rig first;
  private Rig second;

  @BeforeEach
  void start() {
    outside = Vertx.vertx();
    hook = new FakeWebhook(outside);
    network = TcpProxy.to(outside, at.url().host(), at.url().port());
    first = new Rig(
        at, at.url().withAddress("127.0.0.1", network.port()), folder, yaml(), MicroClock.SYSTEM);
    second = Rig.start(at, folder, yaml());
  }

  @AfterEach
  void stop() {
    network.comeBack();
    second.close();
    first.close();
    network.close();
    hook.close();
    Await.value(outside.close());
    at.close();
  }

  private String yaml() {
    return """
        alert:
          http: {port: 0}
          notify: {retry-first: 10ms, retry-most: 20ms}
          receivers:
            - name: ops
              webhook_configs: [{url: '%s'}]
          route: {receiver: ops, group_by: [alertname], group_wait: 10ms, group_interval: 50ms}
        """.formatted(hook.url());
  }

  /** The first is cut off and its lease runs out. */
  private void cutOff() {
    network.goAway();
    expireLease();
  }

  private void expireLease() {
    at.execute("UPDATE vedette.lease SET until_us = 0 WHERE kind = 'alert'");
  }

  @Test
  void standbyTakesOverWithinSeconds() {
    assertThat(first.health("alert.owner")).isEqualTo("processes alerts");
    assertThat(second.health("alert.owner")).isEqualTo("stands by");
    cutOff();
    Rig.raise(second.database, Examples.finding(1, "a", Transition.FIRING));
    FakeWebhook.Received told = hook.next();
    assertThat(told.headers().contains("Vedette-Possible-Duplicate")).isFalse();
    assertThat(second.settled(told.headers().get("Idempotency-Key")).state()).isEqualTo("sent");
    assertThat(hook.count()).isEqualTo(1);
  }

  @Test
  void leavingHandsOverAtOnceAndTellsNothingTwice() {
    first.raise(Examples.finding(1, "a", Transition.FIRING));
    second.settled(hook.next().headers().get("Idempotency-Key"));
    Await.value(first.service.drain());
    Rig.raise(second.database, Examples.finding(2, "a", Transition.CLEARED));
    assertThat(hook.next().body().getString("status")).isEqualTo("resolved");
    assertThat(hook.count()).isEqualTo(2);
  }

  @Test
  void cutOffWhileSendingIsSentAgainAndNamesTheReason() {
    AtomicReference<HttpServerRequest> held = new AtomicReference<>();
    hook.answers((n, request) -> {
      if (n == 1) {
        held.set(request);
      } else {
        request.response().end();
      }
    });
    first.raise(Examples.finding(1, "a", Transition.FIRING));
    String id = hook.next().headers().get("Idempotency-Key");
    cutOff();
    FakeWebhook.Received again = hook.next();
    assertThat(again.headers().get("Idempotency-Key")).isEqualTo(id);
    assertThat(again.headers().get("Vedette-Possible-Duplicate"))
        .isEqualTo("the sender stopped during attempt 1, whose outcome is unknown");
    NotificationRow row = second.settled(id);
    assertThat(row.attempt()).isEqualTo(2);
    assertThat(row.duplicate()).contains("attempt 1");
    Objects.requireNonNull(held.get()).response().end();
    assertThat(hook.count()).isEqualTo(2);
  }

  /** The answer to the n-th statement of the sender is lost after the database has done it: claim and result are found out from the rows. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void lostDatabaseAnswerLosesAndRepeatsNothingSilently(int when) {
    Promise<Void> lost = Promise.promise();
    if (when == 0) {
      Rig.raise(second.database, Examples.finding(1, "a", Transition.FIRING));
      network.loseNextAnswer().onComplete(lost);
    } else {
      hook.answers((n, request) -> {
        if (n == 1) {
          network.loseNextAnswer().onComplete(lost);
        }
        request.response().end();
      });
      Rig.raise(second.database, Examples.finding(1, "a", Transition.FIRING));
    }
    FakeWebhook.Received told = hook.next();
    Await.value(lost.future());
    String id = told.headers().get("Idempotency-Key");
    NotificationRow row = second.settled(id);
    assertThat(row.state()).isEqualTo("sent");
    assertThat(at.number("SELECT count(*) FROM vedette.notification")).isEqualTo(1);
    if (hook.count() > 1) {
      assertThat(row.duplicate()).isNotEmpty();
    }
    assertThat(
            at.number(
                "SELECT count(*) FROM vedette.record WHERE convert_from(canonical, 'UTF8')::jsonb ->> 'action' = 'alert.fired'"))
        .isEqualTo(1);
  }

  @Test
  void ownerThatLostItsLeaseWritesNothingMore() {
    expireLease();
    at.execute(
        "UPDATE vedette.lease SET owner = 'somebody', epoch = epoch + 1, until_us = 9000000000000000 WHERE kind = 'alert'");
    first.raise(Examples.finding(1, "a", Transition.FIRING));
    at.execute("UPDATE vedette.lease SET owner = '', until_us = 0 WHERE kind = 'alert'");
    FakeWebhook.Received told = hook.next();
    assertThat(second.settled(told.headers().get("Idempotency-Key")).attempt()).isEqualTo(1);
    assertThat(at.number("SELECT count(*) FROM vedette.alert_change")).isEqualTo(1);
  }
}
