package io.vedette.alert;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.model.Transition;
import io.vedette.store.Database;
import io.vedette.store.MicroClock;
import io.vedette.testkit.Await;
import io.vedette.testkit.TestDatabase;
import io.vedette.testkit.TestPostgres;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The service with no more rights than its own database role has. */
class OwnRoleTest {
  @TempDir
  private Path folder;

  @Test
  void roleOfTheServiceSufficesForEverythingItDoes() {
    TestDatabase at = TestPostgres.sharedWithoutFsync().fresh();
    Vertx outside = Vertx.vertx();
    FakeWebhook hook = new FakeWebhook(outside);
    at.execute("ALTER ROLE vedette_alert LOGIN PASSWORD 'alert'");
    String yaml = """
        alert:
          http: {port: 0}
          receivers: [{name: ops, webhook_configs: [{url: '%s'}]}]
          route: {receiver: ops, group_wait: 0s, group_interval: 10ms}
        """.formatted(hook.url());
    Database analyzer = at.connect(outside);
    Rig rig =
        new Rig(at, at.url().withUser("vedette_alert", "alert"), folder, yaml, MicroClock.SYSTEM);
    Rig.raise(analyzer, Examples.finding(1, "a", Transition.FIRING));
    rig.change();
    assertThat(hook.next().body().getString("status")).isEqualTo("firing");
    JsonArray posted = new JsonArray()
        .add(new JsonObject().put("labels", new JsonObject().put("alertname", "Up")));
    assertThat(rig.http(HttpMethod.POST, "/api/v2/alerts", Rig.OPERATOR, posted.toBuffer())
            .status())
        .isEqualTo(200);
    rig.change();
    JsonObject silence = new JsonObject()
        .put(
            "matchers", new JsonArray().add(new JsonObject().put("name", "host").put("value", "a")))
        .put("endsAt", "2100-01-01T00:00:00Z");
    Rig.Answer made =
        rig.http(HttpMethod.POST, "/api/v2/silences", Rig.OPERATOR, silence.toBuffer());
    assertThat(made.status()).isEqualTo(200);
    String id = made.body().toJsonObject().getString("silenceID");
    assertThat(rig.http(HttpMethod.DELETE, "/api/v2/silence/" + id, Rig.OPERATOR, Buffer.buffer())
            .status())
        .isEqualTo(200);
    Rig.raise(analyzer, Examples.finding(2, "a", Transition.CLEARED));
    hook.next();
    rig.get("/api/v2/alerts");
    rig.get("/api/v2/alerts?active=true");
    rig.http(HttpMethod.POST, "/api/v2/silences", Rig.VIEWER, silence.toBuffer());
    rig.http(HttpMethod.GET, "/api/v2/whatever", "nobody", Buffer.buffer());
    rig.close();
    assertThat(
            at.query(
                "SELECT concat_ws(' ', r ->> 'actor', r ->> 'action', r ->> 'target', r ->> 'outcome', r -> 'attributes' ->> 'repeats')"
                    + " FROM (SELECT convert_from(canonical, 'UTF8')::json AS r, index FROM vedette.record) r WHERE r ->> 'kind' = 'audit' ORDER BY index"))
        .as("reads and refusals, coalesced; what was changed is recorded with the change")
        .containsExactly(
            "vic api.read /api/v2/alerts success",
            "vic api.change /api/v2/silences denied",
            "anonymous api.read /api/v2 denied",
            "vic api.read /api/v2/alerts success 1");
    hook.close();
    Await.value(analyzer.close());
    Await.value(outside.close());
    at.close();
  }
}
