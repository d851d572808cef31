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
import io.vedette.runtime.config.Config;
import io.vedette.testkit.Await;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.parsetools.RecordParser;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Topics as event streams, read as a browser's EventSource reads them. */
@Timeout(60)
class SseTest {
  private static final long AT_US = 1_767_225_600_000_000L;

  private final Vertx vertx = Vertx.vertx();
  private final FakeStore store = new FakeStore();
  private @Nullable ServiceContext context;
  private @Nullable EdgeService edge;
  private int port;

  private void up(Map<String, String> sets) throws Exception {
    Map<String, String> all = new TreeMap<>(Map.of("edge.http.port", "0", "edge.http.loops", "1"));
    all.putAll(sets);
    ServiceContext ctx = ServiceContext.create(
        vertx,
        Config.of(all),
        new PrometheusMeterRegistry(PrometheusConfig.DEFAULT),
        token -> Future.succeededFuture(
            token.equals("viewer")
                ? Optional.of(
                    new Principal("vera", Set.of(Role.VIEWER), Set.of(1), Principal.NEVER, "vera"))
                : Optional.empty()),
        true,
        false);
    context = ctx;
    EdgeService starting = new EdgeService(ctx, store, MemoryTrail.side(ctx));
    edge = starting;
    port = Objects.requireNonNull(await(starting.start()).get("edge.http"));
  }

  @AfterEach
  void stop() throws Exception {
    if (edge != null) {
      await(edge.stop());
    }
    await(vertx.close());
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private void append(long first, String... actors) {
    List<byte[]> records = new ArrayList<>();
    for (String actor : actors) {
      String record = "{\"actor\":\"" + actor + "\"}";
      store.put(first + records.size(), record, AT_US);
      records.add(record.getBytes(StandardCharsets.UTF_8));
    }
    if (edge == null) {
      return; // history
    }
    vertx
        .eventBus()
        .publish(
            Addresses.RECORD_APPENDED,
            new Batch(
                1,
                FakeStore.EPOCH,
                first + 1,
                first,
                actors.length,
                AT_US,
                0,
                true,
                records,
                new byte[0],
                Stamps.UNKNOWN));
  }

  /** The events of one stream: their fields by name; a comment has the empty name. */
  private static final class Stream {
    final BlockingQueue<Map<String, String>> events = new LinkedBlockingQueue<>();
    final CompletableFuture<Boolean> ended = new CompletableFuture<>();
    final HttpClientResponse response;
    private Map<String, String> open = new LinkedHashMap<>();

    Stream(HttpClientResponse response) {
      this.response = response;
    }

    void line(String line) {
      if (!line.isEmpty()) {
        int colon = line.indexOf(':');
        open.merge(
            line.substring(0, colon), line.substring(colon + 1).strip(), (one, two) -> one + two);
      } else if (!open.isEmpty()) {
        events.add(open);
        open = new LinkedHashMap<>();
      }
    }

    /** The next event of that name, passing over heads and comments. */
    Map<String, String> next(String name) throws Exception {
      while (true) {
        Map<String, String> event = events.poll(20, TimeUnit.SECONDS);
        assertThat(event).as("an event within 20 s").isNotNull();
        String found = event.getOrDefault("event", "");
        if (!event.containsKey("") && (!found.equals("head") || name.equals("head"))) {
          assertThat(found).as(event.toString()).isEqualTo(name);
          return event;
        }
      }
    }

    JsonObject message() throws Exception {
      return new JsonObject(next("").get("data"));
    }
  }

  private HttpClientResponse ask(HttpClient client, String uri, Map<String, String> headers)
      throws Exception {
    RequestOptions options = new RequestOptions()
        .setMethod(HttpMethod.GET)
        .setHost("localhost")
        .setPort(port)
        .setURI(uri);
    headers.forEach(options::addHeader);
    return Await.exchange(vertx, () -> client
        .request(options)
        .compose(request -> request.send().onSuccess(HttpClientResponse::pause)));
  }

  private Stream stream(String uri, @Nullable String lastEventId) throws Exception {
    Map<String, String> headers = new TreeMap<>(Map.of("Authorization", "Bearer viewer"));
    if (lastEventId != null) {
      headers.put("Last-Event-ID", lastEventId);
    }
    HttpClientResponse response = ask(vertx.createHttpClient(), uri, headers);
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.getHeader("content-type")).startsWith("text/event-stream");
    Stream stream = new Stream(response);
    response.exceptionHandler(lost -> {});
    response.endHandler(end -> stream.ended.complete(true));
    response.handler(RecordParser.newDelimited("\n", line -> stream.line(line.toString())));
    response.resume();
    return stream;
  }

