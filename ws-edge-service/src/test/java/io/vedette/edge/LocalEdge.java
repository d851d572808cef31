package io.vedette.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vedette.edge.trail.MemoryTrail;
import io.vedette.model.Batch;
import io.vedette.model.Stamps;
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
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
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
import org.junit.jupiter.api.Timeout;

/** An edge on a free port with real sockets; publications come over the local bus, the store is a fake. */
@Timeout(60)
@SuppressWarnings("NullAway.Init") // fields are set before each test
abstract class LocalEdge {
  static final long NOW_US = Instant.parse("2026-01-01T00:00:00Z").getEpochSecond() * 1_000_000;
  private static final long LIVE = 3_600_000_000L;

  final FakeStore store = new FakeStore();
  Vertx vertx;

  @Nullable
  EdgeService edge;

  int port;

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
  }

  void up(Map<String, String> sets) throws Exception {
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

  static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  /** A client that keeps what it heard, in order. */
  final class Client {
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

  Client monitor(String token) throws Exception {
    Client client = new Client("/monitor", Map.of("Authorization", "Bearer " + token));
    assertThat(client.next("welcome").getString("protocol")).isEqualTo("vedette.v1");
    return client;
  }

  static Batch batch(long first, int count) {
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

  void append(long first, int count) {
    for (int i = 0; i < count; i++) {
      store.put(first + i, "{\"message\":\"m" + (first + i) + "\"}", NOW_US);
    }
  }

  void publish(long first, int count) {
    append(first, count);
    vertx.eventBus().publish(Addresses.RECORD_APPENDED, batch(first, count));
  }

  HttpClientResponse http(HttpMethod method, String uri, String token, String body)
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

  JsonObject get(String uri) throws Exception {
    HttpClientResponse response = http(HttpMethod.GET, uri, "viewer", "");
    assertThat(response.statusCode()).as(uri).isEqualTo(200);
    return await(response.body()).toJsonObject();
  }
}
