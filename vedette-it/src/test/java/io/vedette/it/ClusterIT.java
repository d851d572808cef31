package io.vedette.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.vedette.postgres.EmbeddedPostgres;
import io.vedette.postgres.EmbeddedPostgresOptions;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Five processes that meet in one database: an analyzer is killed under load, and counts stay exact. */
class ClusterIT {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final int RECORDS = 2_000;
  private static final int KEYS = 10;
  private static final int PARTS = 20;

  @Test
  void countsStayExactWhenAnAnalyzerIsKilled() throws Exception {
    Path folder = Files.createTempDirectory(
        "vedette-it",
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    Path rules = Files.createDirectories(folder.resolve("rules"));
    Files.writeString(rules.resolve("count.yaml"), """
        rules:
          - alert: AllSeen
            on: records
            where: kind == "counted"
            group_by: target
            window: {size: 10m, slide: 1m}
            statistic: count
            condition: ">= 200"
            labels: {severity: info}
          - alert: OneMore
            on: records
            where: kind == "counted"
            group_by: target
            window: {size: 10m, slide: 1m}
            statistic: count
            condition: ">= 201"
            labels: {severity: info}
        """);
    Path data = Files.createDirectory(
        folder.resolve("db"),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    try (EmbeddedPostgres postgres =
        EmbeddedPostgres.start(EmbeddedPostgresOptions.in(data).withDatabase("vedette"))) {
      Map<String, String> urls = urls(VedetteProcess.run("db", "init", postgres.url("vedette")));
      try (VedetteProcess collector = service(
              folder,
              "collector",
              "collector",
              urls,
              "--set",
              "trail.origin=example.org/it",
              "--set",
              "collector.syslog.port=0");
          VedetteProcess first = service(
              folder, "analyzer", "analyzer-1", urls, "--set", "analyzer.rules.path=" + rules);
          VedetteProcess second = service(
              folder, "analyzer", "analyzer-2", urls, "--set", "analyzer.rules.path=" + rules);
          VedetteProcess alert = service(folder, "alert", "alert", urls);
          VedetteProcess edge = service(folder, "edge", "edge", urls)) {
        String admin = VedetteProcess.run(
                "token",
                "create",
                "--role",
                "admin",
                "--url",
                Objects.requireNonNull(urls.get("edge")))
            .strip();
        assertThat(alert.isAlive()).isTrue();
        edge.presents(admin);
        collector.presents(admin);

        first.presents(admin);
        second.presents(admin);
        alert.presents(admin);

        Await.until(
            SOON,
            () -> Metrics.of(second, "analyzer").sum("vedette_analyzer_partitions"),
            owned -> owned > 0);
        for (int part = 0; part < PARTS; part++) {
          if (part == 7) {
            assertThat(Metrics.of(second, "analyzer").sum("vedette_analyzer_partitions"))
                .as("partitions of the analyzer that is killed")
                .isPositive();
            second.kill();
          }
          post(collector, RECORDS / PARTS);
        }
        JsonNode alerts = Await.until(
            SOON,
            () -> edge.json("edge", "/api/v1/alerts").path("alerts"),
            found -> named(found, "AllSeen").size() == KEYS);
        for (JsonNode one : named(alerts, "AllSeen")) {
          assertThat(one.path("count").asLong()).as(one.toString()).isEqualTo(RECORDS / KEYS);
        }

        // One more of each key: had any been counted twice, its alert would have fired before.
        long firstExtra = post(collector, KEYS);
        alerts = Await.until(
            SOON,
            () -> edge.json("edge", "/api/v1/alerts").path("alerts"),
            found -> named(found, "OneMore").size() == KEYS);
        for (JsonNode one : named(alerts, "OneMore")) {
          assertThat(one.path("count").asLong()).as(one.toString()).isEqualTo(RECORDS / KEYS + 1);
          assertThat(one.path("lastIndex").asLong())
              .as("the record that raised %s", one)
              .isGreaterThanOrEqualTo(firstExtra);
        }
        Path promtool = Tools.require("promtool");
        Metrics.of(collector, "collector").passPromtool(promtool, "collector");
        Metrics.of(first, "analyzer").passPromtool(promtool, "analyzer");
        Metrics.of(alert, "alert").passPromtool(promtool, "alert");
        Metrics.of(edge, "edge").passPromtool(promtool, "edge");
        assertThat(first.isAlive()).isTrue();
      }
    } finally {
      Folders.delete(folder);
    }
  }

  /** So many records, each key in turn; answers the first one's index. */
  private static long post(VedetteProcess collector, int records) throws Exception {
    StringBuilder body = new StringBuilder();
    for (int i = 0; i < records; i++) {
      body.append("{\"kind\":\"counted\",\"action\":\"count\",\"target\":\"key-")
          .append(i % KEYS)
          .append("\"}\n");
    }
    HttpResponse<String> answer = collector.post("collector", "/v1/records", body.toString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return VedetteProcess.JSON.readTree(answer.body()).path("first_index").asLong(-1);
  }

  private static List<JsonNode> named(JsonNode alerts, String name) {
    List<JsonNode> found = new ArrayList<>();
    alerts.forEach(alert -> {
      if (alert.path("labels").path("alertname").asText().equals(name)) {
        found.add(alert);
      }
    });
    return found;
  }

  private static VedetteProcess service(
      Path folder, String service, String name, Map<String, String> urls, String... options)
      throws Exception {
    List<String> arguments = new ArrayList<>(List.of(
        service,
        "--set",
        service + ".http.port=0",
        "--set",
        "cluster.port=0",
        "--set",
        "cluster.bus-port=0"));
    arguments.addAll(List.of(options));
    return VedetteProcess.start(
        folder,
        name,
        arguments,
        Map.of("VEDETTE_DATABASE_URL", Objects.requireNonNull(urls.get(service))));
  }

  /** From what {@code db init} prints. */
  private static Map<String, String> urls(String printed) {
    Map<String, String> urls = new HashMap<>();
    Matcher line =
        Pattern.compile("(?m)^(\\w+).*VEDETTE_DATABASE_URL='([^']+)'").matcher(printed);
    while (line.find()) {
      urls.put(line.group(1), line.group(2));
    }
    return urls;
  }
}
