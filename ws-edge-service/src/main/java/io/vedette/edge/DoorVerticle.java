package io.vedette.edge;

import io.vedette.edge.hub.Lane;
import io.vedette.edge.hub.Session;
import io.vedette.edge.protocol.CloseCode;
import io.vedette.runtime.ServiceContext;
import io.vedette.runtime.auth.Principal;
import io.vedette.runtime.auth.Role;
import io.vedette.runtime.auth.Verdict;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/** The HTTP server of one event loop and the sessions that came through it. */
final class DoorVerticle extends VerticleBase {
  private static final long SWEEP_MS = 1_000;
  private static final long RECHECK_MS = 3_000;

  /** Closing everybody in the same moment would bring everybody back in the same moment: so many milliseconds between two of a loop, as long as the time for all of them allows it. */
  private static final long CLOSE_EVERY_MS = 5;

  /** What is a little too large gets our close code; what is much too large is cut off while it arrives. */
  private static final int FRAME_HEADROOM = 64 << 10;

  private static final int RECONNECT_SPREAD_MS = 3_000;

  private final ServiceContext ctx;
  private final SocketDoor.Shared shared;
  private final Consumer<Router> routes;
  private final Lane.Watch watch;
  private final int port;
  private Lane lane;
  private HttpServer server;
  private long lookedNs;

  @SuppressWarnings("NullAway.Init") // lane and server are known when the verticle has started
  DoorVerticle(
      ServiceContext ctx,
      SocketDoor.Shared shared,
      Consumer<Router> routes,
      Lane.Watch watch,
      int port) {
    this.ctx = ctx;
    this.shared = shared;
    this.routes = routes;
    this.watch = watch;
    this.port = port;
  }

  @Override
  public Future<?> start() {
    lane = new Lane(new VertxLoop(vertx, context), shared.limits(), shared.metrics());
    lane.watch(watch);
    ConnectionWatch connections = new ConnectionWatch(
        ctx.config().get(EdgeConfig.REQUEST_LIMIT).toMillis() * 1_000,
        shared.limits().idleMs() * 1_000);
    Router router = ctx.http().router("edge");
    router.route().order(Integer.MIN_VALUE).handler(connections::asked);
    new SocketDoor(shared, lane).mount(router);
    new SockJsDoor(shared, lane).mount(router);
    new SseDoor(shared, lane).mount(router);
    routes.accept(router);
    long sweepMs = Math.min(SWEEP_MS, Math.max(50, shared.limits().idleMs() / 6));
    lookedNs = System.nanoTime();
    vertx.setPeriodic(sweepMs, tick -> {
      long nowNs = System.nanoTime();
      shared.metrics().loopLag(lane, (nowNs - lookedNs) / 1_000 - sweepMs * 1_000);
      lookedNs = nowNs;
      shared.metrics().queuedBytes(lane, lane.sweep());
      shared.metrics().idleCut(connections.sweep(VertxLoop.nowMicros()));
    });
    vertx.setPeriodic(RECHECK_MS, tick -> recheck());
    return ctx.http()
        .listen(
            router,
            options(),
            ctx.http().bindHost(),
            port,
            EdgeConfig.PORT.path(),
            opening -> opening.connectionHandler(connections::connected))
        .onSuccess(listening -> server = listening);
  }

  private HttpServerOptions options() {
    int idleSeconds = (int) (shared.limits().idleMs() / 1_000) + 15;
    HttpServerOptions options = ctx.http()
        .options()
        .setIdleTimeout(idleSeconds)
        // With it Vert.x shows a connection only when its first request is complete: too late to
        // cut one whose request never is.
        .setHttp2ClearTextEnabled(false)
        .addWebSocketSubProtocol(SocketDoor.SUBPROTOCOL)
        .setMaxWebSocketFrameSize(shared.maxMessageBytes() + FRAME_HEADROOM)
        .setMaxWebSocketMessageSize(shared.maxMessageBytes() + FRAME_HEADROOM)
        .setPerMessageWebSocketCompressionSupported(false)
        .setPerFrameWebSocketCompressionSupported(false);
    return shared.frames() == null ? options : shared.frames().prepared(options);
  }

  int actualPort() {
    return server.actualPort();
  }

  /** Ends sessions one after the other, each with a hint when to come back. */
  Future<Void> drain() {
    Promise<Void> drained = Promise.promise();
    context.runOnContext(go -> {
      List<Session> sessions = new ArrayList<>(lane.everySession());
      if (sessions.isEmpty()) {
        drained.complete();
        return;
      }
      long spreadMs =
          Math.min(ctx.config().get(EdgeConfig.DRAIN).toMillis(), CLOSE_EVERY_MS * sessions.size());
      for (int i = 0; i < sessions.size(); i++) {
        Session session = sessions.get(i);
        boolean last = i == sessions.size() - 1;
        vertx.setTimer(Math.max(1, spreadMs * i / sessions.size()), now -> {
          int backMs = ThreadLocalRandom.current().nextInt(RECONNECT_SPREAD_MS);
          session.close(
              CloseCode.GOING_AWAY, "server is going away; reconnect in " + backMs + " ms");
          if (last) {
            drained.complete();
          }
        });
      }
    });
    return drained.future();
  }

  @Override
  public Future<?> stop() {
    return server == null ? Future.succeededFuture() : server.close();
  }

  /** Tokens that were revoked or expired, or may no longer what they might, end their sessions within seconds. */
  private void recheck() {
    Map<String, List<Session>> byToken = new HashMap<>();
    for (Session session : lane.everySession()) {
      String token = session.token();
      if (token != null) {
        byToken.computeIfAbsent(token, absent -> new ArrayList<>()).add(session);
      }
    }
    byToken.forEach((token, sessions) -> shared.access().authenticate(token).onSuccess(verdict -> {
      if (verdict instanceof Verdict.Bad || verdict instanceof Verdict.Expired) {
        sessions.forEach(session -> session.close(CloseCode.UNAUTHORIZED, verdict.advice()));
      } else if (verdict instanceof Verdict.Granted granted) {
        sessions.forEach(session -> compare(session, granted.principal()));
      }
    }));
  }

  /** A session lives with what its token allowed when it opened: with less, or more, it begins anew. */
  private static void compare(Session session, Principal now) {
    Principal then = session.principal();
    if (then.roles().equals(now.roles()) && then.trails().equals(now.trails())) {
      return;
    }
    if (now.allows(Role.VIEWER)) {
      session.close(CloseCode.GOING_AWAY, "what this token allows has changed; reconnect in 0 ms");
    } else {
      session.close(CloseCode.FORBIDDEN, "this token has lost role viewer");
    }
  }
}