  @Test
  void publicationsComeWithAnIdThatResumes() throws Exception {
    append(0, "anna");
    up(Map.of());
    Stream stream = stream("/sse?topics=records,statistics.host", null);
    assertThat(stream.events.poll(20, TimeUnit.SECONDS)).as("a comment first").containsKey("");
    assertThat(stream.next("registered").get("id")).isEqualTo("records=e1:0");
    assertThat(stream.next("registered")).doesNotContainKey("id");
    assertThat(stream.message().getJsonObject("body").getBoolean("snapshot")).isTrue();
    append(1, "anna", "bert");
    Map<String, String> event = stream.next("");
    assertThat(event.get("id")).isEqualTo("records=e1:1");
    JsonObject record = new JsonObject(event.get("data"));
    assertThat(record.getString("address")).isEqualTo("records");
    assertThat(record.getJsonObject("body").getJsonObject("record").getString("actor"))
        .isEqualTo("anna");
    stream.response.request().connection().close();
    append(3, "cora");
    Stream again = stream("/sse?topics=records", "records=e1:1");
    assertThat(new JsonObject(again.next("registered").get("data")).getBoolean("recovered"))
        .isTrue();
    assertThat(again.next("").get("id")).isEqualTo("records=e1:2");
    assertThat(again.next("").get("id")).isEqualTo("records=e1:3");
  }

  @Test
  void aFilterAndALonePositionAreUnderstood() throws Exception {
    append(0, "anna", "bert", "anna");
    up(Map.of());
    Stream stream = stream("/sse?topics=records&filter=%7B%22actor%22%3A%22anna%22%7D", "e1:0");
    assertThat(new JsonObject(stream.next("registered").get("data")).getLong("search"))
        .isEqualTo(2);
    assertThat(stream.next("").get("id")).isEqualTo("records=e1:2");
    assertThat(stream.next("replayed").get("id")).isEqualTo("records=e1:2");
    Stream wrong = stream("/sse?topics=records&filter=actr", null);
    assertThat(new JsonObject(wrong.next("err").get("data")).getString("message"))
        .contains("column 1");
  }

  @Test
  void whoMayNotOrFindsNoRoomIsToldByStatus() throws Exception {
    up(Map.of("edge.session.max", "1"));
    HttpClient client = vertx.createHttpClient();
    Map<String, String> token = Map.of("Authorization", "Bearer viewer");
    assertThat(ask(client, "/sse?topics=records", Map.of()).statusCode()).isEqualTo(401);
    assertThat(ask(client, "/sse", token).statusCode()).isEqualTo(400);
    assertThat(ask(
                client,
                "/sse?topics=records",
                Map.of("Authorization", "Bearer viewer", "Last-Event-ID", "?"))
            .statusCode())
        .isEqualTo(400);
    assertThat(ask(
                client,
                "/sse?topics=records",
                Map.of("Authorization", "Bearer viewer", "Origin", "http://evil.example"))
            .statusCode())
        .isEqualTo(403);
    Stream one = stream("/sse?topics=cluster", null);
    one.next("registered");
    HttpClientResponse full = ask(client, "/sse?topics=cluster", token);
    assertThat(full.statusCode()).isEqualTo(503);
    assertThat(full.getHeader("retry-after")).isEqualTo("5");
  }

  @Test
  void aStoppingEdgeSaysWhenToComeBackAndTakesNobodyIn() throws Exception {
    up(Map.of());
    Stream stream = stream("/sse?topics=cluster", null);
    stream.next("registered");
    Objects.requireNonNull(context).health().drain("stopping");
    assertThat(ask(
                vertx.createHttpClient(),
                "/sse?topics=cluster",
                Map.of("Authorization", "Bearer viewer"))
            .statusCode())
        .isEqualTo(503);
    await(Objects.requireNonNull(edge).drain());
    stream.message(); // the snapshot
    Map<String, String> close = stream.next("close");
    assertThat(new JsonObject(close.get("data")).getInteger("code")).isEqualTo(1001);
    assertThat(Integer.parseInt(close.get("retry"))).isBetween(0, 3000);
    stream.ended.get(20, TimeUnit.SECONDS);
  }

  @Test
  void theEdgeTellsItsLoad() throws Exception {
    up(Map.of());
    stream("/sse?topics=cluster,alerts", null).next("registered");
    Map<String, String> about = Objects.requireNonNull(context).about().now();
    assertThat(about)
        .containsEntry("edge.sessions", "1")
        .containsEntry("edge.subscriptions", "2")
        .containsKeys("edge.queue_bytes", "edge.wire_bytes", "edge.dropped.disconnect");
  }
}
