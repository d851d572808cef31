package io.vedette.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** The trail of a real instance, as an auditor, a data-protection officer and an operator with a backup meet it. One instance for all; the last test puts yesterday's copy of its folder back. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class TrailIT {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String[] OPTIONS = {
    "--no-default-sources", "--set", "trail.signer-state-copy=auto"
  };

  private static Path folder = Path.of("");
  private static Map<String, String> home = Map.of();

  @SuppressWarnings("NullAway.Init") // by start()
  private static VedetteProcess vedette;

  @BeforeAll
  static void start() throws Exception {
    folder = Files.createTempDirectory(
        "vedette-it",
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    home = Map.of("XDG_STATE_HOME", folder.resolve("state").toString());
    vedette = VedetteProcess.up(folder, home, OPTIONS);
  }

  @AfterAll
  static void stop() throws IOException {
    if (vedette != null) {
      vedette.close();
    }
    Folders.delete(folder);
  }

  private static String data() {
    return folder.resolve("data").toString();
  }

  /** Appends and waits for the checkpoint that covers it; answers the receipt. */
  private static JsonNode append(int count) throws Exception {
    HttpResponse<String> answer =
        vedette.send(HttpRequest.newBuilder(URI.create(vedette.url("collector") + "/v1/records"))
            .header("Prefer", "wait=30")
            .POST(HttpRequest.BodyPublishers.ofString(
                "{\"message\":\"kept\",\"actor\":\"ann\"}\n".repeat(count))));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return VedetteProcess.JSON.readTree(answer.body());
  }

  private static String verifyFromOutside(int code, String... more) throws Exception {
    String[] arguments = {
      "trail",
      "verify",
      "--url",
      vedette.url("edge"),
      "--key",
      vedette.trailKey(),
      "--token",
      vedette.token()
    };
    String[] all = new String[arguments.length + more.length];
    System.arraycopy(arguments, 0, all, 0, arguments.length);
    System.arraycopy(more, 0, all, arguments.length, more.length);
    return VedetteProcess.run(code, home, all);
  }

  private static void sql(String statement) throws SQLException {
    try (Connection connection = owner();
        Statement query = connection.createStatement()) {
      query.execute(statement);
    }
  }

  private static long number(String question) throws SQLException {
    try (Connection connection = owner();
        Statement query = connection.createStatement();
        ResultSet rows = query.executeQuery(question)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  private static Connection owner() throws SQLException {
    URI url = URI.create(vedette.databaseUrl());
    String[] user = url.getRawUserInfo().split(":", 2);
    return DriverManager.getConnection(
        "jdbc:postgresql://" + url.getHost() + ":" + url.getPort() + url.getPath(),
        user[0],
        URLDecoder.decode(user[1], StandardCharsets.UTF_8));
  }

  private static String health() throws Exception {
    return vedette.get("edge", "/health/ready").body();
  }

  @Test
  @Order(1)
  void fromOutsideEveryRecordIsVerifiedAgainstTheSignedRoot() throws Exception {
    append(700);
    assertThat(verifyFromOutside(0))
        .containsPattern("ok: .* 7\\d\\d entries lead to the signed root; 7\\d\\d records belong"
            .replace(".*", "[\\s\\S]*"));
  }

  @Test
  @Order(2)
  void erasedRecordsAreExcusedByTheActAloneAndOtherProofsHold() throws Exception {
    long first = append(3).path("first_index").asLong();
    String proof = vedette.get("edge", "/api/v1/records/" + first + "/proof").body();
    HttpResponse<String> erased = vedette.post(
        "edge",
        "/api/v1/records/erase",
        "{\"reason\":\"a request\",\"purge\":false,\"indices\":[" + (first + 1) + "]}");
    assertThat(erased.statusCode()).as(erased.body()).isEqualTo(200);
    append(1); // the act is signed with it
    assertThat(verifyFromOutside(0)).contains(", 1 are gone, each named");
    assertThat(vedette
            .get("edge", "/api/v1/records/canonical?from=" + (first + 1) + "&to=" + (first + 2))
            .body())
        .isEqualTo("{\"index\":" + (first + 1) + ",\"gone\":\"erased\"}\n");

    Path file = Files.writeString(folder.resolve("p.tlog-proof"), proof);
    Path record = folder.resolve("r.json");
    Files.writeString(
        record, vedette.get("edge", "/api/v1/records/" + first + "/canonical").body());
    String[] check = {
      "trail", "check", file.toString(), "--record", record.toString(), "--key", vedette.trailKey()
    };
    assertThat(VedetteProcess.run(0, home, check)).contains("ok: the record has index " + first);
    byte[] flipped = Files.readAllBytes(record);
    flipped[20] ^= 1;
    Files.write(record, flipped);
    assertThat(VedetteProcess.run(2, home, check)).contains("WRONG");
  }

  /** Sixty reads are a record and, a minute later, a count of the others; a live subscriber to the trail gets what it caused once. */
  @Test
  @Order(3)
  void readsAreRecordedOnceSubscriptionsAtTheirStartAndEndAndNothingFeedsOnItself()
      throws Exception {
    for (int i = 0; i < 60; i++) {
      vedette.get("edge", "/api/v1/records/0");
      vedette.get("alert", "/api/v2/alerts");
    }
    try (PlainClient client =
        new PlainClient(vedette.url("monitor") + "?access_token=" + viewer(), 0)) {
      client.send(
          "{\"type\":\"register\",\"address\":\"records\",\"headers\":{\"position\":\"new\"}}");
      Await.until(SOON, () -> client.messages, seen -> seen.stream()
          .anyMatch(text -> text.contains("topic.subscribe")));
    }
    Await.until(SOON, () -> acts("topic.unsubscribe", "records"), count -> count == 1);
    assertThat(acts("topic.subscribe", "records")).isEqualTo(1);
    for (String target : List.of("/api/v1/records/0", "/api/v2/alerts")) {
      assertThat(acts("api.read", target)).as(target).isBetween(1L, 4L); // a minute may have ended
    }
    append(1); // a commit, so that whatever is under way is in the trail before the count
    long size = vedette.json("edge", "/api/v1/trail").path("size").asLong();
    append(1);
    append(1);
    assertThat(vedette.json("edge", "/api/v1/trail").path("size").asLong())
        .as("grows by what is sent, not by itself")
        .isLessThan(size + 20); // counts of minutes that end just now
  }

  private static long acts(String action, String target) throws SQLException {
    return number(
        "SELECT count(*) FROM (SELECT convert_from(canonical, 'UTF8')::json AS r FROM vedette.record) r"
            + " WHERE r ->> 'kind' = 'audit' AND r ->> 'action' = '" + action
            + "' AND r ->> 'target' = '" + target + "'");
  }

  @Test
  @Order(4)
  void aChangedRowRaisesAnAlertAndIsNamedFromOutside() throws Exception {
    long index = append(2).path("first_index").asLong();
    String change =
        "UPDATE vedette.record SET canonical = set_byte(canonical, 30, get_byte(canonical, 30) # 1) WHERE index = "
            + index;
    sql(change);
    assertThat(verifyFromOutside(2)).contains("WRONG: payload at index " + index);
    Await.until(
        SOON,
        () -> vedette.get("alert", "/api/v2/alerts").body(),
        alerts -> alerts.contains("TrailChanged"));
    assertThat(health()).contains("trail.verify").contains("payload at index " + index);
    sql(change); // and back
    Await.until(SOON, TrailIT::health, now -> !now.contains("payload at index"));
    assertThat(verifyFromOutside(0)).contains("ok: ");
  }

  /** The whole folder, database and key and the signer's memory in it, as it was before: only what lies outside of it knows better. */
  @Test
  @Order(5)
  void yesterdaysCopyIsNotSignedUntilItIsDeclared() throws Exception {
    append(10);
    assertThat(vedette.stop()).isZero();
    Path yesterday = folder.resolve("yesterday");
    copy(folder.resolve("data"), yesterday);

    vedette = VedetteProcess.up(folder, home, OPTIONS);
    JsonNode lost = append(50);
    Path receipt =
        Files.writeString(folder.resolve("receipt"), lost.path("checkpoint").asText());
    JsonNode before = vedette.json("edge", "/api/v1/trail");
    assertThat(vedette.stop()).isZero();
    Files.move(folder.resolve("data"), folder.resolve("today"));
    copy(yesterday, folder.resolve("data"));

    vedette = VedetteProcess.up(folder, home, OPTIONS);
    Await.until(
        SOON,
        TrailIT::health,
        now -> now.contains("checkpoints are not signed") && now.contains("vedette trail reopen"));
    assertThat(vedette.log()).contains("ERROR").contains("which were signed here");
    Await.until(
        SOON,
        () -> vedette.get("alert", "/api/v2/alerts").body(),
        alerts -> alerts.contains("TrailNotSigned"));
    assertThat(verifyFromOutside(2, "--since", receipt.toString()))
        .contains("WRONG: earlier checkpoint");

    // declared while everything runs
    String said = VedetteProcess.run(
        0, home, "trail", "reopen", "--data-dir", data(), "--reason", "yesterday's copy put back");
    assertThat(said).contains("reopened with").contains("are lost");
    Await.until(SOON, TrailIT::health, now -> !now.contains("checkpoints are not signed"));
    JsonNode after = vedette.json("edge", "/api/v1/trail");
    assertThat(after.path("epoch").asText()).isNotEqualTo(before.path("epoch").asText());
    assertThat(after.path("origin").asText()).isNotEqualTo(before.path("origin").asText());
    assertThat(vedette.get("edge", "/api/v1/gaps").body())
        .contains("trail reopened: yesterday's copy put back");
    assertPositionOf(before.path("epoch").asText() + ":5", "\"recovered\":false");
    assertThat(append(1).path("checkpoint").asText())
        .startsWith(after.path("origin").asText() + "\n");

    assertThat(vedette.stop()).isZero();
    vedette = VedetteProcess.up(folder, home, OPTIONS);
    append(5);
    assertThat(vedette.trailKey()).startsWith(after.path("origin").asText() + "+");
    assertThat(verifyFromOutside(0)).contains("ok: ");
    assertThat(VedetteProcess.run(0, home, "trail", "verify", "--data-dir", data()))
        .contains("ok: ");
  }

  private static void assertPositionOf(String position, String expected) throws Exception {
    try (PlainClient client =
        new PlainClient(vedette.url("monitor") + "?access_token=" + viewer(), 0)) {
      client.send("{\"type\":\"register\",\"address\":\"records\",\"headers\":{\"position\":\""
          + position + "\"}}");
      List<String> seen = Await.until(SOON, () -> client.messages, messages -> messages.stream()
          .anyMatch(text -> text.contains("\"registered\"")));
      assertThat(seen.stream().filter(text -> text.contains("\"registered\"")).findFirst())
          .hasValueSatisfying(text -> assertThat(text).contains(expected));
    }
  }

  private static String viewer() throws Exception {
    return VedetteProcess.run(
            0, home, "token", "create", "--role", "viewer", "--ttl", "1h", "--data-dir", data())
        .strip();
  }

  /** With owners: the database runs as an account of its own where the tests run as root. */
  private static void copy(Path from, Path to) throws Exception {
    Process copy = new ProcessBuilder("cp", "-a", from.toString(), to.toString())
        .inheritIO()
        .start();
    assertThat(copy.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(copy.exitValue()).isZero();
    assertThat(Objects.requireNonNull(to.toFile().list())).isNotEmpty();
  }
}
