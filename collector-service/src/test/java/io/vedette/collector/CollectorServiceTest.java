package io.vedette.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.vedette.model.Batch;
import io.vedette.model.RecordView;
import io.vedette.model.SampleBlock;
import io.vedette.runtime.About;
import io.vedette.runtime.Addresses;
import io.vedette.runtime.Codecs;
import io.vedette.runtime.Health;
import io.vedette.runtime.ServiceContext;
import io.vedette.runtime.auth.Access;
import io.vedette.runtime.auth.Role;
import io.vedette.runtime.config.Config;
import io.vedette.runtime.http.HttpDoors;
import io.vedette.runtime.metrics.Metrics;
import io.vedette.store.Database;
import io.vedette.store.auth.Tokens;
import io.vedette.store.trail.Trail;
import io.vedette.testkit.Await;
import io.vedette.testkit.TestDatabase;
import io.vedette.testkit.TestPostgres;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The collector as a whole, over real sockets on free ports, into a real trail. */
class CollectorServiceTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final String JWT_SECRET = "0123456789abcdef0123456789abcdef";

  @TempDir
  Path folder;

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final BlockingQueue<Batch> batches = new LinkedBlockingQueue<>();
  private final MeterRegistry metrics = Metrics.registry();
  private TestDatabase server;
  private Vertx vertx;
  private Database database;
  private @Nullable CollectorService collector;
  private Map<String, Integer> ports = Map.of();

  @BeforeEach
  void connect() {
    server = TestPostgres.shared().fresh();
    vertx = Vertx.vertx();
    database = server.connect(vertx);
    Await.value(Trail.open(database, 1, null));
  }

  @AfterEach
  void close() {
    CollectorService running = collector;
    if (running != null) {
      Await.value(running.drain());
      Await.value(running.stop());
    }
    Await.value(database.close());
    Await.value(vertx.close());
    server.close();
  }

  private void start(Map<String, String> sets) {
    Map<String, String> all = new HashMap<>(Map.of(
        "collector.http.port",
        "0",
        "collector.syslog.port",
        "0",
        "collector.default-sources",
        "false"));
    all.putAll(sets);
    Config config = Config.load(configFile(), Map.of(), all);
    if (collector == null) {
      Codecs.register(vertx.eventBus());
      vertx
          .eventBus()
          .<Batch>consumer(Addresses.RECORD_APPENDED, message -> batches.add(message.body()));
    }
    Health health = new Health();
    Access access = Access.create(vertx, config, new Tokens(database), metrics);
    ServiceContext context = new ServiceContext(
        vertx,
        config,
        metrics,
        health,
        new About(),
        "node",
        new HttpDoors(vertx, config, metrics, health, access),
        access,
        true,
        false);
    CollectorService starting = new CollectorService(context, database);
    collector = starting;
    ports = Await.value(starting.start());
  }

  private @Nullable Path configFile() {
    Path file = folder.resolve("vedette.yaml");
    return Files.exists(file) ? file : null;
  }

  private HttpRequest.Builder request() {
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + ports.get("collector.http") + "/v1/records"))
        .timeout(LIMIT);
  }

  private HttpResponse<String> post(String body) throws Exception {
    return http.send(
        request().POST(HttpRequest.BodyPublishers.ofString(body)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static JsonObject json(HttpResponse<String> response) {
    return new JsonObject(response.body());
  }

  /** Records of batches that are announced, until one that fits. */
  private RecordView await(Predicate<RecordView> wanted) throws InterruptedException {
    long untilNs = System.nanoTime() + LIMIT.toNanos();
    while (true) {
      Batch batch = batches.poll(untilNs - System.nanoTime(), TimeUnit.NANOSECONDS);
      assertThat(batch).as("a batch with the record").isNotNull();
      for (byte[] canonical : batch.records()) {
        RecordView view = new RecordView(canonical);
        if (wanted.test(view)) {
          return view;
        }
      }
    }
  }

  private double count(String meter, String... tags) {
    return metrics.find(meter).tags(Tags.of(tags)).counters().stream()
        .mapToDouble(counter -> counter.count())
        .sum();
  }

  @Test
  void aPostedRecordIsInTheTrailAndTheAnswerSaysWhere() throws Exception {
    start(Map.of());
    HttpResponse<String> answer = post("{\"message\":\"hi\"}");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(json(answer).getLong("first_index")).isZero();
    assertThat(json(answer).getLong("last_index")).isZero();
    RecordView stored = new RecordView(canonical(0));
    assertThat(stored.text("message")).isEqualTo("hi");
    assertThat(stored.source()).isEqualTo("loopback");
    assertThat(stored.sequence()).isEqualTo(1);
    JsonObject second = json(post("[{\"message\":\"a\"},{\"message\":\"b\"}]"));
    assertThat(second.getLong("first_index")).isEqualTo(1);
    assertThat(second.getLong("last_index")).isEqualTo(2);
    assertThat(new RecordView(canonical(2)).sequence()).isEqualTo(3);
  }

  private byte[] canonical(long index) {
    return java.util.HexFormat.of()
        .parseHex(server
            .query("SELECT encode(canonical, 'hex') FROM vedette.record WHERE index = " + index)
            .get(0));
  }

  @Test
  void aBrokenLineIsNamedAndItsNeighboursAreKept() throws Exception {
    start(Map.of());
    StringBuilder body = new StringBuilder();
    for (int i = 1; i <= 3000; i++) {
      body.append(
          i == 1500
              ? "{\"message\":NaN}\n"
              : i == 2000
                  ? "{\"message\":\"nul \\u0000\"}\n"
                  : "{\"message\":\"line " + i + "\"}\n");
    }
    HttpResponse<String> answer = post(body.toString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    JsonObject json = json(answer);
    assertThat(json.getLong("accepted")).isEqualTo(2999);
    assertThat(json.getLong("rejected")).isEqualTo(1);
    assertThat(json.getJsonArray("rejections").getJsonObject(0).getLong("line")).isEqualTo(1500);
    assertThat(json.getLong("last_index")).isEqualTo(2998);
    assertThat(new RecordView(canonical(1998)).flags()).containsExactly("nul");
    assertThat(count("vedette_collector_record_received_total")).isEqualTo(3000);
    assertThat(count("vedette_collector_record_admitted_total")).isEqualTo(2999);
    assertThat(count("vedette_collector_record_rejected_total")).isEqualTo(1);
    assertThat(count("vedette_collector_record_pushed_back_total")).isZero();
  }

  @Test
  void badInputGetsAProblemThatSaysWhatWasFoundAndExpected() throws Exception {
    start(Map.of());
    HttpResponse<String> wrong = post("{\"message\":\"m\",\"severity\":42}");
    assertThat(wrong.statusCode()).isEqualTo(400);
    assertThat(wrong.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    assertThat(json(wrong).getString("field")).isEqualTo("severity");
    assertThat(json(wrong).getString("detail"))
        .isEqualTo("severity: 42 (expected: 1..24 or trace, debug, info, warn, error, fatal)");
    assertThat(post("{\"message\":").statusCode()).isEqualTo(400);
    assertThat(post("").statusCode()).isEqualTo(400);
    HttpRequest large = request()
        .POST(HttpRequest.BodyPublishers.ofInputStream(
            () -> new Endless("{\"message\":\"", 100L << 20)))
        .build();
    HttpResponse<String> refused = http.send(large, HttpResponse.BodyHandlers.ofString());
    assertThat(refused.statusCode()).isEqualTo(413);
    assertThat(json(refused).getString("expected")).contains("1048576");
    assertThat(
            server.number(
                "SELECT count(*) FROM vedette.record WHERE position('\"source\":\"loopback\"'::bytea IN canonical) > 0"))
        .isZero();
    HttpRequest foreign = request()
        .header("Origin", "https://evil.example")
        .POST(HttpRequest.BodyPublishers.ofString("{\"message\":\"x\"}"))
        .build();
    assertThat(http.send(foreign, HttpResponse.BodyHandlers.ofString()).statusCode())
        .isEqualTo(403);
    HttpRequest proxied = request()
        .header("X-Forwarded-For", "203.0.113.7")
        .POST(HttpRequest.BodyPublishers.ofString("{\"message\":\"x\"}"))
        .build();
    assertThat(http.send(proxied, HttpResponse.BodyHandlers.ofString()).statusCode())
        .isEqualTo(401);
  }

  /** A beginning and then x's. */
  private static final class Endless extends InputStream {
    private final byte[] beginning;
    private long at;
    private final long length;

    Endless(String beginning, long length) {
      this.beginning = beginning.getBytes(StandardCharsets.UTF_8);
      this.length = length;
    }

    @Override
    public int read() {
      return at >= length ? -1 : at < beginning.length ? beginning[(int) at++] : next();
    }

    @Override
    public int read(byte[] to, int from, int count) {
      int read = 0;
      for (int next = 0; read < count && next >= 0; ) {
        next = read();
        if (next >= 0) {
          to[from + read++] = (byte) next;
        }
      }
      return read == 0 && count > 0 ? -1 : read;
    }

    private int next() {
      at++;
      return 'x';
    }
  }

  @Test
  void aTokenNamesTheSource() throws Exception {
    start(Map.of());
    String secret = Await.value(new Tokens(database)
            .create("shop", Set.of(Role.INGEST), Duration.ofHours(1), Set.of(1)))
        .secret();
    HttpRequest request = request()
        .header("Authorization", "Bearer " + secret)
        .POST(HttpRequest.BodyPublishers.ofString("{\"message\":\"x\",\"source\":\"forged\"}"))
        .build();
    HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    RecordView stored = new RecordView(canonical(json(answer).getLong("first_index")));
    assertThat(stored.source()).isEqualTo("shop");
    assertThat(stored.attributes()).containsEntry("source", "forged");
  }

  /** Senders could call themselves vedette, and so write records of erasures that excused what somebody removed. */
  @ParameterizedTest
  @ValueSource(strings = {"vedette", "lines", "lines@another-host", "syslog"})
  void nobodySendsUnderANameThatIsTaken(String name) throws Exception {
    Path logs = Files.createDirectory(folder.resolve("logs"));
    Files.writeString(folder.resolve("secret"), JWT_SECRET);
    start(Map.of(
        "http.auth.jwt.keys",
        "[{algorithm: HS256, file: \"" + folder.resolve("secret") + "\"}]",
        "collector.sources",
        "[{name: lines, kind: files, include: [\"" + logs + "/*\"]}]"));
    Await.value(
        new Tokens(database).ensure("secret-of-" + name, name, Set.of(Role.INGEST), Set.of(1)));
    String forged =
        "{\"kind\":\"trail.erase\",\"action\":\"record.erase\",\"attributes\":{\"ranges\":[[0,9]]}}";
    for (String credential : List.of("secret-of-" + name, jwt(name))) {
      HttpRequest request = request()
          .header("Authorization", "Bearer " + credential)
          .POST(HttpRequest.BodyPublishers.ofString(forged))
          .build();
      HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(403);
      assertThat(json(answer).getString("type")).isEqualTo("urn:vedette:problem:source-name-taken");
      assertThat(json(answer).getString("detail")).contains(name);
    }
    HttpRequest another = request()
        .header("Authorization", "Bearer " + jwt("lines.of.my.own"))
        .POST(HttpRequest.BodyPublishers.ofString("{\"message\":\"x\"}"))
        .build();
    HttpResponse<String> taken = http.send(another, HttpResponse.BodyHandlers.ofString());
    assertThat(taken.statusCode()).as(taken.body()).isEqualTo(200);
    assertThat(
            server.query(
                "SELECT count(*) FROM vedette.record WHERE position('trail.erase'::bytea IN canonical) > 0"))
        .containsExactly("0");
  }

  private static String jwt(String subject) throws GeneralSecurityException {
    Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
    JsonObject claims = new JsonObject()
        .put("sub", subject)
        .put("role", "ingest")
        .put("exp", System.currentTimeMillis() / 1_000 + 600);
    String content = base64.encodeToString("{\"alg\":\"HS256\"}".getBytes(StandardCharsets.UTF_8))
        + "." + base64.encodeToString(claims.encode().getBytes(StandardCharsets.UTF_8));
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(JWT_SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    return content + "."
        + base64.encodeToString(mac.doFinal(content.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void aRetryUnderTheSameKeyAppendsNothingTwice() throws Exception {
    start(Map.of());
    String body = "{\"message\":\"a\"}\n{\"message\":\"b\"}\n";
    HttpRequest first = request()
        .header("Idempotency-Key", "k1")
        .POST(HttpRequest.BodyPublishers.ofString(body))
        .build();
    assertThat(json(http.send(first, HttpResponse.BodyHandlers.ofString())).getLong("accepted"))
        .isEqualTo(2);
    JsonObject again = json(http.send(first, HttpResponse.BodyHandlers.ofString()));
    assertThat(again.getLong("accepted")).isZero();
    assertThat(again.getLong("repeated")).isEqualTo(2);
    assertThat(again.getLong("first_index")).as("as the first time").isZero();
    assertThat(again.getLong("last_index")).isEqualTo(1);
    assertThat(json(post("{\"message\":\"of another\"}")).getLong("first_index"))
        .isEqualTo(2);
    HttpRequest longer = request()
        .header("Idempotency-Key", "k1")
        .POST(HttpRequest.BodyPublishers.ofString(body + "{\"message\":\"c\"}\n"))
        .build();
    for (long accepted : new long[] {1, 0}) {
      JsonObject all = json(http.send(longer, HttpResponse.BodyHandlers.ofString()));
      assertThat(all.getLong("accepted")).isEqualTo(accepted);
      assertThat(all.getLong("first_index")).isZero();
      assertThat(all.getLong("last_index")).isEqualTo(3);
    }
    HttpRequest other = request()
        .header("Idempotency-Key", "k1")
        .POST(HttpRequest.BodyPublishers.ofString(body.replace('a', 'z')))
        .build();
    assertThat(http.send(other, HttpResponse.BodyHandlers.ofString()).statusCode())
        .isEqualTo(422);
    assertThat(server.number("SELECT size FROM vedette.trail_head")).isEqualTo(4);
  }

  @Test
  void manyClientsShareCommitsAndNothingIsLostOrDoubled() throws Exception {
    start(Map.of());
    List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      answers.add(http.sendAsync(
          request()
              .POST(HttpRequest.BodyPublishers.ofString("{\"message\":\"m" + i + "\"}"))
              .build(),
          HttpResponse.BodyHandlers.ofString()));
    }
    Set<Long> indices = new java.util.HashSet<>();
    for (CompletableFuture<HttpResponse<String>> answer : answers) {
      HttpResponse<String> response = answer.get(30, TimeUnit.SECONDS);
      assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
      indices.add(json(response).getLong("first_index"));
    }
    assertThat(indices).hasSize(400);
    assertThat(server.number("SELECT size FROM vedette.trail_head")).isEqualTo(400);
    assertThat(server.number("SELECT count(*) FROM vedette.trail_batch WHERE count > 0"))
        .isLessThan(400);
  }

  @Test
  void syslogOverUdpAndTcpBecomesRecords() throws Exception {
    start(Map.of());
    int port = ports.getOrDefault("collector.syslog", -1);
    byte[] datagram =
        "<38>1 2026-01-31T12:00:00Z host sshd 7 - - Failed password for root from 203.0.113.7 port 1 ssh2"
            .getBytes(StandardCharsets.UTF_8);
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.send(
          new DatagramPacket(datagram, datagram.length, InetAddress.getLoopbackAddress(), port));
    }
    RecordView login = await(view -> "login".equals(view.text("action")));
    assertThat(login.text("origin")).isEqualTo("203.0.113.7");
    assertThat(login.text("outcome")).isEqualTo("failure");
    assertThat(login.source()).isEqualTo("syslog");
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket
          .getOutputStream()
          .write("17 <13>1 - - - - - -<13>framed by a line feed\n\u0001\u0002\u00ff\n<13>last"
              .getBytes(StandardCharsets.ISO_8859_1));
    }
    await(view -> "framed by a line feed".equals(view.text("message")));
    assertThat(count("vedette_collector_record_rejected_total", "kind", "syslog"))
        .isEqualTo(1);
  }

  @Test
  void loggerSendsARecord() throws Exception {
    boolean found = Files.isExecutable(Path.of("/usr/bin/logger"));
    if (!found && System.getProperty("tools.required") != null) {
      throw new AssertionError(
          "logger not found (expected with -Dtools.required: install bsdutils)");
    }
    Assumptions.assumeTrue(found, "logger is not installed");
    start(Map.of());
    for (String transport : List.of("--udp", "--tcp")) {
      Process logger = new ProcessBuilder(
              "/usr/bin/logger",
              transport,
              "--server",
              "127.0.0.1",
              "--port",
              String.valueOf(ports.get("collector.syslog")),
              "--rfc5424",
              "-t",
              "demo",
              "via " + transport)
          .inheritIO()
          .start();
      assertThat(logger.waitFor(20, TimeUnit.SECONDS)).isTrue();
      RecordView record = await(view -> ("via " + transport).equals(view.text("message")));
      assertThat(record.attributes()).containsEntry("app", "demo");
    }
  }

  @Test
  void filesAreFollowedAcrossARestart() throws Exception {
    Path logs = Files.createDirectory(folder.resolve("logs"));
    Files.writeString(logs.resolve("a.log"), "old\n");
    Files.writeString(
        folder.resolve("vedette.yaml"),
        "collector:\n  pull:\n    interval: 10ms\n  sources:\n    - name: app\n      kind: files\n      include: "
            + logs + "/*.log\n");
    start(Map.of());
    assertThat(await(view -> "old".equals(view.text("message"))).backfill()).isTrue();
    Files.writeString(logs.resolve("a.log"), "new\n", StandardOpenOption.APPEND);
    RecordView record = await(view -> "new".equals(view.text("message")));
    assertThat(record.backfill()).isFalse();
    assertThat(record.source()).isEqualTo("app");
    assertThat(record.sequence()).isEqualTo(2);
    CollectorService first = java.util.Objects.requireNonNull(collector);
    Await.value(first.drain());
    Await.value(first.stop());
    Files.writeString(logs.resolve("a.log"), "newer\n", StandardOpenOption.APPEND);
    start(Map.of());
    assertThat(await(view -> "newer".equals(view.text("message"))).sequence()).isEqualTo(3);
    assertThat(server.number("SELECT size FROM vedette.trail_head")).isEqualTo(3);
  }

  @Test
  void theHostIsSampledAndLogTimeGoesOn() throws Exception {
    Files.writeString(
        folder.resolve("vedette.yaml"),
        "collector:\n  sources:\n    - {name: host, kind: host, interval: 100ms}\n");
    start(Map.of());
    Set<String> names = new java.util.HashSet<>();
    long untilNs = System.nanoTime() + LIMIT.toNanos();
    while (!names.containsAll(Set.of(
        "host_cpu_utilisation_ratio",
        "host_memory_used_ratio",
        "host_filesystem_used_ratio",
        "host_process_resident_bytes",
        "vedette_source_heartbeat"))) {
      Batch batch = batches.poll(untilNs - System.nanoTime(), TimeUnit.NANOSECONDS);
      assertThat(batch).as("samples, so far of %s", names).isNotNull();
      SampleBlock.decode(batch.samples())
          .forEach(sample -> names.add(sample.series().name()));
    }
  }

  @Test
  void aTickIsAppendedWhenNothingElseIs() throws Exception {
    start(Map.of());
    long untilNs = System.nanoTime() + LIMIT.toNanos();
    Batch batch = batches.poll(untilNs - System.nanoTime(), TimeUnit.NANOSECONDS);
    assertThat(batch).isNotNull();
    assertThat(batch.isTick()).isTrue();
  }

  @Test
  void lowStoragePushesBackAndIsDeclaredAfterwards() throws Exception {
    start(Map.of("storage.min-free", "1024TiB", "storage.path", folder.toString()));
    HttpResponse<String> answer = post("{\"message\":\"x\"}");
    while (answer.statusCode() == 200) { // until it was looked at
      answer = post("{\"message\":\"x\"}");
    }
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.headers().firstValue("Retry-After")).isPresent();
    assertThat(json(answer).getString("detail")).contains("storage.min-free");
  }

  @Test
  void aTakenHttpPortStopsTheStartAndATakenSyslogPortOnlyThatDoor() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());
      assertThatThrownBy(() -> start(Map.of("collector.http.port", port)))
          .hasStackTraceContaining("collector.http.port: port " + port + " is in use by");
      Await.value(java.util.Objects.requireNonNull(collector).stop());
      start(Map.of("collector.syslog.port", port));
      assertThat(ports).containsOnlyKeys("collector.http");
      assertThat(post("{\"message\":\"x\"}").statusCode()).isEqualTo(200);
      HttpRequest ready = HttpRequest.newBuilder(
              URI.create("http://127.0.0.1:" + ports.get("collector.http") + "/health/ready"))
          .build();
      JsonObject health = json(http.send(ready, HttpResponse.BodyHandlers.ofString()));
      assertThat(health.getJsonArray("degraded").contains("collector.syslog")).isTrue();
    }
  }

  @Test
  void aLostConnectionToTheDatabaseLosesNoAcknowledgedRecord() throws Exception {
    start(Map.of());
    for (int i = 0; i < 20; i++) {
      if (i % 5 == 2) {
        server.killSessions();
      }
      HttpResponse<String> answer = post("{\"message\":\"m" + i + "\"}");
      while (answer.statusCode() == 503) {
        answer = post("{\"message\":\"m" + i + "\"}");
      }
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      assertThat(new RecordView(canonical(json(answer).getLong("first_index"))).text("message"))
          .isEqualTo("m" + i);
    }
  }

  @Test
  void recordsGetTheClassOfTheirSourceAndWhatExpiredGoes() throws Exception {
    Files.writeString(
        folder.resolve("vedette.yaml"),
        "storage:\n  retention:\n    classes:\n      - {class: 7, keep: 1d, sources: [\"loop*\"]}\n");
    server.execute("INSERT INTO vedette.idempotency VALUES (1, 'p', 'k', 1, '\\x00', 1)");
    server.execute("INSERT INTO vedette.erasure_rest (place, since_us) VALUES ('finding', 1)");
    start(Map.of());
    assertThat(post("{\"message\":\"kept for a day\"}").statusCode()).isEqualTo(200);
    assertThat(
            server.query(
                "SELECT retention_class::text FROM vedette.record WHERE position('kept for a day'::bytea IN canonical) > 0"))
        .containsExactly("7");
    CompletableFuture<Void> gone = new CompletableFuture<>();
    long timer = vertx.setPeriodic(50, id -> {
      if (count("vedette_store_row_expired_total") >= 1) {
        database
            .pool()
            .query("SELECT FROM vedette.erasure_rest WHERE place = 'finding'")
            .execute()
            .onSuccess(rows -> {
              if (rows.size() == 0) { // what an erasure had left was done
                gone.complete(null);
              }
            });
      }
    });
    gone.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    vertx.cancelTimer(timer);
    assertThat(server.number("SELECT count(*) FROM vedette.idempotency")).isZero();
  }

  @Test
  void aWrongSourceStopsTheStart() throws IOException {
    Files.writeString(
        folder.resolve("vedette.yaml"), "collector:\n  sources:\n    - {name: x, kind: fles}\n");
    assertThatThrownBy(() -> start(Map.of()))
        .hasStackTraceContaining("vedette.yaml:3")
        .hasStackTraceContaining("fles (expected: host, files, journal)");
    collector = null;
  }
}
