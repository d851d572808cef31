package io.vedette.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vedette.edge.resume.StatisticMemory;
import io.vedette.edge.trail.MemoryTrail;
import io.vedette.model.Batch;
import io.vedette.model.Publication;
import io.vedette.model.Stamps;
import io.vedette.model.StatisticUpdate;
import io.vedette.runtime.Addresses;
import io.vedette.runtime.ServiceContext;
import io.vedette.runtime.auth.Principal;
import io.vedette.runtime.auth.Role;
import io.vedette.runtime.auth.TokenLookup;
import io.vedette.runtime.config.Config;
import io.vedette.testkit.Await;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The edge on a free port with real sockets; publications come over the local bus, the store is a fake. */
@Timeout(60)
@SuppressWarnings("NullAway.Init") // fields are set before each test
class EdgeVerticleTest {
  private static final long NOW_US =
      Instant.parse("2026-01-01T00:00:00Z").getEpochSecond() * 1_000_000;
  private static final long LIVE = 3_600_000_000L;

  private final FakeStore store = new FakeStore();
  private Vertx vertx;
  private @Nullable EdgeService edge;
  private int port;

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
  }

  private void up(Map<String, String> sets) throws Exception {
    Map<String, String> all = new TreeMap<>(Map.of("edge.http.port", "0", "edge.http.loops", "2"));
    all.putAll(sets);
    long untilUs = VertxLoop.nowMicros() + LIVE;
    TokenLookup tokens = token -> Future.succeededFuture(
        switch (token) {
          case "viewer" -> Optional.of(who("vera", Role.VIEWER, untilUs));
          case "operator" -> Optional.of(who("otto", Role.OPERATOR, untilUs));
          case "ingest" -> Optional.of(who("ines", Role.INGEST, untilUs));
          case "long" -> Optional.of(who("lea", Role.VIEWER, Principal.NEVER));
          default -> Optional.empty();
        });
    ServiceContext ctx = ServiceContext.create(
        vertx,
        Config.of(all),
        new PrometheusMeterRegistry(PrometheusConfig.DEFAULT),
        tokens,
        true,
        false);
    EdgeService starting = new EdgeService(ctx, store, MemoryTrail.side(ctx));
    edge = starting;
    port = Objects.requireNonNull(await(starting.start()).get("edge.http"));
  }

  private static Principal who(String name, Role role, long untilUs) {
    return new Principal(name, Set.of(role), Set.of(1), untilUs, name);
  }

  @AfterEach
  void stop() throws Exception {
    if (edge != null) {
      await(edge.drain());
      await(edge.stop());
    }
    await(vertx.close());
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  /** A client that keeps what it heard, in order. */
  private final class Client {
    final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    final CompletableFuture<Integer> closed = new CompletableFuture<>();
    final WebSocket socket;

    Client(String uri, Map<String, String> headers) throws Exception {
      this(uri, headers, List.of(), false);
    }

    Client(String uri, Map<String, String> headers, List<String> protocols, boolean compressed)
        throws Exception {
      WebSocketConnectOptions options = new WebSocketConnectOptions()
          .setHost("localhost")
          .setPort(port)
          .setURI(uri)
          .setSubProtocols(protocols);
      headers.forEach(options::addHeader);
      var client = vertx.createWebSocketClient(new WebSocketClientOptions()
          .setTryUsePerMessageCompression(compressed)
          .setCompressionAllowClientNoContext(true)
          .setCompressionRequestServerNoContext(true)
          .setMaxMessageSize(1 << 20)
          .setMaxFrameSize(1 << 20));
      CompletableFuture<WebSocket> opened = new CompletableFuture<>();
      // Asked and answered on one event loop, so that the handlers are set before the next frame.
      vertx.runOnContext(go -> client
          .connect(options)
          .onSuccess(it -> {
            it.textMessageHandler(heard::add);
            it.exceptionHandler(failure -> {});
            it.closeHandler(done ->
                closed.complete(it.closeStatusCode() == null ? -1 : (int) it.closeStatusCode()));
            opened.complete(it);
          })
          .onFailure(opened::completeExceptionally));
      socket = opened.get(20, TimeUnit.SECONDS);
    }

    void say(String text) throws Exception {
      await(socket.writeTextMessage(text));
    }

    JsonObject next() throws Exception {
      String text = heard.poll(20, TimeUnit.SECONDS);
      assertThat(text).as("a message within 20 s").isNotNull();
      return new JsonObject(text);
    }

    /** The next message of a type, passing over heads. */
    JsonObject next(String type) throws Exception {
      JsonObject message = next();
      while (message.getString("type").equals("head") && !type.equals("head")) {
        message = next();
      }
      assertThat(message.getString("type")).as(message.encode()).isEqualTo(type);
      return message;
    }

    int closeCode() throws Exception {
      return closed.get(20, TimeUnit.SECONDS);
    }
  }

  private Client monitor(String token) throws Exception {
    Client client = new Client("/monitor", Map.of("Authorization", "Bearer " + token));
    assertThat(client.next("welcome").getString("protocol")).isEqualTo("vedette.v1");
    return client;
  }

  private static Batch batch(long first, int count) {
    List<byte[]> records = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      records.add(("{\"message\":\"m" + (first + i) + "\"}").getBytes(StandardCharsets.UTF_8));
    }
    return new Batch(
        1,
        FakeStore.EPOCH,
        first + 1,
        first,
        count,
        NOW_US,
        0,
        true,
        records,
        new byte[0],
        Stamps.UNKNOWN);
  }

  private void append(long first, int count) {
    for (int i = 0; i < count; i++) {
      store.put(first + i, "{\"message\":\"m" + (first + i) + "\"}", NOW_US);
    }
  }

  private void publish(long first, int count) {
    append(first, count);
    vertx.eventBus().publish(Addresses.RECORD_APPENDED, batch(first, count));
  }

  @Test
  void recordsArriveWithIndexPositionAndTheirVerbatimBytes() throws Exception {
    up(Map.of());
    Client client = monitor("viewer");
    client.say(
        "{\"type\":\"register\",\"address\":\"records\",\"headers\":{\"position\":\"new\"}}");
    JsonObject registered = client.next("registered");
    assertThat(registered.getString("position")).isEqualTo("e1:-1");
    assertThat(registered.getBoolean("recovered")).isTrue();

    publish(0, 2);

    JsonObject first = client.next("rec");
    assertThat(first.getString("address")).isEqualTo("records");
    assertThat(first.getJsonObject("headers").getString("position")).isEqualTo("e1:0");
    assertThat(first.getJsonObject("body"))
        .isEqualTo(new JsonObject()
            .put("index", 0)
            .put("at", "2026-01-01T00:00:00Z")
            .put("record", new JsonObject().put("message", "m0")));
    assertThat(client.next("rec").getJsonObject("headers").getString("position"))
        .isEqualTo("e1:1");
  }

  @Test
  void resumesFromTheStoreThenTheRingThenLive() throws Exception {
    append(0, 700);
    up(Map.of());
    Client live = monitor("viewer");
    live.say("{\"type\":\"register\",\"address\":\"records\",\"headers\":{\"position\":\"new\"}}");
    assertThat(live.next("registered").getString("position")).isEqualTo("e1:699");
    publish(700, 50);
    for (int i = 700; i < 750; i++) {
      assertThat(live.next("rec").getJsonObject("body").getLong("index")).isEqualTo(i);
    }

    Client back = monitor("viewer");
    back.say(
        "{\"type\":\"register\",\"address\":\"records\",\"headers\":{\"position\":\"e1:99\"}}");
    JsonObject registered = back.next("registered");
    assertThat(registered.getBoolean("recovered")).isTrue();
    assertThat(registered.getLong("replay")).isEqualTo(650);
    publish(750, 10);
    for (int i = 100; i < 760; i++) {
      assertThat(back.next("rec").getJsonObject("body").getLong("index")).isEqualTo(i);
    }
  }

  @Test
  void aLostBatchAndALostLastBatchComeFromTheStore() throws Exception {
    append(0, 1);
    up(Map.of());
    Client client = monitor("viewer");
    client.say(
        "{\"type\":\"register\",\"address\":\"records\",\"headers\":{\"position\":\"new\"}}");
    client.next("registered");
    append(1, 5); // never on the bus
    publish(6, 1);
    for (int i = 1; i < 7; i++) {
      assertThat(client.next("rec").getJsonObject("body").getLong("index")).isEqualTo(i);
    }
    append(7, 1); // never on the bus, and nothing behind it: the head tells
    vertx.eventBus().publish(Addresses.TOPIC_HEADS, await(store.heads()));
    assertThat(client.next("rec").getJsonObject("body").getLong("index")).isEqualTo(7);
  }

  @Test
  void positionsThatCannotBeResumedSaySo() throws Exception {
    append(0, 10);
    up(Map.of());
    for (String[] row :
        new String[][] {{"other:3", "epoch", "e1:9"}, {"e1:4000", "future", "e1:9"}}) {
      Client client = monitor("viewer");
      client.say("{\"type\":\"register\",\"address\":\"records\",\"headers\":{\"position\":\""
          + row[0] + "\"}}");
      JsonObject registered = client.next("registered");
      assertThat(registered.getBoolean("recovered")).isFalse();
      assertThat(registered.getString("reason")).isEqualTo(row[1]);
      assertThat(registered.getString("position")).isEqualTo(row[2]);
    }
    Client newest = monitor("viewer");
    newest.say(
        "{\"type\":\"register\",\"address\":\"records\",\"headers\":{\"position\":\"e1:0\",\"limit\":3}}");
    JsonObject registered = newest.next("registered");
    assertThat(registered.getString("reason")).isEqualTo("limit");
    assertThat(registered.getLong("replay")).isEqualTo(3);
    assertThat(newest.next("rec").getJsonObject("body").getLong("index")).isEqualTo(7);
  }

  @Test
  void whoDoesNotAskGetsPublicationsOnly() throws Exception {
    append(0, 3);
    up(Map.of());
    Client client = monitor("viewer");
    client.say("{\"type\":\"register\",\"address\":\"records\"}");
    client.say("{\"type\":\"ping\"}");
    assertThat(client.next().getString("type")).isEqualTo("pong");
    vertx.eventBus().publish(Addresses.TOPIC_HEADS, await(store.heads()));
    publish(3, 1);
    JsonObject message = client.next();
    assertThat(message.getString("type")).isEqualTo("rec");
    assertThat(message.getJsonObject("body").getLong("index")).isEqualTo(3);
  }

  @Test
  void alertsAreTheirPublicationsVerbatim() throws Exception {
    up(Map.of());
    Client client = monitor("viewer");
    client.say("{\"type\":\"register\",\"address\":\"alerts\",\"headers\":{\"position\":\"new\"}}");
    client.next("registered");
    Publication alert = new Publication(
        1,
        "alerts",
        FakeStore.EPOCH,
        1,
        "{\"state\":\"firing\",\"rule\":\"cpu\"}".getBytes(StandardCharsets.UTF_8),
        Stamps.UNKNOWN);
    store.put(alert);
    vertx.eventBus().publish(Addresses.ALERT_CHANGED, alert);
    JsonObject rec = client.next("rec");
    assertThat(rec.getJsonObject("headers").getString("position")).isEqualTo("e1:1");
    assertThat(rec.getJsonObject("body")).isEqualTo(new JsonObject(alert.text()));
  }

  private static StatisticUpdate update(long batch, long epoch, String cpu, double mean) {
    return new StatisticUpdate(
        1,
        "host",
        batch,
        NOW_US + batch * 1_000_000,
        List.of(new StatisticUpdate.Value(
            7,
            epoch,
            new TreeMap<>(Map.of("cpu", cpu)),
            NOW_US,
            NOW_US + batch * 1_000_000,
            new TreeMap<>(Map.of("mean", mean)))),
        Stamps.UNKNOWN);
  }

  @Test
  void aStateTopicBeginsWithItsSnapshotAndOlderNeverReplacesNewer() throws Exception {
    store.panes.put("host", List.of()); // so it is followed before the first value comes
    up(Map.of());
    Client first = monitor("viewer");
    first.say("{\"type\":\"register\",\"address\":\"statistics.host\"}");
    assertThat(first.next("rec").getJsonObject("body").getJsonArray("values")).isEmpty();
    vertx.eventBus().publish(Addresses.statistic("host"), update(2, 5, "0", 0.5));
    assertThat(first
            .next("rec")
            .getJsonObject("body")
            .getJsonArray("values")
            .getJsonObject(0)
            .getJsonObject("fields")
            .getDouble("mean"))
        .isEqualTo(0.5);
    vertx
        .eventBus()
        .publish(
            Addresses.statistic("host"),
            update(9, 4, "0", 0.9)); // an owner that lost its partition
    vertx.eventBus().publish(Addresses.statistic("host"), update(3, 5, "1", 0.7));
    assertThat(first
            .next("rec")
            .getJsonObject("body")
            .getJsonArray("values")
            .getJsonObject(0)
            .getJsonObject("key")
            .getString("cpu"))
        .isEqualTo("1");

    Client second = monitor("viewer");
    second.say("{\"type\":\"register\",\"address\":\"statistics.host\"}");
    JsonObject snapshot = second.next("rec");
    assertThat(snapshot.getJsonObject("body").getBoolean("snapshot")).isTrue();
    assertThat(snapshot.getJsonObject("headers").getString("position")).startsWith("state:");
    JsonArray values = snapshot.getJsonObject("body").getJsonArray("values");
    assertThat(values).hasSize(2);
    assertThat(values.getJsonObject(0).getJsonObject("fields").getDouble("mean"))
        .isEqualTo(0.5);
  }

  @Test
  void refusedSocketsAreOpenedAndClosedWithTheReason() throws Exception {
    up(Map.of());
    for (Object[] row : new Object[][] {
      {Map.of(), 4401},
      {Map.of("Authorization", "Bearer nobody"), 4401},
      {Map.of("Authorization", "Bearer ingest"), 4403}
    }) {
      @SuppressWarnings("unchecked")
      Map<String, String> headers = (Map<String, String>) row[0];
      Client client = new Client("/monitor", headers);
      assertThat(client.closeCode()).isEqualTo(row[1]);
      assertThat(client.heard).isEmpty();
      assertThat(client.socket.closeReason()).isNotBlank();
    }
    assertThat(new Client("/monitor?access_token=operator", Map.of()).closeCode())
        .isEqualTo(4401);
    assertThat(new Client("/monitor?access_token=long", Map.of()).closeCode()).isEqualTo(4401);
    assertThat(new Client("/monitor?access_token=viewer", Map.of())
            .next("welcome")
            .getString("principal"))
        .isEqualTo("vera");
    assertThat(new Client("/monitor", Map.of(), List.of("vedette.v1", "bearer.viewer"), false)
            .next("welcome")
            .getString("principal"))
        .isEqualTo("vera");
  }

  @Test
  void aForeignOriginIsRefusedBeforeTheUpgrade() throws Exception {
    up(Map.of("edge.auth.anonymous-role", "viewer"));
    try {
      new Client("/monitor", Map.of("Origin", "https://evil.example"));
      throw new AssertionError("was upgraded");
    } catch (java.util.concurrent.ExecutionException refused) {
      assertThat(refused.getCause())
          .isInstanceOfSatisfying(
              UpgradeRejectedException.class, it -> assertThat(it.getStatus()).isEqualTo(403));
    }
    assertThat(new Client("/monitor", Map.of("Origin", "http://localhost:" + port))
            .next("welcome")
            .getString("principal"))
        .isEqualTo("anonymous");
  }

  /** The plain client of issue 2: listens, says a text now and then, and stays connected beyond the idle limit. */
  @Test
  void aPlainHeartbeatKeepsASessionAndSilenceEndsIt() throws Exception {
    up(Map.of("edge.auth.anonymous-role", "viewer", "edge.session.idle-limit", "600ms"));
    Client plain = new Client("/monitor", Map.of());
    plain.next("welcome");
    long untilUs = VertxLoop.nowMicros() + 1_500_000;
    CompletableFuture<Integer> beats = new CompletableFuture<>();
    int[] sent = {0};
    vertx.setPeriodic(100, timer -> {
      plain.socket.writeTextMessage("\u5fc3\u8df3");
      if (++sent[0] == 15) {
        vertx.cancelTimer(timer);
        beats.complete(sent[0]);
      }
    });
    beats.get(20, TimeUnit.SECONDS);
    for (int i = 0; i < 15; i++) {
      assertThat(plain.next().encode()).isEqualTo("{\"type\":\"pong\"}");
    }
    assertThat(plain.closed).isNotDone();
    assertThat(VertxLoop.nowMicros()).isGreaterThan(untilUs - 1_000_000);
  }

  @Test
  void brokenFramesGetTheBridgesErrorCodes() throws Exception {
    up(Map.of());
    Client client = monitor("viewer");
    for (String[] row : new String[][] {
      {"{not json", "invalid_json"},
      {"{\"type\":5}", "missing_type"},
      {"{}", "missing_type"},
      {"{\"type\":\"register\"}", "missing_address"},
      {"{\"type\":\"shout\",\"address\":\"a\"}", "invalid_type"},
      {"{\"type\":\"register\",\"address\":\"nothing\"}", "access_denied"},
      {
        "{\"type\":\"register\",\"address\":\"" + "a".repeat(201) + "\"}",
        "max_address_length_reached"
      },
      {
        "{\"type\":\"register\",\"address\":\"records\",\"headers\":{\"position\":\"x\"}}",
        "rejected"
      },
      {"{\"type\":\"publish\",\"address\":\"records\",\"body\":1}", "access_denied"},
      {"{\"type\":\"send\",\"address\":\"alerts.acknowledge\",\"body\":{}}", "access_denied"},
      {
        "{\"type\":\"send\",\"address\":\"alerts.acknowledge\",\"replyAddress\":\"" + "r".repeat(37)
            + "\"}",
        "invalid_reply_address"
      },
      {"[".repeat(10_000), ""},
      {"{\"a\":".repeat(1_000), "invalid_json"}
    }) {
      client.say(row[0]);
      JsonObject answer = client.next();
      assertThat(answer.getString("type")).as(row[0]).isEqualTo(row[1].isEmpty() ? "pong" : "err");
      if (!row[1].isEmpty()) {
        assertThat(answer.getString("body")).as(row[0]).isEqualTo(row[1]);
      }
    }
  }

  @Test
  void binaryThatIsTextIsTextAndOtherBinaryEndsTheSession() throws Exception {
    up(Map.of());
    Client client = monitor("viewer");
    await(client.socket.writeBinaryMessage(Buffer.buffer("{\"type\":\"ping\"}")));
    assertThat(client.next().getString("type")).isEqualTo("pong");
    await(client.socket.writeBinaryMessage(Buffer.buffer(new byte[] {(byte) 0xff, 1})));
    assertThat(client.closeCode()).isEqualTo(1003);
  }

  @Test
  void messagesBeyondTheLimitEndTheSession() throws Exception {
    up(Map.of("edge.session.message-bytes", "2048", "edge.session.message-rate", "5"));
    Client large = monitor("viewer");
    await(large.socket.writeTextMessage("x".repeat(3000)));
    assertThat(large.closeCode()).isEqualTo(1009);
    Client chatty = monitor("viewer");
    for (int i = 0; i < 11; i++) {
      chatty.socket.writeTextMessage("a");
    }
    assertThat(chatty.closeCode()).isEqualTo(4429);
  }

  @Test
  void compressedSessionsReadTheSameBytes() throws Exception {
    up(Map.of("edge.auth.anonymous-role", "viewer"));
    Client plain = new Client("/monitor", Map.of());
    Client small = new Client("/monitor", Map.of(), List.of(), true);
    for (Client client : List.of(plain, small)) {
      client.next("welcome");
      client.say(
          "{\"type\":\"register\",\"address\":\"records\",\"headers\":{\"position\":\"new\"}}");
      client.next("registered");
    }
    String text = "{\"message\":\"" + "log line with words ".repeat(500) + "\"}";
    store.put(0, text, NOW_US);
    vertx
        .eventBus()
        .publish(
            Addresses.RECORD_APPENDED,
            new Batch(
                1,
                FakeStore.EPOCH,
                1,
                0,
                1,
                NOW_US,
                0,
                true,
                List.of(text.getBytes(StandardCharsets.UTF_8)),
                new byte[0],
                Stamps.UNKNOWN));
    JsonObject one = plain.next("rec");
    JsonObject other = small.next("rec");
    assertThat(other).isEqualTo(one);
    assertThat(small.socket.headers()).isNotNull();
  }

  @Test
  void anActionReachesItsServiceWithPrincipalAndRole() throws Exception {
    up(Map.of());
    vertx
        .eventBus()
        .<JsonObject>consumer(
            Addresses.ALERT_ACKNOWLEDGE,
            message -> message.reply(new JsonObject()
                .put("by", message.headers().get("principal"))
                .put("role", message.headers().get("role"))
                .put("body", message.body())));
    Client client = monitor("operator");
    client.say(
        "{\"type\":\"send\",\"address\":\"alerts.acknowledge\",\"body\":{\"fingerprint\":\"f\"},\"replyAddress\":\"r1\"}");
    JsonObject reply = client.next("rec");
    assertThat(reply.getString("address")).isEqualTo("r1");
    assertThat(reply.getJsonObject("body").getString("by")).isEqualTo("otto");
    assertThat(reply.getJsonObject("body").getString("role")).isEqualTo("operator");
    assertThat(reply.getJsonObject("body").getJsonObject("body").getString("fingerprint"))
        .isEqualTo("f");
  }

  @Test
  void aStoppingEdgeSaysGoingAway() throws Exception {
    up(Map.of());
    Client client = monitor("viewer");
    await(Objects.requireNonNull(edge).drain());
    assertThat(client.closeCode()).isEqualTo(1001);
    assertThat(client.socket.closeReason()).contains("reconnect in");
  }

  private HttpClientResponse http(HttpMethod method, String uri, String token, String body)
      throws Exception {
    RequestOptions options = new RequestOptions()
        .setMethod(method)
        .setHost("localhost")
        .setPort(port)
        .setURI(uri);
    if (!token.isEmpty()) {
      options.putHeader("Authorization", "Bearer " + token);
    }
    return Await.exchange(vertx, () -> vertx
        .createHttpClient()
        .request(options)
        .compose(request -> request.send(Buffer.buffer(body)))
        .compose(response -> response.body().map(response)));
  }

  private JsonObject get(String uri) throws Exception {
    HttpClientResponse response = http(HttpMethod.GET, uri, "viewer", "");
    assertThat(response.statusCode()).as(uri).isEqualTo(200);
    return await(response.body()).toJsonObject();
  }

  /** A time range could not be paged, an index range had no end, and before an erased record came what was asked for twice. */
  @Test
  void recordsArePagedByIndexByTimeAndBackwards() throws Exception {
    append(0, 10);
    up(Map.of());
    assertThat(indices("from=2&to=4")).containsExactly(2L, 3L);
    assertThat(indices("to=2")).containsExactly(0L, 1L);
    String range = "since=1970-01-01T00:00:00Z&limit=3";
    List<Long> paged = new ArrayList<>();
    List<Long> page = indices(range);
    while (!page.isEmpty()) {
      paged.addAll(page);
      page = indices(range + "&from=" + (paged.get(paged.size() - 1) + 1));
    }
    assertThat(paged).hasSize(store.rows.size()).isSorted().doesNotHaveDuplicates();
    assertThat(indices(range + "&from=1&to=3")).containsExactly(1L, 2L);
    io.vedette.edge.api.EdgeStore.Row erased = store.rows.remove(3);
    try {
      assertThat(indices("before=5&limit=2")).containsExactly(2L, 4L);
      assertThat(indices("before=4&limit=2")).containsExactly(1L, 2L);
    } finally {
      store.rows.add(3, erased);
    }
    for (String query : List.of("before=3&from=1", "before=3&to=9", "before=3&since=0", "to=-1")) {
      assertThat(http(HttpMethod.GET, "/api/v1/records?" + query, "viewer", "").statusCode())
          .as(query)
          .isEqualTo(400);
    }
  }

  private List<Long> indices(String query) throws Exception {
    List<Long> indices = new ArrayList<>();
    get("/api/v1/records?" + query)
        .getJsonArray("records")
        .forEach(record -> indices.add(((JsonObject) record).getLong("index")));
    return indices;
  }

  @Test
  void theApiReadsRecordsAndStatistics() throws Exception {
    append(0, 30);
    up(Map.of());
    assertThat(get("/api/v1/records?limit=2")
            .getJsonArray("records")
            .getJsonObject(1)
            .getLong("index"))
        .isEqualTo(29);
    assertThat(get("/api/v1/records?from=5&limit=1")
            .getJsonArray("records")
            .getJsonObject(0)
            .getLong("index"))
        .isEqualTo(5);
    assertThat(get("/api/v1/records/3").getJsonObject("record").getString("message"))
        .isEqualTo("m3");
    assertThat(get("/api/v1/records/3/canonical").getString("message")).isEqualTo("m3");
    assertThat(http(HttpMethod.GET, "/api/v1/records/99", "viewer", "").statusCode())
        .isEqualTo(404);
    assertThat(http(HttpMethod.GET, "/api/v1/records?limit=x", "viewer", "").statusCode())
        .isEqualTo(400);
    assertThat(http(HttpMethod.GET, "/api/v1/records", "", "").statusCode()).isEqualTo(401);
    assertThat(http(HttpMethod.GET, "/api/v1/records", "ingest", "").statusCode())
        .isEqualTo(403);
    store.down = true;
    HttpClientResponse unavailable = http(HttpMethod.GET, "/api/v1/records", "viewer", "");
    assertThat(unavailable.statusCode()).isEqualTo(503);
    assertThat(unavailable.getHeader("Content-Type")).startsWith("application/problem+json");
  }

  @Test
  void theApiGivesTheFieldsSeriesAndAlertAskedFor() throws Exception {
    List<String> fields = List.of("last", "mean", "max");
    List<StatisticMemory.Point> points =
        List.of(new StatisticMemory.Point(NOW_US, new double[] {1, 2, 3}));
    store.panes.put(
        "host",
        List.of(
            new StatisticMemory.History(new TreeMap<>(Map.of("cpu", "0")), fields, points),
            new StatisticMemory.History(new TreeMap<>(Map.of("cpu", "1")), fields, points)));
    store.alerts.add("{\"fingerprint\":\"f00\"}".getBytes(StandardCharsets.UTF_8));
    up(Map.of());
    String range = "/api/v1/statistics/host?until=" + (NOW_US / 1000 + 1);
    assertThat(get(range).getJsonArray("series")).hasSize(2);
    JsonArray some =
        get(range + "&fields=max,last,nothing&selector=%7Bcpu%3D%221%22%7D").getJsonArray("series");
    assertThat(some).hasSize(1);
    assertThat(some.getJsonObject(0).getJsonArray("fields").encode())
        .isEqualTo("[\"max\",\"last\",\"nothing\"]");
    assertThat(some.getJsonObject(0).getJsonArray("points").getJsonArray(0).encode())
        .isEqualTo("[" + NOW_US / 1000 + ",3,1,null]");
    assertThat(http(HttpMethod.GET, range + "&fields=,", "viewer", "").statusCode())
        .isEqualTo(400);
    assertThat(http(HttpMethod.GET, range + "&selector=cpu", "viewer", "").statusCode())
        .isEqualTo(400);
    assertThat(get("/api/v1/alerts/f00").getString("fingerprint")).isEqualTo("f00");
    assertThat(http(HttpMethod.GET, "/api/v1/alerts/f01", "viewer", "").statusCode())
        .isEqualTo(404);
  }

  @Test
  void aTokenIsExchangedForACookieThatOpensTheSocket() throws Exception {
    up(Map.of());
    HttpClientResponse response =
        http(HttpMethod.POST, "/api/v1/session", "", "{\"token\":\"operator\"}");
    assertThat(response.statusCode()).isEqualTo(200);
    String cookie = response.getHeader("Set-Cookie");
    assertThat(cookie).containsIgnoringCase("HttpOnly").contains("SameSite=Strict");
    Client client = new Client(
        "/monitor",
        Map.of(
            "Cookie",
            cookie.substring(0, cookie.indexOf(';')),
            "Origin",
            "http://localhost:" + port));
    assertThat(client.next("welcome").getString("principal")).isEqualTo("otto");
    assertThat(http(HttpMethod.POST, "/api/v1/session", "", "{\"token\":\"nobody\"}")
            .statusCode())
        .isEqualTo(401);
  }

  @Test
  void theOpenApiDocumentListsWhatIsServedAndNothingElse() throws Exception {
    up(Map.of());
    HttpClientResponse response = http(HttpMethod.GET, "/api/v1/openapi.json", "", "");
    JsonObject paths = await(response.body()).toJsonObject().getJsonObject("paths");
    for (String path : paths.fieldNames()) {
      for (String method : paths.getJsonObject(path).fieldNames()) {
        String uri = path.replace("{index}", "0")
            .replace("{name}", "host")
            .replace("{fingerprint}", "f")
            .replace("{silenceID}", "s");
        int status = http(
                HttpMethod.valueOf(method.toUpperCase(java.util.Locale.ROOT)), uri, "", "")
            .statusCode();
        boolean open =
            paths.getJsonObject(path).getJsonObject(method).getString("x-role").equals("none");
        if (open) {
          assertThat(status).as(method + " " + uri).isNotIn(401, 404, 405);
        } else {
          assertThat(status).as(method + " " + uri).isEqualTo(401);
        }
      }
    }
    assertThat(http(HttpMethod.GET, "/api/v1/other", "viewer", "").statusCode()).isEqualTo(404);
  }

  @Test
  void thePageComesWithAPolicyThatNamesItsImportMap() throws Exception {
    up(Map.of());
    HttpClientResponse page = http(HttpMethod.GET, "/", "", "");
    assertThat(page.statusCode()).isEqualTo(200);
    String html = await(page.body()).toString();
    String map = html.substring(html.indexOf("<script type=\"importmap\">") + 25);
    map = map.substring(0, map.indexOf("</script>"));
    String hash = java.util.Base64.getEncoder()
        .encodeToString(java.security.MessageDigest.getInstance("SHA-256")
            .digest(map.getBytes(StandardCharsets.UTF_8)));
    assertThat(page.getHeader("Content-Security-Policy"))
        .contains("'sha256-" + hash + "'")
        .doesNotContain("unsafe-eval");
    JsonObject imports = new JsonObject(map).getJsonObject("imports");
    assertThat(http(HttpMethod.GET, imports.getString("lit"), "", "").statusCode())
        .isEqualTo(200);
    assertThat(
            http(HttpMethod.GET, imports.getString("echarts/dist/") + "echarts.esm.min.js", "", "")
                .statusCode())
        .isEqualTo(200);
    assertThat(http(HttpMethod.GET, "/client/vedette.js", "", "").statusCode()).isEqualTo(200);
    assertThat(http(HttpMethod.GET, "/app/../../etc/passwd", "", "").statusCode())
        .isEqualTo(404);
  }
}
