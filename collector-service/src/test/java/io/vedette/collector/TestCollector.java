package io.vedette.collector;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.vedette.model.Batch;
import io.vedette.model.RecordView;
import io.vedette.runtime.About;
import io.vedette.runtime.Addresses;
import io.vedette.runtime.Codecs;
import io.vedette.runtime.Health;
import io.vedette.runtime.ServiceContext;
import io.vedette.runtime.auth.Access;
import io.vedette.runtime.config.Config;
import io.vedette.runtime.http.HttpDoors;
import io.vedette.runtime.metrics.Metrics;
import io.vedette.store.Database;
import io.vedette.store.MicroClock;
import io.vedette.store.auth.Tokens;
import io.vedette.store.trail.StorageSpace;
import io.vedette.store.trail.Trail;
import io.vedette.testkit.Await;
import io.vedette.testkit.TestDatabase;
import io.vedette.testkit.TestPostgres;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A collector without sources of its own on a free port, over a database of its own; everything is closed with it. */
final class TestCollector implements AutoCloseable {
  private final TestDatabase server = TestPostgres.sharedWithoutFsync().fresh();
  private final Vertx vertx = Vertx.vertx();
  private final Database database = server.connect(vertx);
  private final Trail trail = Await.value(Trail.open(database, 1, null));
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final AtomicLong freeBytes = new AtomicLong(Long.MAX_VALUE);
  private final MeterRegistry metrics = Metrics.registry();
  private @Nullable CollectorService collector;
  private Map<String, Integer> ports = Map.of();

  Trail trail() {
    return trail;
  }

  TestDatabase server() {
    return server;
  }

  Database database() {
    return database;
  }

  /** What the storage says from now on; 1 byte is enough. */
  void freeBytes(long bytes) {
    freeBytes.set(bytes);
  }

  /** All that is in the trail, in its order. */
  List<RecordView> records() {
    return server
        .query("SELECT encode(canonical, 'hex') FROM vedette.record ORDER BY index")
        .stream()
        .map(hex -> new RecordView(HexFormat.of().parseHex(hex)))
        .toList();
  }

  double count(String meter, String... tags) {
    return metrics.find(meter).tags(Tags.of(tags)).counters().stream()
        .mapToDouble(counter -> counter.count())
        .sum();
  }

  MeterRegistry metrics() {
    return metrics;
  }

  Vertx vertx() {
    return vertx;
  }

  int port(String name) {
    return ports.getOrDefault(name, -1);
  }

  TestCollector start(Map<String, String> sets) {
    return start(sets, null);
  }

  /** @param file with configuration, or null */
  TestCollector start(Map<String, String> sets, @Nullable Path file) {
    Map<String, String> all = new HashMap<>(Map.of(
        "collector.http.port", "0",
        "collector.syslog.enabled", "false",
        "collector.default-sources", "false",
        "trail.signer-state-copy", "none",
        "trail.verify-cpu-percent", "0"));
    all.putAll(sets);
    Codecs.register(vertx.eventBus());
    CollectorService starting = new CollectorService(
        context(Config.load(file, Map.of(), all)),
        database,
        MicroClock.SYSTEM,
        new StorageSpace(freeBytes::get, 1));
    collector = starting;
    ports = Await.value(starting.start());
    return this;
  }

  /** What a verticle of its own is made with. */
  ServiceContext context(Config config) {
    Health health = new Health();
    Access access = Access.create(vertx, config, new Tokens(database), metrics);
    return new ServiceContext(
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
  }

  /** Batches as they are announced from now on. */
  void listen(Consumer<Batch> batches) {
    vertx
        .eventBus()
        .<Batch>consumer(Addresses.RECORD_APPENDED, message -> batches.accept(message.body()));
  }

  /** What {@code /health/ready} says. */
  JsonObject ready() throws Exception {
    return new JsonObject(http.send(
            HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + port("collector.http") + "/health/ready"))
                .timeout(Await.LIMIT)
                .build(),
            HttpResponse.BodyHandlers.ofString())
        .body());
  }

  HttpResponse<String> post(String json) throws Exception {
    return post(json.getBytes(StandardCharsets.UTF_8));
  }

  /** @param headers names and values in turn */
  HttpResponse<String> post(byte[] body, String... headers) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + port("collector.http") + "/v1/records"))
        .timeout(Await.LIMIT)
        .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  byte[] canonical(long index) {
    return HexFormat.of()
        .parseHex(server
            .query("SELECT encode(canonical, 'hex') FROM vedette.record WHERE index = " + index)
            .get(0));
  }

  /** Stops the collector; what it appended can be looked at. */
  void stop() {
    CollectorService running = collector;
    collector = null;
    if (running != null) {
      Await.value(running.drain());
      Await.value(running.stop());
    }
  }

  @Override
  public void close() {
    stop();
    Await.value(database.close());
    Await.value(vertx.close());
    server.close();
  }
}
