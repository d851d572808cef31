package io.vedette.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.edge.RawSocket.Seen;
import io.vedette.edge.RunningEdge.Answer;
import io.vedette.edge.api.Api;
import io.vedette.edge.resume.StatisticMemory;
import io.vedette.edge.trail.MemoryTrail;
import io.vedette.runtime.Addresses;
import io.vedette.runtime.auth.Role;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.lang.reflect.Field;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/**
 * Who may do what, walked whole: every kind of caller x every topic, every inbound address and every route. The tables are written down here, so that a topic, an address or a route without a row fails.
 */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // the edge is started before all tests
class AuthorisationMatrixTest {

  /** Tokens as {@link RunningEdge} knows them; {@code elsewhere} is an admin of another trail. */
  private static final List<String> CALLERS =
      List.of("", "nonsense", "viewer", "operator", "admin", "ingest", "elsewhere");

  private static final List<String> TOPICS =
      List.of("records", "findings", "alerts", "notifications", "cluster", "statistics.host");

  private static final Map<String, Role> SENDS = Map.of(
      "alerts.acknowledge", Role.OPERATOR,
      "silences.create", Role.OPERATOR,
      "silences.expire", Role.OPERATOR,
      "rules.apply", Role.ADMIN);

  /** "none" needs no token; "any" a token of any trail with that role. */
  private static final Map<String, String> ROUTES = new TreeMap<>(Map.ofEntries(
      Map.entry("GET /api/v1/records", "viewer"),
      Map.entry("GET /api/v1/records/{index}", "viewer"),
      Map.entry("GET /api/v1/records/{index}/canonical", "viewer"),
      Map.entry("GET /api/v1/records/canonical", "viewer"),
      Map.entry("GET /api/v1/records/{index}/proof", "viewer"),
      Map.entry("POST /api/v1/records/erase", "admin"),
      Map.entry("GET /api/v1/gaps", "viewer"),
      Map.entry("GET /api/v1/trail", "viewer"),
      Map.entry("GET /api/v1/trail/key", "viewer"),
      Map.entry("GET /api/v1/statistics", "viewer"),
      Map.entry("GET /api/v1/statistics/{name}", "viewer"),
      Map.entry("GET /api/v1/alerts", "viewer"),
      Map.entry("GET /api/v1/alerts/{fingerprint}", "viewer"),
      Map.entry("POST /api/v1/alerts/{fingerprint}/acknowledge", "operator"),
      Map.entry("GET /api/v1/notifications", "viewer"),
      Map.entry("GET /api/v1/findings", "viewer"),
      Map.entry("GET /api/v1/sources", "viewer"),
      Map.entry("GET /api/v1/rules", "viewer"),
      Map.entry("GET /api/v1/cluster", "viewer"),
      Map.entry("POST /api/v1/silences", "operator"),
      Map.entry("DELETE /api/v1/silences/{silenceID}", "operator"),
      Map.entry("GET /api/v1/session", "viewer"),
      Map.entry("POST /api/v1/session", "none"),
      Map.entry("DELETE /api/v1/session", "none"),
      Map.entry("GET /api/v1/openapi.json", "none")));

  /** The log itself, beside the API; open only with {@code trail.public}. */
  private static final List<String> LOG = List.of(
      "/checkpoint",
      "/tile/0/000.p/1",
      "/tile/entries/000.p/1",
      "/trails/1/checkpoint",
      "/trails/1/tile/0/000.p/1");

  private final List<String> reached = new CopyOnWriteArrayList<>();
  private RunningEdge edge;

  @BeforeAll
  void start() {
    edge = new RunningEdge(3, Map.of("edge.session.message-rate", "1000"));
    for (String address : List.of(
        Addresses.ALERT_ACKNOWLEDGE,
        Addresses.SILENCE_CREATE,
        Addresses.SILENCE_EXPIRE,
        Addresses.RULES_APPLY)) {
      edge.vertx.eventBus().<JsonObject>consumer(address, message -> {
        reached.add(address + " by " + message.headers().get(Addresses.PRINCIPAL) + " as "
            + message.headers().get(Addresses.ROLE));
        message.reply(new JsonObject().put("done", true));
      });
    }
  }

  @AfterAll
  void stop() {
    edge.close();
  }

  private static boolean has(String caller, Role needed) {
    for (Role role : Role.values()) {
      if (role.text().equals(caller)) {
        return role.allows(needed);
      }
    }
    return false;
  }

  private RawSocket open(String door, String caller) throws Exception {
    return caller.isEmpty()
        ? new RawSocket(edge.port, door)
        : new RawSocket(edge.port, door, "Authorization: Bearer " + caller);
  }

