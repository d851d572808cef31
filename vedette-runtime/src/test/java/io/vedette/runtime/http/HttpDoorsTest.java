package io.vedette.runtime.http;

import static io.vedette.runtime.Awaits.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vedette.runtime.Health;
import io.vedette.runtime.ServiceContext;
import io.vedette.runtime.auth.Access;
import io.vedette.runtime.auth.Principal;
import io.vedette.runtime.auth.Role;
import io.vedette.runtime.auth.TokenLookup;
import io.vedette.runtime.config.Config;
import io.vedette.runtime.config.ConfigException;
import io.vedette.runtime.metrics.Metrics;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.BodyHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpDoorsTest {
  private final PrometheusMeterRegistry metrics = Metrics.registry();
  private final Vertx vertx = Vertx.vertx();
  private final TokenLookup tokens = token -> Future.succeededFuture(Role.parse(token)
      .map(role -> new Principal("ada", Set.of(role), Set.of(1), Principal.NEVER, "t")));

  @AfterEach
  void close() {
    await(vertx.close());
  }

  private ServiceContext context(Map<String, String> sets) {
    return ServiceContext.create(vertx, Config.of(sets), metrics, tokens, true, false);
  }

  private int open(ServiceContext context) {
    Router router = context.http().router("mill");
    router.get("/open").handler(ctx -> ctx.response().end("open"));
    router
        .route("/viewer")
        .handler(context.access().require(Role.VIEWER))
        .handler(BodyHandler.create(false).setBodyLimit(10))
        .handler(ctx ->
            ctx.response().end(Access.principal(ctx).name() + " " + ctx.body().length()));
    router.get("/broken").handler(ctx -> {
      throw new IllegalStateException("secret of the house");
    });
    router.get("/gone").handler(ctx -> vertx.eventBus().request("nobody", "").onFailure(ctx::fail));
    router
        .get("/json")
        .handler(ctx -> ctx.json(new JsonObject(ctx.queryParam("q").get(0))));
    router.get("/cut").handler(ctx -> {
      ctx.response().setChunked(true);
      ctx.response()
          .write("begun")
          .onComplete(written -> ctx.fail(new IllegalStateException("later")));
    });
    return await(context
            .http()
            .listen(router, context.http().options(), "127.0.0.1", 0, "mill.http.port"))
        .actualPort();
  }

  private static JsonObject body(String response) {
    return new JsonObject(response.substring(response.indexOf("\r\n\r\n") + 4));
  }

  private static void assertProblem(String response, int status, String type) {
    assertThat(response)
        .matches("(?s)HTTP/1.[01] " + status + " .*")
        .containsIgnoringCase("content-type: application/problem+json");
    assertThat(body(response).getString("type")).isEqualTo("urn:vedette:problem:" + type);
    assertThat(body(response).getInteger("status")).isEqualTo(status);
    assertThat(body(response).getString("detail")).isNotBlank();
  }

  @Test
  void answersHaveSecurityHeadersAndARequestId() {
    int port = open(context(Map.of()));

    assertThat(Raw.get(port, "/open", "X-Request-Id: abc-1\r\n"))
        .startsWith("HTTP/1.1 200 OK")
        .endsWith("open")
        .containsIgnoringCase("x-request-id: abc-1")
        .containsIgnoringCase("x-content-type-options: nosniff")
        .containsIgnoringCase("cache-control: no-store")
        .containsIgnoringCase("content-security-policy: default-src 'none'");
    assertThat(Raw.get(port, "/open", "X-Request-Id: <script>\r\n")).doesNotContain("<script>");
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /nothing,        404, not-found",
    "POST, /open,          405, method-not-allowed",
    "GET, /broken,         500, internal",
    "GET, /gone,           503, unavailable",
    "GET, /json?q=%7B,     400, bad-request",
    "GET, /viewer,         401, token-missing",
  })
  void everyFailureIsAProblem(String method, String path, int status, String type) {
    String response = Raw.request(open(context(Map.of())), method, path, "", "");

    assertProblem(response, status, type);
    assertThat(response).doesNotContain("secret of the house");
  }

  @Test
  void brokenRequestsAreProblemsToo() {
    int port = open(context(Map.of()));

    assertProblem(
        Raw.send(port, "GET /" + "a".repeat(5_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        414,
        "uri-too-long");
    assertProblem(
        Raw.send(
            port, "GET / HTTP/1.1\r\nHost: localhost\r\nX: " + "a".repeat(20_000) + "\r\n\r\n"),
        431,
        "headers-too-large");
    assertProblem(Raw.send(port, "\u0001\u0002 garbage\r\n\r\n"), 400, "bad-request");
  }

  @Test
  void bodyBeyondTheLimitIsTooLarge() {
    int port = open(context(Map.of()));

    assertProblem(
        Raw.request(port, "POST", "/viewer", "Authorization: Bearer viewer\r\n", "12345678901"),
        413,
        "too-large");
    assertThat(
            Raw.request(port, "POST", "/viewer", "Authorization: Bearer viewer\r\n", "1234567890"))
        .endsWith("ada 10");
  }

  /** Whoever is refused before the body is read and goes on by the same connection used to wait for nothing, or must be told that it ends. */
  @ParameterizedTest
  @CsvSource({
    "/viewer,  nonsense, 1000,    401",
    "/viewer,  ingest,   300000,  403",
    "/nothing, viewer,   300000,  404",
    "/open,    viewer,   300000,  405",
    "/viewer,  ingest,   5000000, 403",
  })
  void refusedBodyLeavesAConnectionThatAnswersOrSaysThatItEnds(
      String path, String token, int length, int status) throws IOException {
    int port = open(context(Map.of()));
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(30_000);
      String head = " HTTP/1.1\r\nHost: localhost:" + port + "\r\n";
      Thread writer = new Thread(() -> {
        try {
          OutputStream out = socket.getOutputStream();
          out.write(("POST " + path + head + "Authorization: Bearer " + token
                  + "\r\nContent-Length: " + length + "\r\n\r\n")
              .getBytes(StandardCharsets.UTF_8));
          out.write(new byte[length]);
          out.write(
              ("GET /open" + head + "Connection: close\r\n\r\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException closed) {
          // the server has said so: judged below by what it answered
        }
      });
      writer.start();
      StringBuilder answers = new StringBuilder();
      try {
        InputStream in = socket.getInputStream();
        for (int c = in.read(); c >= 0; c = in.read()) {
          answers.append((char) c);
        }
      } catch (SocketException reset) {
        // by a server that has answered and closed while more came
      }
      assertThat(answers.toString()).startsWith("HTTP/1.1 " + status + " ");
      assertThat(answers.toString())
          .satisfiesAnyOf(all -> assertThat(all).endsWith("open"), all -> assertThat(all)
              .containsIgnoringCase("connection: close"));
    }
  }

  @Test
  void answerThatFailsUnderWayIsCutOff() {
    assertThat(Raw.get(open(context(Map.of())), "/cut", ""))
        .contains("begun")
        .doesNotEndWith("0\r\n\r\n");
  }

  @Test
  void whatOnlyBeginsLikeHealthIsMisdirectedToo() {
    int port = open(context(Map.of()));
    for (String path : List.of(
        "/health/../open",
        "/health/live/../../open",
        "/health/%2e%2e/open",
        "/health/.%2E/metrics",
        "//health/../open")) {
      assertProblem(Raw.get(port, path, "Host: evil.example.org\r\n"), 421, "wrong-host");
    }
    assertThat(Raw.get(port, "/health/../open", "")).startsWith("HTTP/1.1 200");
  }

  @Test
  void anotherHostOverLoopbackIsMisdirectedExceptForHealth() {
    int port = open(context(Map.of("http.hosts", "vedette.example.org")));

    assertProblem(Raw.get(port, "/open", "Host: evil.example.org\r\n"), 421, "wrong-host");
    assertProblem(Raw.get(port, "/metrics", "Host: evil.example.org\r\n"), 421, "wrong-host");
    assertThat(Raw.get(port, "/open", "Host: vedette.example.org:" + port + "\r\n"))
        .startsWith("HTTP/1.1 200");
    assertThat(Raw.get(port, "/open", "Host: [::1]:" + port + "\r\n")).startsWith("HTTP/1.1 200");
    assertThat(Raw.get(port, "/health/live", "Host: evil.example.org\r\n"))
        .startsWith("HTTP/1.1 200");
    assertThat(Raw.get(port, "/health/ready", "Host: 10.1.2.3\r\n")).startsWith("HTTP/1.1 200");
  }

  @Test
  void requestWithoutAHostIsRefused() {
    assertThat(Raw.send(open(context(Map.of())), "GET /open HTTP/1.0\r\n\r\n"))
        .startsWith("HTTP/1.0 421");
  }

  @Test
  void tokensComeByHeaderOrCookieNeverByQuery() {
    int port = open(context(Map.of()));

    assertThat(Raw.get(port, "/viewer", "Authorization: bearer viewer\r\n"))
        .startsWith("HTTP/1.1 200");
    assertThat(Raw.get(port, "/viewer", "Cookie: vedette=admin\r\n")).startsWith("HTTP/1.1 200");
    assertProblem(Raw.get(port, "/viewer?access_token=viewer", ""), 401, "token-missing");
    assertProblem(
        Raw.get(port, "/viewer", "Authorization: Basic dmlld2VyOg==\r\n"), 401, "token-bad");
    assertProblem(Raw.get(port, "/viewer", "Authorization: Bearer nonsense\r\n"), 401, "token-bad");
    assertProblem(Raw.get(port, "/viewer", "Authorization: Bearer ingest\r\n"), 403, "not-allowed");
    assertThat(Raw.get(port, "/viewer", "")).containsIgnoringCase("www-authenticate: Bearer");
  }

  @Test
  void cookieChangesNothingForAPageOfAnotherOrigin() {
    int port = open(context(Map.of("http.origins", "https://portal.example.org")));
    String cookie = "Cookie: vedette=viewer\r\n";

    assertProblem(Raw.request(port, "POST", "/viewer", cookie, "1"), 403, "foreign-origin");
    assertProblem(
        Raw.request(port, "POST", "/viewer", cookie + "Origin: https://evil.example.org\r\n", "1"),
        403,
        "foreign-origin");
    assertProblem(
        Raw.request(port, "POST", "/viewer", cookie + "Origin: null\r\n", "1"),
        403,
        "foreign-origin");
    assertProblem(
        Raw.request(port, "POST", "/viewer", cookie + "Origin: http://localhost:1\r\n", "1"),
        403,
        "foreign-origin");
    assertThat(Raw.request(
            port, "POST", "/viewer", cookie + "Origin: http://localhost:" + port + "\r\n", "1"))
        .startsWith("HTTP/1.1 200");
    assertThat(Raw.request(
            port, "POST", "/viewer", cookie + "Origin: https://portal.example.org\r\n", "1"))
        .startsWith("HTTP/1.1 200");
    assertThat(
            Raw.request(port, "POST", "/viewer", cookie + "Sec-Fetch-Site: same-origin\r\n", "1"))
        .startsWith("HTTP/1.1 200");
    assertThat(Raw.request(
            port,
            "POST",
            "/viewer",
            "Authorization: Bearer viewer\r\nOrigin: https://evil.example.org\r\n",
            "1"))
        .startsWith("HTTP/1.1 200");
  }

  @Test
  void readinessListsWhatIsDegraded() {
    ServiceContext context = context(Map.of());
    context.health().register("mill.database", () -> Health.Check.degraded("reads answer 503"));
    int port = open(context);

    String degraded = Raw.get(port, "/health/ready", "");
    assertThat(degraded).startsWith("HTTP/1.1 200");
    assertThat(body(degraded).getString("status")).isEqualTo("degraded");
    assertThat(body(degraded).getJsonArray("degraded")).containsExactly("mill.database");

    context.health().drain("SIGTERM");
    assertThat(Raw.get(port, "/health/ready", "")).startsWith("HTTP/1.1 503");
    assertThat(body(Raw.get(port, "/health/live", "")))
        .isEqualTo(new JsonObject().put("status", "up").put("service", "mill"));
  }

  @Test
  void metricsAreFreeOnLoopbackUnlessAProxySpeaks() {
    int port = open(context(Map.of()));

    assertThat(Raw.get(port, "/metrics", ""))
        .startsWith("HTTP/1.1 200")
        .containsIgnoringCase("content-type: text/plain; version=0.0.4");
    assertProblem(
        Raw.get(port, "/metrics", "X-Forwarded-For: 203.0.113.7\r\n"), 401, "token-missing");
    assertThat(Raw.get(
            port, "/metrics", "X-Forwarded-For: 203.0.113.7\r\nAuthorization: Bearer viewer\r\n"))
        .startsWith("HTTP/1.1 200");
  }

  @Test
  void metricsCanBePublic() {
    assertThat(Raw.get(
            open(context(Map.of("metrics.public", "true"))),
            "/metrics",
            "Forwarded: for=203.0.113.7\r\n"))
        .startsWith("HTTP/1.1 200");
  }

  @Test
  void takenPortNamesItsHolder() {
    ServiceContext context = context(Map.of());
    int port = open(context);
    Router router = context.http().router("mill");
    Vertx another = Vertx.vertx(); // one Vert.x shares a port between its servers
    try {
      HttpDoors doors =
          new HttpDoors(another, Config.of(Map.of()), metrics, context.health(), context.access());

      assertThatThrownBy(() ->
              await(doors.listen(router, doors.options(), "127.0.0.1", port, "mill.http.port")))
          .isInstanceOfSatisfying(
              PortTakenException.class, taken -> assertThat(taken.port()).isEqualTo(port))
          .hasMessageStartingWith("mill.http.port: ")
          .hasMessageContaining(Integer.toString(port));
    } finally {
      await(another.close());
    }
  }

  @Test
  void addressOfAnotherMachineIsNamed() {
    ServiceContext context = context(Map.of());

    assertThatThrownBy(() -> await(context
            .http()
            .listen(
                context.http().router("mill"),
                context.http().options(),
                "203.0.113.7",
                0,
                "mill.http.port")))
        .hasMessageContaining("mill.http.port: cannot listen on 203.0.113.7:0");
  }

  @Test
  void halfATlsConfigurationIsRefused() {
    ServiceContext context = context(Map.of("http.tls.cert", "cert.pem"));

    assertThatThrownBy(() -> context.http().isTls())
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("http.tls.cert and http.tls.key together");
  }

  @Test
  void onlyADirectSenderIsTakenForLocal() {
    ServiceContext context = context(Map.of());
    Router router = context.http().router("mill");
    router.get("/who").handler(ctx -> ctx.response()
        .end(Access.loopbackSender(ctx.request()).map(Principal::name).orElse("nobody")));
    HttpServer server = await(
        context.http().listen(router, context.http().options(), "127.0.0.1", 0, "mill.http.port"));

    assertThat(Raw.get(server.actualPort(), "/who", "")).endsWith("loopback");
    for (String header :
        new String[] {"Forwarded: for=x", "X-Forwarded-For: x", "X-Real-IP: x", "x-real-ip: x"}) {
      assertThat(Raw.get(server.actualPort(), "/who", header + "\r\n")).endsWith("nobody");
    }
  }
}
