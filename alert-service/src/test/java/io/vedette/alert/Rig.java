package io.vedette.alert;

import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vedette.model.Finding;
import io.vedette.model.Publication;
import io.vedette.runtime.Addresses;
import io.vedette.runtime.ServiceContext;
import io.vedette.runtime.auth.Principal;
import io.vedette.runtime.auth.Role;
import io.vedette.runtime.config.Config;
import io.vedette.store.Database;
import io.vedette.store.DatabaseUrl;
import io.vedette.store.MicroClock;
import io.vedette.store.alert.FindingReader;
import io.vedette.store.alert.NotificationReader;
import io.vedette.store.alert.NotificationRow;
import io.vedette.store.analysis.FindingJson;
import io.vedette.store.trail.Trail;
import io.vedette.testkit.Await;
import io.vedette.testkit.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.Message;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** One alert service with its own Vert.x, against a database that others may share. */
final class Rig implements AutoCloseable {
  static final String OPERATOR = "operator-token";
  static final String VIEWER = "viewer-token";

  final Vertx vertx = Vertx.vertx();
  final Database database;
  final ServiceContext ctx;
  final AlertService service;
  final Map<String, Integer> ports;
  private volatile Config config;
  private final Path folder;
  private final HttpClient client;
  private final Heard changes = new Heard();
  private final Heard notifications = new Heard();

  Rig(TestDatabase at, DatabaseUrl url, Path folder, String yaml, MicroClock clock) {
    this.folder = folder;
    database = at.connect(vertx, url);
    Database owner = at.connect(vertx);
    Await.value(Trail.open(owner, 1, null));
    Await.value(owner.close());
    config = read(yaml);
    ctx = ServiceContext.create(
        vertx,
        config,
        new PrometheusMeterRegistry(PrometheusConfig.DEFAULT),
        Rig::token,
        true,
        false);
    vertx
        .eventBus()
        .consumer(
            Addresses.ALERT_CHANGED,
            (Message<Publication> message) -> changes.hear(message.body()));
    vertx
        .eventBus()
        .consumer(
            Addresses.NOTIFICATION_SENT,
            (Message<Publication> message) -> notifications.hear(message.body()));
    service =
        new AlertService(ctx, database, new FindingReader(database)::after, () -> config, clock);
    ports = Await.value(service.start());
    client = vertx.createHttpClient();
  }

  static Rig start(TestDatabase at, Path folder, String yaml) {
    return new Rig(at, at.url(), folder, yaml, MicroClock.SYSTEM);
  }

  void reconfigure(String yaml) {
    config = read(yaml);
  }