  @Test
  void topics() throws Exception {
    SoftAssertions all = new SoftAssertions();
    for (String door : List.of("/monitor", "/eventbus/websocket")) {
      for (String caller : CALLERS) {
        try (RawSocket socket = open(door, caller)) {
          int refused = caller.isEmpty() || caller.equals("nonsense")
              ? 4401
              : caller.equals("ingest") ? 4403 : 0;
          if (refused != 0) {
            all.assertThat(socket.closeCode()).as(door + " " + caller).isEqualTo(refused);
            continue;
          }
          for (String topic : TOPICS) {
            String row = door + " register " + topic + " by " + caller;
            socket.say("{\"type\":\"register\",\"address\":\"" + topic
                + "\",\"headers\":{\"position\":\"new\"}}");
            String answer = socket.nextBut("welcome", "head", "rec").text();
            all.assertThat(answer)
                .as(row)
                .contains(has(caller, Role.VIEWER) ? "\"type\":\"registered\"" : "access_denied");
          }
        }
      }
    }
    all.assertAll();
  }

  @Test
  void topicsAsEventStreams() throws Exception {
    SoftAssertions all = new SoftAssertions();
    HttpClient http = HttpClient.newHttpClient();
    for (String caller : CALLERS) {
      for (String topic : TOPICS) {
        String row = "/sse " + topic + " by " + caller;
        HttpRequest.Builder request = HttpRequest.newBuilder(
            URI.create("http://localhost:" + edge.port + "/sse?topics=" + topic));
        RunningEdge.bearer(caller).forEach(request::header);
        HttpResponse<InputStream> answer =
            http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        int expected = caller.isEmpty() || caller.equals("nonsense")
            ? 401
            : caller.equals("ingest") ? 403 : 200;
        all.assertThat(answer.statusCode()).as(row).isEqualTo(expected);
        try (BufferedReader lines =
            new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
          if (answer.statusCode() == 200) {
            String line = lines.readLine();
            while (line != null && !line.startsWith("event: ")) {
              line = lines.readLine();
            }
            all.assertThat(line)
                .as(row)
                .isEqualTo(has(caller, Role.VIEWER) ? "event: registered" : "event: err");
            all.assertThat(lines.readLine())
                .as(row)
                .contains(has(caller, Role.VIEWER) ? "registered" : "access_denied");
          }
        }
      }
    }
    all.assertAll();
  }

  /** SockJS' polls, for networks that block WebSockets. */
  @Test
  void topicsAndSendsOfTheFallbacks() {
    SoftAssertions all = new SoftAssertions();
    for (String caller : CALLERS) {
      Map<String, String> token = RunningEdge.bearer(caller);
      String session = "/eventbus/000/matrix" + caller;
      String opened = edge.poll(session + "/xhr", token, "").body();
      if (caller.isEmpty() || caller.equals("nonsense") || caller.equals("ingest")) {
        all.assertThat(opened)
            .as(caller)
            .startsWith(caller.equals("ingest") ? "c[4403," : "c[4401,");
        continue;
      }
      all.assertThat(opened).as(caller).isEqualTo("o\n");
      for (String topic : TOPICS) {
        String row = "register " + topic + " by " + caller + " polling";
        String told = say(
            session,
            token,
            "{\"type\":\"register\",\"address\":\"" + topic
                + "\",\"headers\":{\"position\":\"new\"}}",
            "registered",
            "access_denied");
        all.assertThat(told.contains("registered")).as(row).isEqualTo(has(caller, Role.VIEWER));
      }
      SENDS.forEach((address, needed) -> {
        int before = reached.size();
        String told = say(
            session,
            token,
            "{\"type\":\"send\",\"address\":\"" + address
                + "\",\"body\":{},\"replyAddress\":\"r1\"}",
            "done",
            "access_denied");
        all.assertThat(told.contains("done"))
            .as("send " + address + " by " + caller + " polling")
            .isEqualTo(has(caller, needed));
        all.assertThat(reached).hasSize(before + (has(caller, needed) ? 1 : 0));
      });
    }
    all.assertAll();
  }

  /** Says it and polls until one of the words is there. */
  private String say(String session, Map<String, String> token, String message, String... words) {
    String quoted = new io.vertx.core.json.JsonArray().add(message).encode();
    assertThat(edge.poll(session + "/xhr_send", token, quoted).status()).isEqualTo(204);
    while (true) {
      String told = edge.poll(session + "/xhr", token, "").body();
      for (String word : words) {
        if (told.contains(word)) {
          return told;
        }
      }
      assertThat(told).as("a message or a heartbeat").startsWith("a");
    }
  }

