package io.vedette.alert;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.model.Transition;
import io.vedette.testkit.Await;
import io.vedette.testkit.TestDatabase;
import io.vedette.testkit.TestPostgres;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Alertmanager's own command line tool, unmodified, against our API; where it is not found the test is skipped, unless {@code -Dtools.required}. */
class AmtoolTest {
  @TempDir
  private Path folder;

  private final TestDatabase at = TestPostgres.sharedWithoutFsync().fresh();
  private final Vertx outside = Vertx.vertx();
  private FakeWebhook hook;
  private Rig rig;

  @BeforeEach
  void start() throws Exception {
    hook = new FakeWebhook(outside);
    rig = Rig.start(at, folder, """
            alert:
              http: {port: 0}
              receivers: [{name: ops, webhook_configs: [{url: '%s'}]}]
              route: {receiver: log, routes: [{matchers: [severity=critical], receiver: ops, group_wait: 0s}]}
            """.formatted(hook.url()));
    Files.writeString(
        folder.resolve("http.yml"),
        "authorization:\n  type: Bearer\n  credentials: " + Rig.OPERATOR + "\n");
  }

  @AfterEach
  void stop() {
    rig.close();
    hook.close();
    Await.value(outside.close());
    at.close();
  }

  private static boolean found() {
    for (String path : System.getenv().getOrDefault("PATH", "").split(":")) {
      if (Files.isExecutable(Path.of(path, "amtool"))) {
        return true;
      }
    }
    return false;
  }

  private String amtool(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add("amtool");
    command.add("--alertmanager.url=http://127.0.0.1:" + rig.ports.get("alert.http"));
    command.add("--http.config.file=" + folder.resolve("http.yml"));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command)
        .redirectError(folder.resolve("stderr").toFile())
        .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue())
        .as(Files.readString(folder.resolve("stderr")))
        .isZero();
    return output;
  }

  @Test
  void queriesAndSilencesAndRoutes() throws Exception {
    boolean required = System.getProperty("tools.required") != null;
    if (!required) {
      Assumptions.assumeTrue(found(), "amtool not found");
    }
    rig.raise(Examples.finding(1, "web1", Transition.FIRING));
    hook.next();
    assertThat(amtool("alert", "query"))
        .contains("SshFailures")
        .contains("12 failed logins on web1")
        .contains("active");
    assertThat(amtool("alert", "query", "host=other")).doesNotContain("SshFailures");

    String id = amtool("silence", "add", "host=web1", "-a", "ann", "-c", "works", "-d", "1h")
        .strip();
    assertThat(amtool("silence", "query"))
        .contains(id)
        .contains("host=\"web1\"")
        .contains("works");
    assertThat(amtool("alert", "query")).doesNotContain("SshFailures");
    assertThat(amtool("alert", "query", "--silenced", "-o", "json"))
        .contains("\"silencedBy\":[\"" + id + "\"]");
    amtool("silence", "expire", id);
    assertThat(amtool("silence", "query")).doesNotContain(id);
    assertThat(amtool("silence", "query", "--expired")).contains(id);
    assertThat(amtool("alert", "query")).contains("SshFailures");

    amtool("alert", "add", "alertname=Posted", "severity=critical");
    assertThat(hook.next().body().getJsonObject("commonLabels").getString("alertname"))
        .isEqualTo("Posted");
    assertThat(amtool("config", "routes", "test", "severity=critical").strip()).isEqualTo("ops");
  }
}
