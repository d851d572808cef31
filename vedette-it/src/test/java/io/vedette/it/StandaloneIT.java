package io.vedette.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** {@code ./vedette up} as a user runs it: one instance for all tests but the last ones, which stop and kill it. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class StandaloneIT {
  private static final Duration SOON = Duration.ofSeconds(30);

  private static Path folder = Path.of("");

  private static final Duration FIRST_STATISTIC_LIMIT = Duration.ofSeconds(90);
  private static final Duration STAY = Duration.ofSeconds(35);
  private static final Duration SIGTERM_LIMIT = Duration.ofSeconds(20);
  private static final long RESIDENT_LIMIT = 512L << 20;

  @SuppressWarnings("NullAway.Init") // by start()
  private static VedetteProcess vedette;

  private static long begunNs;

  // Clients that stay while the other tests run: the first with the anonymous role, the second with
  // a token.
  private static @Nullable PlainClient bare;
  private static @Nullable PlainClient withToken;
  private static String viewer = "";
  private static long openedNs;

  @BeforeAll
  static void start() throws Exception {
    // Not a @TempDir: those are closed to the account that the database runs as when the tests run
    // as root.
    folder = Files.createTempDirectory(
        "vedette-it",
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    begunNs = System.nanoTime();
    // The idle limit is 12 s here: 35 s of life need the heartbeats.
    vedette = VedetteProcess.launch(
        folder, "--set", "edge.session.idle-limit=12s", "--set", "edge.auth.anonymous-role=viewer");
  }

  @AfterAll
  static void stop() throws IOException {
    if (bare != null) {
      bare.close();
    }
    if (withToken != null) {
      withToken.close();
    }
    if (vedette != null) {
      vedette.close();
    }
    Folders.delete(folder);
  }

  @Test
  @Order(1)
  void readyFileAndTokenAreTheOwnersAlone() throws IOException {
    assertThat(PosixFilePermissions.toString(
            Files.getPosixFilePermissions(folder.resolve("up.ready.json"))))
        .isEqualTo("rw-------");
    assertThat(PosixFilePermissions.toString(
            Files.getPosixFilePermissions(folder.resolve("data").resolve("admin-token"))))
        .isEqualTo("rw-------");
    assertThat(vedette.log()).doesNotContain(vedette.token());
  }

  @Test
  @Order(1)
  void theFirstLiveStatisticComesSoonAfterTheCommand() throws Exception {
    try (PlainClient client = new PlainClient(vedette.url("monitor"), 0)) {
      client.send("{\"type\":\"register\",\"address\":\"statistics.host\"}");
      Await.until(
          FIRST_STATISTIC_LIMIT.minusNanos(System.nanoTime() - begunNs),
          () -> client.messages,
          StandaloneIT::hasStatistic);
    }
  }

  private static boolean hasStatistic(List<String> messages) {
    return messages.stream()
        .anyMatch(message -> message.contains("\"rec\"") && message.contains("statistics.host"));
  }

  @Test
  @Order(2)
  void plainClientsAreWelcome() throws Exception {
    viewer = VedetteProcess.run(
            "token",
            "create",
            "--role",
            "viewer",
            "--ttl",
            "1h",
            "--data-dir",
            folder.resolve("data").toString())
        .strip();
    PlainClient one = new PlainClient(vedette.url("monitor"), 10);
    bare = one;
    PlainClient two = new PlainClient(vedette.url("monitor") + "?access_token=" + viewer, 10);
    withToken = two;
    openedNs = System.nanoTime();
    assertThat(one.firstMessage.get(10, TimeUnit.SECONDS)).contains("welcome");
    assertThat(two.firstMessage.get(10, TimeUnit.SECONDS)).contains("welcome");
    two.send("{\"type\":\"register\",\"address\":\"statistics.host\"}");
  }

  @Test
  @Order(2)
  void aRecordIsAcknowledgedByIndexAndReadBack() throws Exception {
    JsonNode receipt = VedetteProcess.JSON.readTree(vedette
        .post("collector", "/v1/records", "{\"message\":\"read me back\"}")
        .body());
    long index = receipt.path("first_index").asLong(-1);
    assertThat(index).isNotNegative();
    assertThat(vedette
            .json("edge", "/api/v1/records/" + index)
            .path("record")
            .path("message")
            .asText())
        .isEqualTo("read me back");
    assertThat(vedette.get("edge", "/api/v1/records/" + index + "/canonical").body())
        .contains("\"message\":\"read me back\"");
  }

  @Test
  @Order(3)
  void aLineFromLoggerBecomesARecord() throws Exception {
    Path logger = Tools.require("logger");
    // Live, not among the newest of the API: the history of the log files is being read at the same
    // time.
    try (PlainClient client = new PlainClient(vedette.url("monitor"), 0)) {
      client.send(
          "{\"type\":\"register\",\"address\":\"records\",\"headers\":{\"position\":\"new\",\"sampling\":\"none\"}}");
      Await.until(SOON, () -> client.messages, seen -> has(seen, "\"registered\""));
      ran(List.of(
          logger.toString(),
          "--server",
          "127.0.0.1",
          "--port",
          Integer.toString(vedette.port("collector.syslog")),
          "--udp",
          "--rfc5424",
          "hello from logger"));
      Await.until(SOON, () -> client.messages, seen -> has(seen, "hello from logger"));
    }
  }

  private static boolean has(List<String> messages, String part) {
    return messages.stream().anyMatch(message -> message.contains(part));
  }

  @Test
  @Order(3)
  void theCommandsOfTheReadmeDoWhatTheyPromise() throws Exception {
    Tools.require("curl");
    Tools.require("logger");
    String block = Readme.block("sh", "curl ");
    block = Readme.port(block, "localhost:8081", "localhost:" + vedette.port("collector.http"));
    block = Readme.port(block, "--port 5514", "--port " + vedette.port("collector.syslog"));
    try (PlainClient client = new PlainClient(vedette.url("monitor"), 0)) {
      client.send(
          "{\"type\":\"register\",\"address\":\"records\",\"headers\":{\"position\":\"new\",\"sampling\":\"none\"}}");
      Await.until(SOON, () -> client.messages, seen -> has(seen, "\"registered\""));
      Command done =
          Command.run(Duration.ofSeconds(20), Map.of(), "", List.of("sh", "-e", "-c", block));
      assertThat(done.code()).as(done.printed()).isZero();
      assertThat(done.printed()).contains("first_index");
      Await.until(
          SOON,
          () -> client.messages,
          seen -> has(seen, "\"message\":\"hello\"") && has(seen, "hello from logger"));
    }
  }

  @Test
  @Order(4)
  void hostStatisticsOfTheLastMinutesAreThere() throws Exception {
    Await.until(
        SOON,
        () -> vedette.json("edge", "/api/v1/statistics/host").path("series").size(),
        series -> series > 10);
  }

  @Test
  @Order(5)
  void theDemoRaisesItsAlertsAndTellsSomebody() throws Exception {
    String told =
        VedetteProcess.run("demo", "--data-dir", folder.resolve("data").toString());
    assertThat(told).contains("fired SshLoginsFailing", "fired DemoLatencyHigh", "#/alerts/");
    Await.until(
        SOON,
        () -> vedette.json("edge", "/api/v1/notifications").toString(),
        sent -> sent.contains("SshLoginsFailing"));
  }

  @Test
  @Order(6)
  void everyStageOfTheWayIsTimedAndItsVolumeCounted() throws Exception {
    for (String stage :
        List.of("collect", "process", "append", "analyse", "alert", "notify", "deliver")) {
      String tag = "{stage=\"" + stage + "\"";
      for (String meter : List.of(
          "vedette_stage_duration_seconds_count",
          "vedette_stage_duration_seconds_sum",
          "vedette_stage_bytes_total",
          "vedette_stage_items_total")) {
        Await.until(SOON, () -> overAllServices(meter + tag), value -> value > 0);
      }
    }
    try (PlainClient closed = new PlainClient(vedette.url("monitor"), 0)) {
      closed.firstMessage.get(10, TimeUnit.SECONDS);
      closed.sendBinary((byte) 0xff, (byte) 0xfe);
      assertThat(closed.closed.get(10, TimeUnit.SECONDS)).isEqualTo(1003);
    }
    for (String part : List.of("connect", "transfer", "close")) {
      Await.until(
          SOON,
          () -> Metrics.of(vedette, "edge").sum("vedette_edge_session_" + part + "_seconds_count"),
          count -> count > 0);
    }
  }

  private static double overAllServices(String meter) throws Exception {
    double sum = 0;
    for (String service : List.of("edge", "collector", "analyzer", "alert")) {
      sum += Metrics.of(vedette, service).sum(meter);
    }
    return sum;
  }

  @Test
  @Order(7)
  void aPlainBrowserClientThatOnlyListensAndSendsAHeartbeatStays() throws Exception {
    PlainClient one = Objects.requireNonNull(bare);
    PlainClient two = Objects.requireNonNull(withToken);
    long restMs = STAY.toMillis() - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - openedNs);
    assertThatThrownBy(() -> one.closed.get(Math.max(1, restMs), TimeUnit.MILLISECONDS))
        .isInstanceOf(TimeoutException.class);
    assertThat(two.closed).isNotDone();
    assertThat(one.messages).filteredOn(message -> message.contains("pong")).hasSizeBetween(3, 50);
    assertThat(hasStatistic(two.messages)).isTrue();
    assertThat(vedette.log()).doesNotContain(viewer);
  }

  @Test
  @Order(7)
  void metricsOfEveryServicePassPromtool() throws Exception {
    Path promtool = Tools.require("promtool");
    for (String service : List.of("edge", "collector", "analyzer", "alert")) {
      Metrics metrics = Metrics.of(vedette, service);
      metrics.passPromtool(promtool, service);
      assertThat(metrics.text()).contains("vedette_stage_duration_seconds");
    }
  }

  @Test
  @Order(7)
  void atRestTheProcessIsSmallerThanHalfAGibibyte() throws Exception {
    assertThat(vedette.residentBytes()).isLessThan(RESIDENT_LIMIT);
  }

  @Test
  @Order(8)
  void badInputGetsAClearAnswerAndDisturbsNobody() throws Exception {
    assertThat(vedette.post("collector", "/v1/records", "{\"message\":").statusCode())
        .isEqualTo(400);
    assertThat(vedette
            .post("collector", "/v1/records", "{\"message\":\"x\",\"severity\":42}")
            .body())
        .contains("severity", "42", "1..24");
    assertThat(vedette.get("edge", "/api/v1/records?limit=0").statusCode()).isEqualTo(400);
    assertThat(vedette.get("edge", "/nothing/here").statusCode()).isEqualTo(404);
    assertThat(vedette
            .post("collector", "/v1/records", "{\"message\":\"" + "a".repeat(8 << 20) + "\"}")
            .body())
        .contains("413", "collector.record.max-bytes");
    assertThat(vedette
            .post("collector", "/v1/records", "{\"message\":\"still here\"}")
            .statusCode())
        .isEqualTo(200);
  }

  @Test
  @Order(9)
  void aSecondUpOnTheFolderSaysWhoHasIt() throws Exception {
    String said = VedetteProcess.run("up", "--data-dir", folder.resolve("data").toString());
    assertThat(said).contains("running since", "pid " + vedette.pid(), vedette.url("edge"));
  }

  @Test
  @Order(10)
  void anOccupiedPortStopsTheStartAndNamesWhoHoldsIt() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Path other = Files.createDirectories(folder.resolve("other"));
      assertThatThrownBy(() -> VedetteProcess.run(
              "up",
              "--data-dir",
              other.toString(),
              "--set",
              "edge.http.port=" + taken.getLocalPort(),
              "--set",
              "collector.http.port=0",
              "--set",
              "collector.syslog.port=0",
              "--set",
              "analyzer.http.port=0",
              "--set",
              "alert.http.port=0"))
          .hasMessageContaining(Integer.toString(taken.getLocalPort()))
          .hasMessageContaining("edge.http.port")
          .hasMessageContaining(Long.toString(ProcessHandle.current().pid()));
    }
  }

  @Test
  @Order(11)
  void aWrongConfigurationIsRefusedWithFileLineAndWhatIsAllowed() throws Exception {
    Path file = Files.writeString(folder.resolve("wrong.yaml"), "edge:\n  http:\n    prot: 8080\n");
    assertThatThrownBy(() -> VedetteProcess.run("config", "--config", file.toString()))
        .hasMessageContaining("wrong.yaml:3")
        .hasMessageContaining("prot")
        .hasMessageContaining("port");
  }

  /** What a sender was told, by the first index of each answer. */
  @Test
  @Order(12)
  void nothingAcknowledgedIsLostWhenPostgresIsKilledUnderLoadAndItComesBackByItself()
      throws Exception {
    Map<Long, String> acknowledged = new LinkedHashMap<>();
    int refused = 0;
    for (int part = 0; part < 60; part++) {
      if (part == 20) {
        killPostmaster();
      }
      String message = "part " + part + " around the database's end";
      HttpResponse<String> answer =
          vedette.post("collector", "/v1/records", "{\"message\":\"" + message + "\"}\n");
      if (answer.statusCode() == 200) {
        long index =
            VedetteProcess.JSON.readTree(answer.body()).path("first_index").asLong(-1);
        acknowledged.put(index, message);
      } else {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
        assertThat(answer.headers().firstValue("Retry-After")).isPresent();
        refused++;
        Await.until(
            SOON,
            () -> vedette.get("collector", "/health/ready").statusCode(),
            status -> status == 200);
      }
    }
    assertThat(refused).isLessThan(20);
    for (Map.Entry<Long, String> one : acknowledged.entrySet()) {
      assertThat(vedette
              .json("edge", "/api/v1/records/" + one.getKey())
              .path("record")
              .path("message")
              .asText())
          .isEqualTo(one.getValue());
    }
  }

  private static void killPostmaster() throws IOException {
    Path file = folder.resolve("data").resolve("pgdata").resolve("postmaster.pid");
    long pid = Long.parseLong(Files.readAllLines(file).get(0).strip());
    assertThat(ProcessHandle.of(pid).map(ProcessHandle::destroyForcibly)).contains(true);
  }

  @Test
  @Order(13)
  void nothingAcknowledgedIsLostWhenTheProcessIsKilledAndTokenAndKeyStay() throws Exception {
    String body = "{\"message\":\"before the kill\"}\n".repeat(500);
    JsonNode receipt = VedetteProcess.JSON.readTree(
        vedette.post("collector", "/v1/records", body).body());
    long last = receipt.path("last_index").asLong(-1);
    String token = vedette.token();
    String key = vedette.trailKey();

    vedette.kill();
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());
      vedette = VedetteProcess.launch(
          folder, "--set", "collector.syslog.port=" + port, "--set", "alert.http.port=" + port);

      assertThat(vedette.log())
          .as("doors that stay closed while everything else runs")
          .contains("collector.syslog.port: port " + port + " is in use by")
          .contains("alert.http.port: port " + port + " is in use by");
    }
    assertThat(vedette.token()).isEqualTo(token);
    assertThat(vedette.trailKey()).isEqualTo(key);
    assertThat(vedette
            .json("edge", "/api/v1/records/" + last)
            .path("record")
            .path("message")
            .asText())
        .isEqualTo("before the kill");
    assertThat(vedette
            .post("collector", "/v1/records", "{\"message\":\"after it\"}")
            .statusCode())
        .isEqualTo(200);
  }

  @Test
  @Order(14)
  void stopsCleanlyAtSigterm() throws Exception {
    long beganNs = System.nanoTime();
    assertThat(vedette.stop()).isZero();
    assertThat(Duration.ofNanos(System.nanoTime() - beganNs)).isLessThan(SIGTERM_LIMIT);
    assertThat(vedette.log()).contains("stopped");
  }

  private static void ran(List<String> command) throws Exception {
    Command done = Command.run(Duration.ofSeconds(20), command);
    assertThat(done.code()).as(done.printed()).isZero();
  }
}