  /** The addresses of the bus are no topics: nobody registers or sends to one, whoever they are. */
  @Test
  void addressesOfTheBusAreNobodys() throws Exception {
    Set<String> addresses = new TreeSet<>(List.of(
        Addresses.statistic("host"),
        "statistics.",
        "statistics.*",
        "statistics.host*",
        "",
        "*",
        "#",
        "__vertx.reply.1",
        "__vertx.health",
        "Records",
        "records ",
        "records\\u0000"));
    for (Field field : Addresses.class.getFields()) {
      if (field.getType() == String.class) {
        addresses.add((String) field.get(null));
      }
    }
    SoftAssertions all = new SoftAssertions();
    int before = reached.size();
    try (RawSocket socket = open("/eventbus/websocket", "admin")) {
      for (String address : addresses) {
        for (String type : List.of("register", "send", "publish")) {
          socket.say("{\"type\":\"" + type + "\",\"address\":\"" + address
              + "\",\"body\":{},\"replyAddress\":\"r\"}");
          all.assertThat(socket.next().text())
              .as(type + " " + address)
              .contains("\"type\":\"err\"")
              .containsAnyOf("access_denied", "missing_address");
        }
      }
    }
    assertThat(reached).hasSize(before);
    all.assertAll();
  }

  @Test
  void sends() throws Exception {
    assertThat(BusActions.required()).as("rows of this test").isEqualTo(new TreeMap<>(SENDS));
    SoftAssertions all = new SoftAssertions();
    for (String caller : List.of("viewer", "operator", "admin", "elsewhere")) {
      try (RawSocket socket = open("/eventbus/websocket", caller)) {
        SENDS.forEach((address, needed) -> {
          String row = "send " + address + " by " + caller;
          int before = reached.size();
          socket.say("{\"type\":\"send\",\"address\":\"" + address
              + "\",\"body\":{},\"replyAddress\":\"r1\"}");
          String answer = text(socket);
          if (has(caller, needed)) {
            all.assertThat(answer)
                .as(row)
                .isEqualTo("{\"type\":\"rec\",\"address\":\"r1\",\"body\":{\"done\":true}}");
            all.assertThat(reached).as(row).hasSize(before + 1);
            all.assertThat(reached.get(before)).as(row).endsWith("by " + caller + " as " + caller);
          } else {
            all.assertThat(answer).as(row).contains("\"type\":\"err\"").contains("access_denied");
            all.assertThat(reached).as(row + ": nothing reached the bus").hasSize(before);
          }
        });
        for (String topic : TOPICS) {
          socket.say("{\"type\":\"publish\",\"address\":\"" + topic + "\",\"body\":{}}");
          all.assertThat(text(socket)).as("publish " + topic).contains("access_denied");
          socket.say("{\"type\":\"send\",\"address\":\"" + topic + "\",\"body\":{}}");
          all.assertThat(text(socket)).as("send " + topic).contains("access_denied");
        }
      }
    }
    all.assertAll();
  }

  private static String text(RawSocket socket) {
    try {
      Seen seen = socket.nextBut("welcome", "head");
      return seen.text();
    } catch (java.io.IOException broken) {
      throw new AssertionError(broken);
    }
  }

  private static String uri(String path) {
    return path.replace("{index}", "0")
        .replace("{name}", "host")
        .replace("{fingerprint}", "f")
        .replace("{silenceID}", "s");
  }

  private Answer ask(String method, String uri, String caller) {
    return edge.http(method, uri, RunningEdge.bearer(caller), "{}");
  }

