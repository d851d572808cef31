package io.vedette.alert;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.model.Transition;
import io.vedette.runtime.Addresses;
import io.vedette.store.alert.AlertReader;
import io.vedette.store.alert.NotificationRow;
import io.vedette.store.trail.AppendRequest;
import io.vedette.store.trail.Appender;
import io.vedette.testkit.Await;
import io.vedette.testkit.ManualClock;
import io.vedette.testkit.TestDatabase;
import io.vedette.testkit.TestPostgres;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AlertServiceTest {
  @TempDir
  private Path folder;

  private final TestDatabase at = TestPostgres.sharedWithoutFsync().fresh();
  private Rig rig;
  private FakeWebhook hook;
  private Vertx outside;

  @BeforeEach
  void start() {
    outside = Vertx.vertx();
    hook = new FakeWebhook(outside);
    rig = Rig.start(at, folder, yaml(hook.url()));
  }

  @AfterEach
  void stop() {
    rig.close();
    hook.close();
    Await.value(outside.close());
    at.close();
  }

  private static String yaml(String url) {
    return """
        alert:
          http.port: 0
          notify:
            retry-first: 10ms
            retry-most: 20ms
          receivers:
            - name: ops
              webhook_configs:
                - url: %s
          route:
            receiver: ops
            group_by: [alertname]
            group_wait: 10ms
            group_interval: 50ms
        """.replace("http.port: 0", "http:\n    port: 0").formatted(url);
  }

  private Future<JsonObject> request(String address, JsonObject body, String role) {
    DeliveryOptions options = new DeliveryOptions()
        .addHeader(Addresses.PRINCIPAL, "ann")
        .addHeader(Addresses.ROLE, role)
        .addHeader(Addresses.TRAIL, "1");
    return rig.vertx
        .eventBus()
        .<JsonObject>request(address, body, options)
        .map(reply -> reply.body());
  }

  private long records(String action) {
    return at.number(
        "SELECT count(*) FROM vedette.record WHERE convert_from(canonical, 'UTF8')::jsonb ->> 'action' = '"
            + action + "'");
  }

  @Test
  void findingBecomesAlertNotificationPublicationAndRecords() {
    rig.raise(Examples.finding(1, "a", Transition.FIRING));
    JsonObject alert = rig.change();
    assertThat(alert.getString("state")).isEqualTo("firing");
    assertThat(alert.getLong("firstIndex")).isEqualTo(1000);
    assertThat(alert.getJsonArray("sample")).containsExactly(1000, 1007, 1040);
    assertThat(alert.getDouble("value")).isEqualTo(12);
    FakeWebhook.Received told = hook.next();
    assertThat(told.body().getString("status")).isEqualTo("firing");
    assertThat(told.body().getString("notification_reason")).isEqualTo("first_notification");
    assertThat(told.headers().contains("Vedette-Possible-Duplicate")).isFalse();
    NotificationRow row = rig.settled(told.headers().get("Idempotency-Key"));
    assertThat(row.state()).isEqualTo("sent");
    assertThat(row.attempt()).isEqualTo(1);
    assertThat(records("alert.fired")).isEqualTo(1);
    assertThat(records("notification.sent")).isEqualTo(1);
    assertThat(at.number("SELECT count(*) FROM vedette.publication WHERE topic = 'notifications'"))
        .isEqualTo(1);

    rig.raise(Examples.finding(2, "a", Transition.CLEARED));
    assertThat(rig.change().getString("state")).isEqualTo("resolved");
    FakeWebhook.Received over = hook.next();
    assertThat(over.body().getString("status")).isEqualTo("resolved");
    rig.settled(over.headers().get("Idempotency-Key"));
    assertThat(hook.count()).isEqualTo(2);
    AlertReader reader = new AlertReader(rig.database);
    assertThat(Await.value(reader.current(1, 10))).isEmpty();
    assertThat(Await.value(reader.history(1, alert.getString("fingerprint"), Long.MAX_VALUE, 10)))
        .extracting(change -> change.kind())
        .containsExactly("resolved", "fired");
  }

  /** A step that cannot write one of the things it changes writes none of them, and is whole when it can. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "alert_cursor",
        "alert",
        "alert_group",
        "notification",
        "publication",
        "alert_change",
        "trail_batch"
      })
  void stepThatCannotWriteOneThingWritesNone(String table) {
    breaking("TRIGGER broken BEFORE INSERT ON vedette." + table, table);
  }

  /** Also the record in the trail, which is written last, goes when the commit fails. */
  @Test
  void stepWhoseCommitFailsHasWrittenNothing() {
    breaking(
        "CONSTRAINT TRIGGER broken AFTER INSERT ON vedette.alert DEFERRABLE INITIALLY DEFERRED",
        "alert");
  }

  private void breaking(String trigger, String table) {
    rig.close();
    rig = Rig.start(at, folder, yaml(hook.url()).replace("group_wait: 10ms", "group_wait: 0s"));
    at.execute(
        "CREATE FUNCTION vedette.broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'broken'; END $$;"
            + "CREATE " + trigger + " FOR EACH ROW EXECUTE FUNCTION vedette.broken()");
    rig.raise(Examples.finding(1, "a", Transition.FIRING));
    rig.counted("vedette.alert.steps.failed", 1);
    assertThat(stepped()).containsOnly(0L);

    at.execute("DROP TRIGGER broken ON vedette." + table);
    assertThat(rig.change().getString("state")).isEqualTo("firing");
    rig.settled(hook.next().headers().get("Idempotency-Key"));
    assertThat(stepped()).containsOnly(1L);
    assertThat(at.number("SELECT number FROM vedette.alert_cursor")).isEqualTo(1);
    assertThat(hook.count()).isEqualTo(1);
  }

  /** Numbers of everything that the step about one finding writes. */
  private List<Long> stepped() {
    return List.of(
        at.number("SELECT count(*) FROM vedette.alert_cursor"),
        at.number("SELECT count(*) FROM vedette.alert"),
        at.number("SELECT count(*) FROM vedette.alert_change"),
        at.number("SELECT count(*) FROM vedette.alert_group"),
        at.number("SELECT count(*) FROM vedette.notification"),
        at.number("SELECT count(*) FROM vedette.publication WHERE topic = 'alerts'"),
        records("alert.fired"));
  }

  @Test
  void withoutConfigurationEachNotificationGoesToLogAndDashboard() {
    rig.close();
    rig = Rig.start(at, folder, "alert: {http: {port: 0}}");
    rig.raise(Examples.finding(1, "a", Transition.FIRING));
    List<JsonObject> told =
        List.of(new JsonObject(rig.told().text()), new JsonObject(rig.told().text()));
    assertThat(told)
        .allSatisfy(one -> assertThat(one.getString("receiver")).isEqualTo("default"))
        .allSatisfy(one -> assertThat(one.getString("state")).isEqualTo("sent"))
        .extracting(one -> one.getString("integration"))
        .containsExactlyInAnyOrder("log/0", "dashboard/0");
    assertThat(
            at.query(
                "SELECT convert_from(json, 'UTF8')::jsonb ->> 'integration' FROM vedette.publication WHERE topic = 'notifications'"))
        .containsExactlyInAnyOrder("log/0", "dashboard/0");
    assertThat(records("notification.sent")).isEqualTo(2);
  }

  @Test
  void restartProcessesNothingTwice() {
    rig.raise(Examples.finding(1, "a", Transition.FIRING));
    rig.settled(hook.next().headers().get("Idempotency-Key"));
    rig.close();
    rig = Rig.start(at, folder, yaml(hook.url()));
    rig.raise(Examples.finding(2, "b", Transition.FIRING));
    FakeWebhook.Received told = hook.next();
    assertThat(told.body().getString("notification_reason")).isEqualTo("new_alerts_in_group");
    assertThat(told.body().getJsonArray("alerts")).hasSize(2);
    assertThat(hook.count()).isEqualTo(2);
    assertThat(records("alert.fired")).isEqualTo(2);
  }

  @Test
  void acknowledgingNeedsTheRoleAndIsARecord() {
    rig.raise(Examples.finding(1, "a", Transition.FIRING));
    String fingerprint = rig.change().getString("fingerprint");
    JsonObject body = new JsonObject().put("fingerprint", fingerprint);
    Throwable refused = Await.failure(request(Addresses.ALERT_ACKNOWLEDGE, body, "viewer"));
    assertThat(((ReplyException) refused).failureCode()).isEqualTo(403);
    JsonObject alert = Await.value(request(Addresses.ALERT_ACKNOWLEDGE, body, "operator"));
    assertThat(alert.getString("acknowledgedBy")).isEqualTo("ann");
    assertThat(records("alert.acknowledged")).isEqualTo(1);
    Await.value(request(Addresses.ALERT_ACKNOWLEDGE, body, "operator"));
    assertThat(records("alert.acknowledged")).isEqualTo(1);
    Throwable unknown = Await.failure(
        request(Addresses.ALERT_ACKNOWLEDGE, new JsonObject().put("fingerprint", "0"), "operator"));
    assertThat(((ReplyException) unknown).failureCode()).isEqualTo(404);
  }

  @Test
  void silencedAlertIsNotToldAndNamesItsSilence() {
    JsonObject silence = new JsonObject()
        .put(
            "matchers",
            new JsonArray()
                .add(new JsonObject().put("name", "host").put("value", "a").put("isRegex", false)))
        .put("startsAt", "2020-01-01T00:00:00Z")
        .put("endsAt", "2100-01-01T00:00:00Z")
        .put("createdBy", "ann")
        .put("comment", "works");
    Rig.Answer made =
        rig.http(HttpMethod.POST, "/api/v2/silences", Rig.OPERATOR, silence.toBuffer());
    assertThat(made.status()).isEqualTo(200);
    String id = made.body().toJsonObject().getString("silenceID");
    rig.raise(Examples.finding(1, "a", Transition.FIRING));
    assertThat(rig.change().getJsonArray("silencedBy")).containsExactly(id);
    rig.raise(Examples.finding(4, 1, "Other", Map.of("host", "b"), Transition.FIRING));
    assertThat(rig.change().getJsonArray("silencedBy")).isEmpty();
    assertThat(hook.next().body().getJsonObject("groupLabels").getString("alertname"))
        .isEqualTo("Other");
    JsonArray shown = rig.get("/api/v2/alerts?filter=host%3Da").body().toJsonArray();
    assertThat(shown.getJsonObject(0).getJsonObject("status").getString("state"))
        .isEqualTo("suppressed");
    assertThat(rig.get("/api/v2/alerts?silenced=false").body().toJsonArray()).hasSize(1);

    assertThat(rig.http(HttpMethod.DELETE, "/api/v2/silence/" + id, Rig.OPERATOR, Buffer.buffer())
            .status())
        .isEqualTo(200);
    assertThat(rig.change().getJsonArray("silencedBy")).isEmpty();
    assertThat(hook.next().body().getJsonObject("groupLabels").getString("alertname"))
        .isEqualTo("SshFailures");
    assertThat(rig.http(HttpMethod.DELETE, "/api/v2/silence/" + id, Rig.OPERATOR, Buffer.buffer())
            .status())
        .isEqualTo(404);
    assertThat(records("silence.create")).isEqualTo(1);
    assertThat(records("silence.expire")).isEqualTo(1);
    assertThat(records("alert.unmuted")).isEqualTo(1);
  }

  @Test
  void postedAlertEntersAndResolves() {
    JsonArray alerts = new JsonArray()
        .add(new JsonObject()
            .put("labels", new JsonObject().put("alertname", "Up").put("job", "x")));
    assertThat(rig.http(HttpMethod.POST, "/api/v2/alerts", Rig.OPERATOR, alerts.toBuffer())
            .status())
        .isEqualTo(200);
    JsonObject fired = rig.change();
    assertThat(fired.getString("state")).isEqualTo("firing");
    assertThat(hook.next().body().getString("receiver")).isEqualTo("ops");
    alerts.getJsonObject(0).put("endsAt", fired.getString("startsAt"));
    rig.http(HttpMethod.POST, "/api/v2/alerts", Rig.OPERATOR, alerts.toBuffer());
    assertThat(rig.change().getString("state")).isEqualTo("resolved");
    assertThat(hook.next().body().getString("status")).isEqualTo("resolved");
  }

  @Test
  void apiNeedsATokenAndTheRightRoleOnLoopbackToo() {
    assertThat(rig.http(HttpMethod.GET, "/api/v2/alerts", "", Buffer.buffer()).status())
        .isEqualTo(401);
    assertThat(rig.http(HttpMethod.POST, "/api/v2/alerts", Rig.VIEWER, Buffer.buffer("[]"))
            .status())
        .isEqualTo(403);
    assertThat(
            rig.http(HttpMethod.POST, "/-/reload", Rig.VIEWER, Buffer.buffer()).status())
        .isEqualTo(403);
    assertThat(rig.http(HttpMethod.GET, "/-/healthy", "", Buffer.buffer()).status())
        .isEqualTo(200);
    assertThat(rig.http(HttpMethod.GET, "/-/ready", "", Buffer.buffer()).status())
        .isEqualTo(200);
  }

  @Test
  void badBodiesAreRefusedWithWhatWasFound() {
    record Case(String path, String body, String expected) {}
    for (Case bad : new Case[] {
      new Case("/api/v2/alerts", "{", "no JSON array"),
      new Case("/api/v2/alerts", "{}", "no JSON array"),
      new Case("/api/v2/alerts", "[1]", "[0]: 1"),
      new Case("/api/v2/alerts", "[{}]", "at least one label"),
      new Case("/api/v2/alerts", "[{\"labels\":{\"a\":1}}]", "labels.a: 1"),
      new Case(
          "/api/v2/alerts",
          "[{\"labels\":{\"a\":\"b\"},\"startsAt\":\"yesterday\"}]",
          "startsAt: yesterday"),
      new Case("/api/v2/silences", "[]", "no JSON object"),
      new Case("/api/v2/silences", "{}", "matchers"),
      new Case(
          "/api/v2/silences",
          "{\"matchers\":[{\"name\":\"a\",\"value\":\"b\"}],\"endsAt\":\"2020-01-01T00:00:00Z\"}",
          "not past"),
      new Case(
          "/api/v2/silences",
          "{\"matchers\":[{\"name\":\"a\",\"value\":\"(\",\"isRegex\":true}],\"endsAt\":\"2100-01-01T00:00:00Z\"}",
          "RE2")
    }) {
      Rig.Answer answer =
          rig.http(HttpMethod.POST, bad.path(), Rig.OPERATOR, Buffer.buffer(bad.body()));
      assertThat(answer.status()).as(bad.body()).isEqualTo(400);
      assertThat(answer.body().toString()).as(bad.body()).contains(bad.expected());
    }
    assertThat(rig.get("/api/v2/alerts?filter=%3D").status()).isEqualTo(400);
    assertThat(rig.get("/api/v2/alerts?active=perhaps").status()).isEqualTo(400);
    assertThat(rig.get("/api/v2/silence/none").status()).isEqualTo(404);
  }

  @Test
  void hostileLabelsTravelUnharmed() {
    String nasty = "\u0000\n\"\\<script>\uD83D\uDE00";
    rig.raise(Examples.finding(5, 1, "Nasty", Map.of("host", nasty), Transition.FIRING));
    assertThat(rig.change().getJsonObject("labels").getString("host")).isEqualTo(nasty);
    FakeWebhook.Received told = hook.next();
    assertThat(told.body().getJsonObject("commonLabels").getString("host")).isEqualTo(nasty);
    assertThat(rig.settled(told.headers().get("Idempotency-Key")).state()).isEqualTo("sent");
  }

  @Test
  void refusedForNowIsSentAgainWithoutBeingCalledADuplicate() {
    hook.answers(
        (n, request) -> request.response().setStatusCode(n < 3 ? 503 : 200).end());
    rig.raise(Examples.finding(1, "a", Transition.FIRING));
    String id = hook.next().headers().get("Idempotency-Key");
    assertThat(hook.next().headers().get("Idempotency-Key")).isEqualTo(id);
    FakeWebhook.Received third = hook.next();
    assertThat(third.headers().get("Vedette-Attempt")).isEqualTo("3");
    assertThat(third.headers().contains("Vedette-Possible-Duplicate")).isFalse();
    NotificationRow row = rig.settled(id);
    assertThat(row.attempt()).isEqualTo(3);
    assertThat(row.duplicate()).isEmpty();
    assertThat(records("notification.retry")).isEqualTo(2);
    assertThat(records("notification.sent")).isEqualTo(1);
  }

  @Test
  void brokenOffIsSentAgainAndNamesTheReason() {
    hook.answers((n, request) -> {
      if (n == 1) {
        request.connection().close();
      } else {
        request.response().end();
      }
    });
    rig.raise(Examples.finding(1, "a", Transition.FIRING));
    hook.next();
    FakeWebhook.Received second = hook.next();
    assertThat(second.headers().get("Vedette-Possible-Duplicate"))
        .contains("attempt 1")
        .contains("broken_off");
    assertThat(rig.settled(second.headers().get("Idempotency-Key")).duplicate())
        .contains("attempt 1");
  }

  @Test
  void refusedForGoodFailsOnceAndSaysWhy() {
    hook.answers((n, request) -> request.response().setStatusCode(400).end("no such channel"));
    rig.raise(Examples.finding(1, "a", Transition.FIRING));
    NotificationRow row = rig.settled(hook.next().headers().get("Idempotency-Key"));
    assertThat(row.state()).isEqualTo("failed");
    assertThat(row.detail()).isEqualTo("HTTP 400 no such channel");
    assertThat(records("notification.failed")).isEqualTo(1);
  }

  @Test
  void reloadTakesNewReceiversIntoUseAndRefusesBrokenOnes() {
    FakeWebhook other = new FakeWebhook(outside);
    rig.reconfigure(yaml(other.url()));
    assertThat(rig.http(HttpMethod.POST, "/-/reload", Rig.OPERATOR, Buffer.buffer())
            .status())
        .isEqualTo(200);
    rig.raise(Examples.finding(1, "a", Transition.FIRING));
    other.next();
    rig.counted("vedette.alert.reloads", 1);
    rig.reconfigure(yaml("nonsense"));
    Rig.Answer refused = rig.http(HttpMethod.POST, "/-/reload", Rig.OPERATOR, Buffer.buffer());
    assertThat(refused.status()).isEqualTo(500);
    assertThat(refused.body().toString())
        .contains("alert.receivers[0]")
        .contains("http or https URL");
    rig.raise(Examples.finding(2, "b", Transition.FIRING));
    other.next();
    assertThat(hook.count()).isZero();
    other.close();
  }

  @Test
  void changedFileIsTakenIntoUseWithoutAWord() {
    FakeWebhook other = new FakeWebhook(outside);
    rig.rewrite(yaml(other.url()));
    rig.counted("vedette.alert.reloads", 1);
    rig.raise(Examples.finding(1, "a", Transition.FIRING));
    other.next();
    assertThat(hook.count()).isZero();
    other.close();
  }

  @Test
  void stagesSayHowLongWhatTookAndHowMuchItWas() {
    Appender collector = new Appender(rig.database, rig.vertx.eventBus());
    Await.value(collector.append(
        AppendRequest.of(1, UUID.randomUUID(), 1, ManualClock.START_US, List.of())));
    Await.value(collector.close());
    // The batch of the finding was committed 90 s ago.
    at.execute(
        "UPDATE vedette.trail_batch SET number = 101, wall_us = wall_us - 90000000 WHERE number = 1");
    rig.raise(Examples.finding(1, "a", Transition.FIRING));
    NotificationRow row = rig.settled(hook.next().headers().get("Idempotency-Key"));

    rig.counted("vedette.stage.items", "notify", 1);
    assertThat(rig.stage("alert").count()).isEqualTo(1);
    assertThat(rig.stage("alert").totalTime(TimeUnit.SECONDS)).isBetween(90.0, 190.0);
    assertThat(rig.amount("vedette.stage.items", "alert")).isEqualTo(1);
    assertThat(rig.amount("vedette.stage.bytes", "alert"))
        .isEqualTo(at.number(
            "SELECT sum(octet_length(json)) FROM vedette.publication WHERE topic = 'alerts'"));
    assertThat(rig.stage("notify").count()).isEqualTo(1);
    assertThat(rig.stage("notify").totalTime(TimeUnit.SECONDS)).isBetween(1e-6, 100.0);
    assertThat(rig.amount("vedette.stage.bytes", "notify"))
        .isEqualTo(row.notice().length());
  }

  @Test
  void occupiedPortClosesOnlyThatDoor() {
    rig.close();
    int taken = Integer.parseInt(hook.url().replaceAll(".*:([0-9]+)/.*", "$1"));
    rig = Rig.start(at, folder, yaml(hook.url()).replace("port: 0", "port: " + taken));
    assertThat(rig.ports).isEmpty();
    assertThat(rig.ctx.health().isReady()).isTrue();
    assertThat(rig.health("alert.door"))
        .contains("alert.http.port")
        .contains(Integer.toString(taken));
    rig.raise(Examples.finding(1, "a", Transition.FIRING));
    hook.next();
  }
}
