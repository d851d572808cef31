package io.vedette.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vedette.edge.trail.MemoryTrail;
import io.vedette.model.Batch;
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
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;

/** An edge of one test class on a free port of loopback: its store is in memory, its bus local, its tokens those of {@link #tokens}. */
final class RunningEdge implements AutoCloseable {
  static final long BATCH_AT_US = 1_767_225_600_000_000L;

  /** Longest a test waits for anything; reached only when it fails. */
  static final long LIMIT_MS = 20_000;

  final Vertx vertx = Vertx.vertx();
  final FakeStore store = new FakeStore();
  final Map<String, Principal> tokens = new ConcurrentHashMap<>();
  final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  final ServiceContext ctx;
  final int port;
  private final EdgeService edge;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private long next;

  /** @param records how many records the store has before the edge starts */
  RunningEdge(int records, Map<String, String> sets) {
    this(records, sets, FrameTrial::run);
  }

  /** @param trial of the shared frames; one that fails makes the edge use the public API */
  RunningEdge(
      int records, Map<String, String> sets, BiFunction<Vertx, SharedFrames, Future<Void>> trial) {
    Map<String, String> all = new TreeMap<>(Map.of("edge.http.port", "0", "edge.http.loops", "2"));
    all.putAll(sets);
    for (Role role : Role.values()) {
      tokens.put(role.text(), who(role.text(), role, 1, Principal.NEVER));
    }
    tokens.put("elsewhere", who("elsewhere", Role.ADMIN, 2, Principal.NEVER));
    TokenLookup lookup = token -> Future.succeededFuture(Optional.ofNullable(tokens.get(token)));
    ctx = ServiceContext.create(vertx, Config.of(all), registry, lookup, true, false);
    appendQuietly(records);
    edge = new EdgeService(ctx, store, MemoryTrail.side(ctx), trial);
    port = Objects.requireNonNull(Await.value(edge.start()).get("edge.http"));
  }

  static Principal who(String name, Role role, int trail, long untilUs) {
    return new Principal(name, Set.of(role), Set.of(trail), untilUs, name);
  }

  EdgeService service() {
    return edge;
  }

  // publications

  static String message(long index) {
    return "{\"message\":\"m" + index + "\"}";
  }

  void appendQuietly(int count) {
    for (int i = 0; i < count; i++) {
      store.put(next, message(next), BATCH_AT_US);
      next++;
    }
  }

  /** Appends records and publishes them as one batch. */
  void publish(int count) {
    publish(count, "");
  }

  /** As {@link #publish(int)}, each with so much text besides. */
  void publish(int count, String filler) {
    long first = next;
    List<byte[]> records = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String record = filler.isEmpty()
          ? message(next)
          : "{\"message\":\"m" + next + "\",\"filler\":\"" + filler + "\"}";
      store.put(next, record, BATCH_AT_US);
      records.add(record.getBytes(StandardCharsets.UTF_8));
      next++;
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
                count,
                BATCH_AT_US,
                0,
                true,
                records,
                new byte[0],
                Stamps.UNKNOWN));
  }

  void publishStatistic(String name, long batch, String key, double last) {
    vertx
        .eventBus()
        .publish(
            Addresses.statistic(name),
            new StatisticUpdate(
                1,
                name,
                batch,
                BATCH_AT_US + batch,
                List.of(new StatisticUpdate.Value(
                    0,
                    1,
                    new TreeMap<>(Map.of("key", key)),
                    BATCH_AT_US,
                    BATCH_AT_US + batch,
                    new TreeMap<>(Map.of("last", last)))),
                Stamps.UNKNOWN));
  }

  // HTTP

  record Answer(int status, String body, Map<String, String> headers) {}

  Answer http(String method, String uri, Map<String, String> headers, String body) {
    return send(http, method, uri, headers, body);
  }

  /** On a connection of its own: SockJS' polls end theirs. */
  Answer poll(String uri, Map<String, String> headers, String body) {
    HttpClient once =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    return send(once, "POST", uri, headers, body);
  }

  private Answer send(
      HttpClient client, String method, String uri, Map<String, String> headers, String body) {
    HttpRequest.Builder request = HttpRequest.newBuilder(
            URI.create("http://localhost:" + port + uri))
        .method(method, HttpRequest.BodyPublishers.ofString(body))
        .timeout(Duration.ofMillis(LIMIT_MS));
    headers.forEach(request::header);
    try {
      HttpResponse<String> answer =
          client.send(request.build(), HttpResponse.BodyHandlers.ofString());
      Map<String, String> got = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
      answer.headers().map().forEach((name, values) -> got.put(name, String.join(", ", values)));
      return new Answer(answer.statusCode(), answer.body(), got);
    } catch (IOException failed) {
      throw new AssertionError(method + " " + uri, failed);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new AssertionError(method + " " + uri, stopped);
    }
  }

  static Map<String, String> bearer(String token) {
    return token.isEmpty() ? Map.of() : Map.of("Authorization", "Bearer " + token);
  }

  /** Sum of a metric's samples, of those that contain {@code label} where one is given. */
  double metric(String name, String label) {
    double sum = 0;
    for (String line : registry.scrape().split("\n", -1)) {
      boolean named = line.startsWith(name + " ") || line.startsWith(name + "{");
      if (named && line.contains(label)) {
        sum += Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
      }
    }
    return sum;
  }

  double sessions() {
    return metric("vedette_edge_sessions", "");
  }

  /** Waits until something shows that this test cannot be told of; fails when it never does. */
  static void until(String what, BooleanSupplier shows) {
    long until = System.nanoTime() + LIMIT_MS * 1_000_000;
    try {
      while (!shows.getAsBoolean()) {
        assertThat(System.nanoTime()).as(what).isLessThan(until);
        // Nothing counts this latch down: it is the pause between two looks.
        new CountDownLatch(1).await(10, TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new AssertionError(what, stopped);
    }
  }

  @Override
  public void close() {
    Await.value(edge.drain());
    Await.value(edge.stop());
    Await.value(vertx.close());
  }
}
