package io.vedette.store.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vedette.model.Batch;
import io.vedette.runtime.Addresses;
import io.vedette.runtime.Service;
import io.vedette.runtime.ServiceContext;
import io.vedette.runtime.config.Config;
import io.vedette.runtime.config.ConfigException;
import io.vedette.store.Database;
import io.vedette.store.Migrations;
import io.vedette.store.node.Nodes;
import io.vedette.store.trail.AppendOutcome;
import io.vedette.store.trail.AppendRequest;
import io.vedette.store.trail.Appender;
import io.vedette.store.trail.Trail;
import io.vedette.testkit.Await;
import io.vedette.testkit.TestDatabase;
import io.vedette.testkit.TestPostgres;
import io.vedette.testkit.TestTrail;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ServiceHostTest {
  private final List<String> acts = new CopyOnWriteArrayList<>();
  private TestDatabase db;

  @BeforeEach
  void open() {
    db = TestPostgres.shared().fresh();
  }

  @AfterEach
  void close() {
    db.close();
  }

  private Config config() {
    return Config.of(
        Map.of("database.url", db.url().secretText(), "trail.origin", "example.org/audit"));
  }

  @Test
  void twoServicesFindEachOtherByTheirRowsAndLeaveThem() {
    Promise<Batch> received = Promise.promise();
    Promise<ServiceContext> started = Promise.promise();
    ServiceHost.Running edge;
    ServiceHost.Running collector = ServiceHost.start(
        config(),
        "collector",
        (context, database) ->
            new Recorded("collector", started, context, Future.succeededFuture()));
    edge = ServiceHost.start(config(), "edge", (context, database) -> {
      var consumer = context
          .vertx()
          .eventBus()
          .<Batch>consumer(
              Addresses.RECORD_APPENDED, message -> received.tryComplete(message.body()));
      return new Recorded("edge", Promise.promise(), context, consumer.completion());
    });
    assertThat(edge.ports()).isEqualTo(Map.of("edge.http", 4711));
    Vertx vertx = Await.value(started.future()).vertx();
    Database database = db.connect(vertx);
    assertThat(Await.value(new Nodes(database).live()).stream()
            .flatMap(node -> node.services().stream()))
        .containsExactlyInAnyOrder("collector", "edge");

    Appender appender = new Appender(database, vertx.eventBus());
    assertThat(Await.value(appender.append(
            AppendRequest.of(1, UUID.randomUUID(), 1, 1, TestTrail.records(2, "a", 0)))))
        .isInstanceOf(AppendOutcome.Appended.class);
    assertThat(Await.value(received.future()).records()).hasSize(2);
    Await.value(appender.close());

    assertThat(edge.stop()).isEmpty();
    assertThat(Await.value(new Nodes(database).live())).hasSize(1);
    Await.value(database.close());
    assertThat(collector.stop()).isEmpty();
    assertThat(acts)
        .containsExactly(
            "start collector",
            "start edge",
            "drain edge",
            "stop edge",
            "drain collector",
            "stop collector");
  }

  @Test
  void failedStartUndoesWhatWasDone() {
    assertThatThrownBy(() -> ServiceHost.start(
            config(),
            "collector",
            (context, database) -> new Recorded(
                "collector",
                Promise.promise(),
                context,
                Future.failedFuture(new IllegalStateException("port taken")))))
        .hasMessage("port taken");
    assertThat(acts).containsExactly("start collector", "stop collector");
    assertThat(db.number("SELECT count(*) FROM vedette.node")).isZero();
  }

  /** Whoever starts a process watches whether it lives: an orchestrator that got no answer used to kill what was only waiting. */
  @Test
  void processThatWaitsForItsDatabaseLivesAndSaysWhatItWaitsFor() throws IOException {
    Vertx outside = Vertx.vertx();
    HttpClient client = outside.createHttpClient();
    int port = freePort();
    try (TestDatabase empty = TestPostgres.shared().empty()) {
      Config config = Config.of(Map.of(
          "database.url", empty.url().secretText(), "mill.http.port", Integer.toString(port)));
      CompletableFuture<ServiceHost.Running> start = CompletableFuture.supplyAsync(
          () -> ServiceHost.start(config, "mill", (context, database) -> new Mill(context)),
          runnable -> new Thread(runnable, "mill").start());

      String waiting = ready(outside, client, port, 503, "db migrate");
      assertThat(waiting).contains("\"start\"").contains("missing=1");
      assertThat(Await.exchange(outside, () -> status(client, port, "/health/live")))
          .isEqualTo(200);
      assertThat(Await.exchange(outside, () -> status(client, port, "/api/v1/records")))
          .isEqualTo(503);
      assertThat(start).isNotDone();

      Migrations.migrate(empty.url());
      ready(outside, client, port, 503, "waiting for a collector to open trail 1");
      Database database = empty.connect(outside);
      Await.value(Trail.open(database, 1, null));
      Await.value(database.close());
      assertThat(ready(outside, client, port, 200, "up")).contains("\"service\":\"mill\"");
      assertThat(Await.value(Future.fromCompletionStage(start)).stop()).isEmpty();
    } finally {
      Await.value(client.close());
      Await.value(outside.close());
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** The first answer on readiness that has this status and says this. */
  private static String ready(Vertx vertx, HttpClient client, int port, int status, String said) {
    return Await.exchange(vertx, () -> readiness(vertx, client, port, status, said));
  }

  private static Future<String> readiness(
      Vertx vertx, HttpClient client, int port, int status, String said) {
    return client
        .request(HttpMethod.GET, port, "127.0.0.1", "/health/ready")
        .compose(HttpClientRequest::send)
        .compose(answer -> answer.body().map(body -> answer.statusCode() + " " + body))
        .otherwise("nobody there")
        .compose(answer -> answer.startsWith(status + " ") && answer.contains(said)
            ? Future.succeededFuture(answer)
            : vertx
                .timer(50, TimeUnit.MILLISECONDS)
                .compose(again -> readiness(vertx, client, port, status, said)));
  }

  private static Future<Integer> status(HttpClient client, int port, String path) {
    return client
        .request(HttpMethod.GET, port, "127.0.0.1", path)
        .compose(HttpClientRequest::send)
        .map(HttpClientResponse::statusCode);
  }

  /** Opens the door of {@code mill.http.port}. */
  private static final class Mill implements Service {
    private final ServiceContext context;

    Mill(ServiceContext context) {
      this.context = context;
    }

    @Override
    public String name() {
      return "mill";
    }

    @Override
    public Future<Map<String, Integer>> start() {
      return context
          .http()
          .listen(
              context.http().router("mill"),
              context.http().options(),
              "127.0.0.1",
              context.config().get(MillConfig.HTTP_PORT),
              MillConfig.HTTP_PORT.path())
          .map(server -> Map.of("mill.http", server.actualPort()));
    }

    @Override
    public Future<Void> drain() {
      return Future.succeededFuture();
    }

    @Override
    public Future<Void> stop() {
      return Future.succeededFuture();
    }
  }

  @Test
  void missingSettingsAreNamed() {
    assertThatThrownBy(() -> ServiceHost.start(
            Config.of(Map.of()),
            "edge",
            (context, database) ->
                new Recorded("edge", Promise.promise(), context, Future.succeededFuture())))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("VEDETTE_DATABASE_URL");
    assertThatThrownBy(() -> ServiceHost.start(
            Config.of(Map.of("database.url", db.url().secretText())),
            "collector",
            (context, database) ->
                new Recorded("collector", Promise.promise(), context, Future.succeededFuture())))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("trail.origin");
  }

  private final class Recorded implements Service {
    private final String name;
    private final Promise<ServiceContext> started;
    private final ServiceContext context;
    private final Future<?> useful;

    Recorded(
        String name, Promise<ServiceContext> started, ServiceContext context, Future<?> useful) {
      this.name = name;
      this.started = started;
      this.context = context;
      this.useful = useful;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public Future<Map<String, Integer>> start() {
      acts.add("start " + name);
      started.complete(context);
      return useful.map(done -> Map.of(name + ".http", 4711));
    }

    @Override
    public Future<Void> drain() {
      acts.add("drain " + name);
      return Future.succeededFuture();
    }

    @Override
    public Future<Void> stop() {
      acts.add("stop " + name);
      return Future.succeededFuture();
    }
  }
}
