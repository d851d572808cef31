package io.vedette.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.edge.RunningEdge.Answer;
import io.vedette.runtime.auth.Principal;
import io.vedette.runtime.auth.Role;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tokens that end while their sessions live, and tokens broken in every way, at every place a token may stand. */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // the edge is started before all tests
class TokenEndTest {
  private static final String SECRET = "a secret of more than thirty-two bytes, for tests alone";
  private static final long SECOND_US = 1_000_000;

  /** Longest that a revoked token may live on, on a slow machine. */
  private static final long SECONDS_MS = 10_000;

  private RunningEdge edge;

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    Path secret = Files.writeString(folder.resolve("secret"), SECRET);
    edge = new RunningEdge(
        3,
        Map.of(
            "http.auth.cache",
            "500ms",
            "http.auth.jwt.keys",
            "[{algorithm: HS256, file: \"" + secret + "\"}]"));
  }

  @AfterAll
  void stop() {
    edge.close();
  }

  private List<RawSocket> everyDoor(String token) throws Exception {
    List<RawSocket> sockets = new ArrayList<>();
    for (String door :
        List.of("/monitor", "/eventbus/websocket", "/eventbus/000/" + token + "/websocket")) {
      sockets.add(new RawSocket(edge.port, door, "Authorization: Bearer " + token));
    }
    sockets.add(new RawSocket(
        edge.port,
        "/monitor",
        "Cookie: vedette=" + token,
        "Origin: http://localhost:" + edge.port));
    sockets.add(new RawSocket(
        edge.port, "/monitor", "Sec-WebSocket-Protocol: vedette.v1, bearer." + token));
    for (RawSocket socket : sockets) {
      assertThat(socket.status()).isEqualTo(101);
    }
    return sockets;
  }

  @Test
  void aRevokedTokenEndsItsSessionsAndNoOthers() throws Exception {
    edge.tokens.put("short-lived", RunningEdge.who("sam", Role.OPERATOR, 1, Principal.NEVER));
    edge.tokens.put("staying", RunningEdge.who("sam", Role.OPERATOR, 1, Principal.NEVER));
    List<RawSocket> sockets = everyDoor("short-lived");
    RawSocket other = new RawSocket(edge.port, "/monitor", "Authorization: Bearer staying");
    edge.tokens.remove("short-lived");
    long revokedNs = System.nanoTime();
    for (RawSocket socket : sockets) {
      assertThat(socket.closeCode()).isEqualTo(4401);
      socket.close();
    }
    assertThat((System.nanoTime() - revokedNs) / 1_000_000).isLessThan(SECONDS_MS);
    other.say("x");
    assertThat(other.nextBut("welcome").text()).contains("pong");
    other.close();
    assertThat(api("short-lived").status()).isEqualTo(401);
    assertThat(api("staying").status()).isEqualTo(200);
  }

  @Test
  void anExpiredTokenEndsItsSessions() throws Exception {
    long untilUs = VertxLoop.nowMicros() + 2 * SECOND_US;
    edge.tokens.put("brief", RunningEdge.who("bea", Role.VIEWER, 1, untilUs));
    List<RawSocket> sockets = everyDoor("brief");
    sockets.add(new RawSocket(edge.port, "/monitor?access_token=brief"));
    for (RawSocket socket : sockets) {
      assertThat(socket.closeCode()).isEqualTo(4401);
      socket.close();
    }
    assertThat(VertxLoop.nowMicros()).as("not before its time").isGreaterThanOrEqualTo(untilUs);
    assertThat(api("brief").status()).isEqualTo(401);
  }

  /** A session of the fallbacks is a series of requests: each is judged, and the stream between them ends as a socket does. */
  @Test
  void aRevokedTokenEndsTheFallbacksToo() throws Exception {
    edge.tokens.put("polling", RunningEdge.who("pia", Role.VIEWER, 1, Principal.NEVER));
    Map<String, String> token = RunningEdge.bearer("polling");
    String session = "/eventbus/001/polling1";
    assertThat(edge.poll(session + "/xhr", token, "").body()).isEqualTo("o\n");
    Answer sent = edge.poll(session + "/xhr_send", token, "[\"{}\"]");
    assertThat(sent.status()).isEqualTo(204);
    assertThat(edge.poll(session + "/xhr", token, "").body()).contains("missing_type");

    for (Map<String, String> others : List.of(
        Map.<String, String>of(), RunningEdge.bearer("nonsense"), RunningEdge.bearer("admin"))) {
      assertThat(edge.poll(session + "/xhr", others, "").body())
          .as("somebody else's session")
          .startsWith(
              others.isEmpty() || others.containsValue("Bearer nonsense") ? "c[4401," : "c[4403,");
      assertThat(edge.poll(session + "/xhr_send", others, "[\"{}\"]").status()).isIn(401, 403);
    }

    edge.tokens.remove("polling");
    RunningEdge.until("the session ends", () -> edge.sessions() == 0);
    assertThat(edge.poll(session + "/xhr_send", token, "[\"{}\"]").status()).isIn(401, 403, 404);
  }

  @Test
  void aRevokedTokenEndsItsEventStreamWithinSeconds() throws Exception {
    edge.tokens.put("streaming", RunningEdge.who("sue", Role.VIEWER, 1, Principal.NEVER));
    HttpResponse<InputStream> stream = HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(
                    URI.create("http://localhost:" + edge.port + "/sse?topics=alerts"))
                .header("Authorization", "Bearer streaming")
                .build(),
            HttpResponse.BodyHandlers.ofInputStream());
    assertThat(stream.statusCode()).isEqualTo(200);
    edge.tokens.remove("streaming");
    long revokedNs = System.nanoTime();
    String all = new String(stream.body().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(all).contains("event: close", "\"code\":4401", "\"reconnect\":false");
    assertThat((System.nanoTime() - revokedNs) / 1_000_000)
        .as("looked at each 3 s, known for 0.5 s")
        .isLessThan(SECONDS_MS);
  }

  @Test
  void aTokenThatMayLessOrMoreEndsItsSessions() throws Exception {
    edge.tokens.put("demoted", RunningEdge.who("dan", Role.OPERATOR, 1, Principal.NEVER));
    edge.tokens.put("dismissed", RunningEdge.who("dora", Role.OPERATOR, 1, Principal.NEVER));
    edge.tokens.put("kept", RunningEdge.who("kim", Role.OPERATOR, 1, Principal.NEVER));
    List<RawSocket> demoted = everyDoor("demoted");
    List<RawSocket> dismissed = everyDoor("dismissed");
    RawSocket kept = new RawSocket(edge.port, "/monitor", "Authorization: Bearer kept");
    edge.tokens.put("demoted", RunningEdge.who("dan", Role.VIEWER, 1, Principal.NEVER));
    edge.tokens.put("dismissed", RunningEdge.who("dora", Role.INGEST, 1, Principal.NEVER));
    edge.tokens.put("kept", RunningEdge.who("kim", Role.OPERATOR, 1, Principal.NEVER));
    for (RawSocket socket : demoted) {
      assertThat(socket.closeCode()).as("comes back as what it is now").isEqualTo(1001);
      socket.close();
    }
    for (RawSocket socket : dismissed) {
      assertThat(socket.closeCode()).isEqualTo(4403);
      socket.close();
    }
    kept.say("x");
    assertThat(kept.nextBut("welcome").text()).contains("pong");
    kept.close();
  }

  private Answer api(String token) {
    return edge.http("GET", "/api/v1/records", RunningEdge.bearer(token), "");
  }

  // broken in every way

  private static String part(String json) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }

  private static String jwt(String header, String claims) throws GeneralSecurityException {
    String signed = part(header) + "." + part(claims);
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    return signed + "."
        + Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(mac.doFinal(signed.getBytes(StandardCharsets.US_ASCII)));
  }

  private static final String HEADER = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";

  private static String claims(long expiresS, String role) {
    return "{\"sub\":\"joe\",\"role\":\"" + role + "\",\"exp\":" + expiresS + "}";
  }

  private static Map<String, String> broken() throws GeneralSecurityException {
    long nowS = VertxLoop.nowMicros() / SECOND_US;
    String good = jwt(HEADER, claims(nowS + 600, "viewer"));
    String[] parts = good.split("\\.", -1);
    Map<String, String> rows = new LinkedHashMap<>();
    rows.put("another's signature", parts[0] + "." + parts[1] + "." + "A".repeat(43));
    rows.put("signature cut", good.substring(0, good.length() - 4));
    rows.put("signature longer", good + "AAAA");
    rows.put("no signature", parts[0] + "." + parts[1] + ".");
    rows.put("two parts", parts[0] + "." + parts[1]);
    rows.put("four parts", good + "." + parts[2]);
    rows.put(
        "claims of another", parts[0] + "." + part(claims(nowS + 600, "admin")) + "." + parts[2]);
    rows.put("algorithm none", part("{\"alg\":\"none\"}") + "." + parts[1] + ".");
    rows.put("algorithm none, signed", jwt("{\"alg\":\"none\"}", claims(nowS + 600, "admin")));
    rows.put("algorithm NoNe", part("{\"alg\":\"NoNe\"}") + "." + parts[1] + ".");
    rows.put("algorithm RS256", part("{\"alg\":\"RS256\"}") + "." + parts[1] + "." + parts[2]);
    rows.put("no algorithm", jwt("{\"typ\":\"JWT\"}", claims(nowS + 600, "viewer")));
    rows.put("algorithm is a number", jwt("{\"alg\":5}", claims(nowS + 600, "viewer")));
    rows.put("header is no JSON", jwt("nonsense", claims(nowS + 600, "viewer")));
    rows.put("header is a list", jwt("[]", claims(nowS + 600, "viewer")));
    rows.put(
        "header names a file",
        jwt("{\"alg\":\"HS256\",\"kid\":\"../../../../dev/null\"}", claims(nowS - 600, "viewer")));
    rows.put("claims are no JSON", jwt(HEADER, "nonsense"));
    rows.put("claims are a list", jwt(HEADER, "[]"));
    rows.put("claims are empty", jwt(HEADER, "{}"));
    rows.put("expired", jwt(HEADER, claims(nowS - 600, "viewer")));
    rows.put("expires never", jwt(HEADER, "{\"sub\":\"joe\",\"role\":\"viewer\"}"));
    rows.put(
        "expires as text",
        jwt(HEADER, "{\"sub\":\"joe\",\"role\":\"viewer\",\"exp\":\"" + (nowS + 600) + "\"}"));
    rows.put("expires at -1", jwt(HEADER, claims(-1, "viewer")));
    rows.put(
        "valid from tomorrow",
        jwt(
            HEADER,
            "{\"sub\":\"joe\",\"role\":\"viewer\",\"exp\":" + (nowS + 200_000) + ",\"nbf\":"
                + (nowS + 86_400) + "}"));
    rows.put("no subject", jwt(HEADER, "{\"role\":\"viewer\",\"exp\":" + (nowS + 600) + "}"));
    rows.put(
        "empty subject",
        jwt(HEADER, "{\"sub\":\" \",\"role\":\"viewer\",\"exp\":" + (nowS + 600) + "}"));
    rows.put("unknown role", jwt(HEADER, claims(nowS + 600, "root")));
    rows.put(
        "role is a number",
        jwt(HEADER, "{\"sub\":\"joe\",\"role\":7,\"exp\":" + (nowS + 600) + "}"));
    rows.put(
        "trails are no numbers",
        jwt(
            HEADER,
            "{\"sub\":\"joe\",\"role\":\"viewer\",\"exp\":" + (nowS + 600)
                + ",\"trails\":[\"all\"]}"));
    rows.put("dots", "ey..");
    rows.put("only dots", "..");
    rows.put("padding", parts[0] + "==." + parts[1] + "." + parts[2] + "=");
    rows.put("too long", "x".repeat(3_000));
    rows.put("too long a JWT", jwt(HEADER, claims(nowS + 600, "viewer" + "r".repeat(2_500))));
    rows.put("unknown", "vd_0123456789abcdef");
    rows.put("a role's name", "VIEWER");
    rows.put("a quote", "viewer'--");
    rows.put("percent", "%00");
    rows.put("Bearer twice", "Bearer viewer");
    return rows;
  }

  @Test
  void brokenTokensAreRefusedWherever() throws Exception {
    long nowS = VertxLoop.nowMicros() / SECOND_US;
    assertThat(api(jwt(HEADER, claims(nowS + 600, "viewer"))).status())
        .as("a good one")
        .isEqualTo(200);
    for (Map.Entry<String, String> row : broken().entrySet()) {
      String token = row.getValue();
      assertThat(api(token).status()).as(row.getKey()).isEqualTo(401);
      assertThat(edge.http("POST", "/api/v1/session", Map.of(), "{\"token\":\"" + token + "\"}")
              .status())
          .as(row.getKey() + " for a cookie")
          .isEqualTo(401);
      boolean plain =
          token.chars().allMatch(c -> Character.isLetterOrDigit(c) || "._-".indexOf(c) >= 0);
      List<String[]> places = new ArrayList<>();
      places.add(new String[] {"/monitor", "Authorization: Bearer " + token});
      if (plain) {
        places.add(new String[] {"/monitor?access_token=" + token});
        places.add(new String[] {"/monitor", "Cookie: vedette=" + token});
        places.add(new String[] {"/monitor", "Sec-WebSocket-Protocol: bearer." + token});
      }
      for (String[] place : places) {
        String[] headers = place.length == 1 ? new String[0] : new String[] {place[1]};
        try (RawSocket socket = new RawSocket(edge.port, place[0], headers)) {
          String where = row.getKey() + " in " + String.join(" ", place);
          assertThat(socket.status()).as(where).isEqualTo(101);
          RawSocket.Seen seen = socket.next();
          assertThat(seen.closeCode()).as(where).isEqualTo(4401);
          assertThat(seen.text()).as("the reason does not show the token").doesNotContain(token);
        }
      }
    }
    for (String scheme : List.of("Basic dmlld2VyOng=", "viewer", "Bearer", "Bearer ", "bearer\t")) {
      assertThat(edge.http("GET", "/api/v1/records", Map.of("Authorization", scheme), "")
              .status())
          .as(scheme)
          .isEqualTo(401);
    }
  }
}