  @Test
  void routes() {
    JsonObject paths =
        new JsonObject(ask("GET", "/api/v1/openapi.json", "").body()).getJsonObject("paths");
    Map<String, String> documented = new TreeMap<>();
    for (String path : paths.fieldNames()) {
      JsonObject operations = paths.getJsonObject(path);
      for (String method : operations.fieldNames()) {
        documented.put(
            method.toUpperCase(java.util.Locale.ROOT) + " " + path,
            operations.getJsonObject(method).getString("x-role"));
      }
    }
    assertThat(documented).as("rows of this test").isEqualTo(ROUTES);
    assertThat(served()).as("what is served is documented").isEqualTo(ROUTES.keySet());

    SoftAssertions all = new SoftAssertions();
    ROUTES.forEach((operation, needed) -> {
      String method = operation.substring(0, operation.indexOf(' '));
      String uri = uri(operation.substring(operation.indexOf(' ') + 1));
      for (String caller : CALLERS) {
        int before = reached.size();
        Answer answer = ask(method, uri, caller);
        String row =
            operation + " by " + (caller.isEmpty() ? "nobody" : caller) + ": " + answer.body();
        if (needed.equals("none")) {
          all.assertThat(answer.status()).as(row).isIn(200, 204, 400);
        } else if (caller.isEmpty() || caller.equals("nonsense")) {
          all.assertThat(answer.status()).as(row).isEqualTo(401);
          all.assertThat(answer.headers()).as(row).containsKey("WWW-Authenticate");
        } else if (has(caller, Role.parse(needed).orElseThrow())) {
          all.assertThat(answer.status()).as(row).isIn(200, 204, 400, 404, 503);
        } else {
          all.assertThat(answer.status()).as(row).isEqualTo(403);
          all.assertThat(reached).as(row + ": nothing reached the bus").hasSize(before);
        }
        if (answer.status() >= 400) {
          all.assertThat(answer.headers().get("Content-Type"))
              .as(row)
              .isEqualTo("application/problem+json");
        }
      }
    });
    all.assertAll();
  }

  /** Other spellings of a route are no way around its guard. */
  @Test
  void spellings() {
    SoftAssertions all = new SoftAssertions();
    for (String uri : List.of(
        "/api/v1/records/",
        "//api/v1/records",
        "/api//v1/records",
        "/api/v1/./records",
        "/api/v1/x/../records",
        "/api/v1/%72ecords",
        "/api/v1/records/%30",
        "/api/v1/records;a=b",
        "/API/v1/records",
        "/app/../api/v1/records",
        "/api/v1/records?access_token=viewer",
        "/api/v1/records/0%2fcanonical")) {
      for (String method : List.of("GET", "HEAD", "POST")) {
        Answer answer = edge.http(method, uri, Map.of(), "");
        all.assertThat(answer.status()).as(method + " " + uri).isGreaterThanOrEqualTo(400);
        all.assertThat(answer.body()).as(method + " " + uri).doesNotContain("\"m0\"");
      }
    }
    all.assertAll();
  }

  @Test
  void otherMethodsDoNothing() {
    SoftAssertions all = new SoftAssertions();
    Set<String> paths = new TreeSet<>();
    ROUTES.keySet().forEach(route -> paths.add(route.substring(route.indexOf(' ') + 1)));
    int before = reached.size();
    for (String path : paths) {
      for (String method : List.of("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND")) {
        if (!ROUTES.containsKey(method + " " + path) && !erase(method, path)) {
          all.assertThat(ask(method, uri(path), "admin").status())
              .as(method + " " + path)
              .isIn(404, 405);
        }
      }
    }
    assertThat(reached).hasSize(before);
    all.assertAll();
  }

  /** {@code GET /api/v1/records/erase} is a record whose index is no number. */
  private static boolean erase(String method, String path) {
    return method.equals("GET") && path.endsWith("/erase");
  }

  @Test
  void theLogNeedsATokenOfItsTrail() {
    SoftAssertions all = new SoftAssertions();
    for (String uri : LOG) {
      for (String caller : CALLERS) {
        int status = ask("GET", uri, caller).status();
        String row = uri + " by " + caller;
        if (caller.isEmpty() || caller.equals("nonsense")) {
          all.assertThat(status).as(row).isEqualTo(401);
        } else if (has(caller, Role.VIEWER)) {
          all.assertThat(status).as(row).isIn(200, 404, 503);
        } else {
          all.assertThat(status).as(row).isEqualTo(403);
        }
      }
    }
    all.assertAll();
  }

  /** What the routers of the API hold, in the document's spelling. */
  private Set<String> served() {
    Router router = Router.router(edge.vertx);
    MemoryTrail.side(edge.ctx).mount(router);
    new Api(
            edge.vertx,
            edge.store,
            new StatisticMemory(1 << 20, 1_000_000),
            edge.ctx.access(),
            VertxLoop::nowMicros)
        .mount(router);
    Set<String> served = new TreeSet<>();
    for (Route route : router.getRoutes()) {
      String path = route.getPath();
      if (path != null && path.startsWith("/api/v1/") && route.methods() != null) {
        List<String> parts = new ArrayList<>();
        for (String part : path.split("/", -1)) {
          parts.add(part.startsWith(":") ? "{" + part.substring(1) + "}" : part);
        }
        route
            .methods()
            .forEach(method -> served.add(method.name() + " " + String.join("/", parts)));
      }
    }
    return served;
  }
}
