package io.vedette.store.host;

import io.vedette.runtime.Health;
import io.vedette.runtime.RuntimeConfig;
import io.vedette.runtime.auth.Access;
import io.vedette.runtime.config.Config;
import io.vedette.runtime.config.Key;
import io.vedette.runtime.http.HttpDoors;
import io.vedette.runtime.http.Problem;
import io.vedette.runtime.metrics.Metrics;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A service's HTTP port while the process waits for what it needs to start: live, not ready, and saying what it waits for. Closed just before the service opens its own door there; a port that is taken
 * or 0 has none.
 */
final class WaitingDoor {
  private static final Logger LOG = LoggerFactory.getLogger(WaitingDoor.class);

  private final String name;
  private volatile String reason = "the process has just started";
  private @Nullable HttpServer server;

  private WaitingDoor(String name) {
    this.name = name;
  }

  /** Completes with a door in any case: that it could not be opened is logged. */
  static Future<WaitingDoor> open(Vertx vertx, Config config, String name) {
    WaitingDoor door = new WaitingDoor(name);
    Optional<Key<?>> key = config.keys().stream()
        .filter(one -> one.path().equals(name + ".http.port"))
        .findFirst();
    if (key.isEmpty() || !(config.get(key.get()) instanceof Integer port) || port == 0) {
      return Future.succeededFuture(door);
    }
    return door.listen(vertx, config, port, key.get().path()).map(door).otherwise(failure -> {
      LOG.warn("{} does not answer while it waits: {}", name, failure.getMessage());
      return door;
    });
  }

  private Future<HttpServer> listen(Vertx vertx, Config config, int port, String portKey) {
    Health health = new Health();
    health.register("start", () -> Health.Check.down(reason));
    var metrics = Metrics.registry(); // its own: the service's doors bring the process's
    Access access = Access.create(
        vertx, config, token -> Future.failedFuture(new IllegalStateException(reason)), metrics);
    HttpDoors doors = new HttpDoors(vertx, config, metrics, health, access);
    Router router = doors.router(name);
    router.route().handler(ctx -> {
      ctx.response().putHeader(HttpHeaders.RETRY_AFTER, "5");
      Problem.send(ctx, 503, "unavailable", "Not started yet", reason);
    });
    return doors
        .listen(router, doors.options(), config.get(RuntimeConfig.HTTP_BIND), port, portKey)
        .onSuccess(opened -> server = opened);
  }

  /** What is waited for from now on, for people. */
  void waitsFor(String what) {
    reason = what;
  }

  Future<Void> close() {
    HttpServer open = server;
    server = null;
    return open == null ? Future.succeededFuture() : open.close();
  }
}