  /** The file the service was started with says something else from now on. */
  void rewrite(String yaml) {
    reconfigure(yaml);
    try {
      Files.writeString(ctx.config().file().orElseThrow(), yaml);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Config read(String yaml) {
    try {
      Path file = Files.writeString(Files.createTempFile(folder, "vedette", ".yaml"), yaml);
      return Config.load(file, Map.of(), Map.of());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Future<Optional<Principal>> token(String presented) {
    return Future.succeededFuture(
        switch (presented) {
          case OPERATOR ->
            Optional.of(
                new Principal("ann", Set.of(Role.OPERATOR), Set.of(1), Principal.NEVER, "1"));
          case VIEWER ->
            Optional.of(new Principal("vic", Set.of(Role.VIEWER), Set.of(1), Principal.NEVER, "2"));
          default -> Optional.empty();
        });
  }

  /** As the analyzer would. */
  static void raise(Database database, Finding finding) {
    Await.value(database
        .pool()
        .preparedQuery(
            "INSERT INTO vedette.finding (trail, partition, number, revision, rule, key, transition, batch, at_us, body) VALUES (1, $1, $2, $3, $4, $5, $6, $7, $8, $9)")
        .execute(Tuple.of(
                finding.partition(),
                finding.number(),
                finding.revision(),
                finding.rule(),
                Integer.toString(finding.key().hashCode()))
            .addValue(finding.transition().name().toLowerCase(Locale.ROOT))
            .addValue(finding.batch())
            .addValue(finding.atUs())
            .addValue(Buffer.buffer(FindingJson.write(finding)))));
  }

  void raise(Finding finding) {
    raise(database, finding);
    vertx
        .eventBus()
        .publish(
            Addresses.FINDING_RAISED,
            new Publication(1, "findings", "e", 1, new byte[0], finding.stamps()));
  }

  /** Publications that the bus told and the test has not asked for, or askers that wait for the next. */
  private static final class Heard {
    private final Deque<Publication> heard = new ArrayDeque<>();
    private final Deque<Promise<Publication>> listeners = new ArrayDeque<>();

    synchronized void hear(Publication publication) {
      Promise<Publication> listener = listeners.poll();
      if (listener == null) {
        heard.add(publication);
      } else {
        listener.complete(publication);
      }
    }

    synchronized Future<Publication> next() {
      Publication first = heard.poll();
      if (first != null) {
        return Future.succeededFuture(first);
      }
      Promise<Publication> listener = Promise.promise();
      listeners.add(listener);
      return listener.future();
    }
  }

  /** The next change of an alert that the bus tells. */
  JsonObject change() {
    return new JsonObject(Await.value(changes.next()).text());
  }

  /** The next outcome of a notification that the bus tells. */
  Publication told() {
    return Await.value(notifications.next());
  }

  Timer stage(String stage) {
    return ctx.metrics().get("vedette.stage.duration").tag("stage", stage).timer();
  }

  double amount(String counter, String stage) {
    return ctx.metrics().get(counter).tag("stage", stage).counter().count();
  }

  /** Waits until a stage's counter has reached a value. */
  void counted(String counter, String stage, double atLeast) {
    Await.value(until(() -> amount(counter, stage) >= atLeast));
  }

  private Future<Void> until(BooleanSupplier reached) {
    return reached.getAsBoolean()
        ? Future.succeededFuture()
        : vertx.timer(20, TimeUnit.MILLISECONDS).compose(again -> until(reached));
  }

  /** Waits until a counter has reached a value. */
  void counted(String counter, double atLeast) {
    Await.value(until(() -> ctx.metrics().get(counter).counter().count() >= atLeast));
  }

  String health(String check) {
    return Objects.requireNonNull(ctx.health().report().get(check)).detail();
  }

  record Answer(int status, String contentType, Buffer body) {}

  Answer http(HttpMethod method, String path, String token, Buffer body) {
    RequestOptions options = new RequestOptions()
        .setMethod(method)
        .setHost("127.0.0.1")
        .setPort(ports.get("alert.http"))
        .setURI(path);
    if (!token.isEmpty()) {
      options.putHeader("Authorization", "Bearer " + token);
    }
    return Await.exchange(vertx, () -> client
        .request(options)
        .compose(request -> request.send(body))
        .compose(response -> response
            .body()
            .map(all -> new Answer(
                response.statusCode(), String.valueOf(response.getHeader("Content-Type")), all))));
  }

  Answer get(String path) {
    return http(HttpMethod.GET, path, VIEWER, Buffer.buffer());
  }

  /** The notification once its outcome is recorded. */
  NotificationRow settled(String id) {
    return Await.value(outcome(new NotificationReader(database), id));
  }

  private Future<NotificationRow> outcome(NotificationReader reader, String id) {
    return reader.byId(1, id).compose(found -> {
      NotificationRow row = found.orElseThrow();
      return row.state().equals("sent") || row.state().equals("failed")
          ? Future.succeededFuture(row)
          : vertx.timer(20, TimeUnit.MILLISECONDS).compose(again -> outcome(reader, id));
    });
  }

  /** Gone without a word: nothing is handed over or finished. The lease must run out. */
  void vanish() {
    Await.value(database.close());
  }

  @Override
  public void close() {
    Await.value(service.stop());
    Await.value(database.close());
    Await.value(vertx.close());
  }
}
