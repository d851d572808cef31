package io.vedette.edge;

import io.vedette.edge.hub.Lane;
import io.vedette.edge.hub.Outlet;
import io.vedette.edge.hub.Session;
import io.vedette.edge.metric.EdgeMetrics;
import io.vedette.edge.protocol.CloseCode;
import io.vedette.edge.protocol.Frame;
import io.vedette.runtime.auth.Access;
import io.vedette.runtime.auth.Role;
import io.vedette.runtime.auth.Verdict;
import io.vedette.runtime.http.Problem;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.shareddata.LocalMap;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.handler.sockjs.SockJSHandler;
import io.vertx.ext.web.handler.sockjs.SockJSHandlerOptions;
import io.vertx.ext.web.handler.sockjs.SockJSSocket;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** SockJS' information resource and its transports for networks that block WebSockets (xhr, xhr-streaming, eventsource), to the same sessions. The WebSocket transports are {@link SocketDoor}'s, whose routes come first. */
final class SockJsDoor {
  private static final Logger log = LoggerFactory.getLogger(SockJsDoor.class);
  private static final long HEARTBEAT_MS = 25_000;
  private static final String PRESENTED = "vedette.presented";
  private static final Pattern SESSION = Pattern.compile("/eventbus/[^/.]+/([^/.]+)/[^/]+");

  private final SocketDoor.Shared shared;
  private final Doorman doorman;
  private final Lane lane;

  /** Id of the token by SockJS session; of all doors, as SockJS' own map of sessions is. As large as that one. */
  private final LocalMap<String, String> owners;

  SockJsDoor(SocketDoor.Shared shared, Lane lane) {
    this.shared = shared;
    this.doorman = new Doorman(shared);
    this.lane = lane;
    this.owners = shared.vertx().sharedData().getLocalMap("vedette.sockjs.owners");
  }

  void mount(Router router) {
    router.route("/eventbus/*").handler(this::admit);
    router
        .post("/eventbus/*")
        .handler(BodyHandler.create(false).setBodyLimit(2L * shared.maxMessageBytes()));
    SockJSHandlerOptions options = new SockJSHandlerOptions()
        .setHeartbeatInterval(HEARTBEAT_MS)
        .setRegisterWriteHandler(false);
    router
        .route("/eventbus/*")
        .subRouter(SockJSHandler.create(shared.vertx(), options).socketHandler(this::opened));
  }

  /** The page must be ours or listed; who it is, is asked before SockJS sees the request. What belongs to an open session goes on while this edge leaves. */
  private void admit(RoutingContext ctx) {
    if (!doorman.knowsOrigin(ctx)) {
      return;
    }
    if (ctx.request().method().equals(HttpMethod.OPTIONS)
        || ctx.request().path().endsWith("/info")) {
      ctx.next();
      return;
    }
    if (ctx.request().path().endsWith("/xhr")) {
      // SockJS closes the connection of some polls with their answer; clients that were not told
      // use it again and take the reset for the end of the session.
      ctx.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
    ctx.request().pause();
    doorman
        .identify(ctx.request())
        .onSuccess(presented -> {
          ctx.request().resume();
          if (isAnothers(ctx.request().path(), presented.verdict())) {
            shared.metrics().turnedAway("another's");
            refuse(ctx, presented.verdict());
            return;
          }
          ctx.put(PRESENTED, presented);
          ctx.next();
        })
        .onFailure(ctx::fail);
  }

  /** A session goes on only for who opened it: its later requests carry nothing but its name, which is no secret. */
  private boolean isAnothers(String path, Verdict verdict) {
    Matcher named = SESSION.matcher(path);
    String owner = named.matches() ? owners.get(named.group(1)) : null;
    return owner != null
        && !(verdict instanceof Verdict.Granted granted
            && owner.equals(granted.principal().tokenId()));
  }

  private static void refuse(RoutingContext ctx, Verdict verdict) {
    if (verdict instanceof Verdict.Granted) {
      Problem.send(
          ctx, 403, "not-allowed", "Not allowed", "this session was opened with another token");
    } else {
      Access.refuse(ctx, verdict);
    }
  }

  private void opened(SockJSSocket socket) {
    Doorman.Presented presented = socket.routingContext().get(PRESENTED);
    Verdict verdict =
        (presented == null ? new Verdict.Missing() : presented.verdict()).require(Role.VIEWER);
    socket.exceptionHandler(failure -> log.debug("sockjs: {}", failure.toString()));
    if (presented == null || !(verdict instanceof Verdict.Granted granted)) {
      shared.metrics().turnedAway(verdict.word());
      socket.close(
          verdict instanceof Verdict.NotAllowed
              ? CloseCode.FORBIDDEN.code()
              : CloseCode.UNAUTHORIZED.code(),
          verdict.advice());
      return;
    }
    if (doorman.isLeaving() || doorman.isFull()) {
      CloseCode code = doorman.isLeaving() ? CloseCode.GOING_AWAY : CloseCode.TOO_MANY;
      shared.metrics().turnedAway(doorman.isLeaving() ? "draining" : "too_many");
      socket.close(code.code(), code.meaning());
      return;
    }
    PollingOutlet outlet = new PollingOutlet(socket, shared.metrics());
    Session session = new Session(
        UUID.randomUUID().toString(),
        Session.Door.SOCKJS,
        new Session.Identity(granted.principal(), presented.token()),
        outlet,
        lane,
        shared.hub(),
        shared.actions(),
        shared.parser());
    outlet.heardBy(session::heard);
    Matcher named = SESSION.matcher(socket.routingContext().request().path());
    String name = named.matches() ? named.group(1) : "";
    owners.put(name, granted.principal().tokenId());
    socket.handler(message -> {
      if (message.length() <= shared.maxMessageBytes()) {
        session.receive(message.getBytes());
      } else {
        session.close(CloseCode.TOO_BIG, CloseCode.TOO_BIG.meaning());
      }
    });
    socket.closeHandler(closed -> {
      owners.remove(name);
      session.gone();
    });
  }

  /** A SockJS session as outlet; its queue is counted until a poll takes it. */
  private static final class PollingOutlet implements Outlet {
    private final SockJSSocket socket;
    private final EdgeMetrics metrics;
    private long pending;
    private Runnable heard = () -> {};

    PollingOutlet(SockJSSocket socket, EdgeMetrics metrics) {
      this.socket = socket;
      this.metrics = metrics;
    }

    /** Who is told that a poll took something: it is the sign of life of a client that says nothing. */
    void heardBy(Runnable listener) {
      heard = listener;
    }

    @Override
    public void write(Frame frame) {
      write(frame, () -> {});
    }

    @Override
    public void write(Frame frame, Runnable sent) {
      pending += frame.length();
      Future<Void> last = Future.succeededFuture();
      for (byte[] message : frame.messages()) {
        last = socket.write(new String(message, StandardCharsets.UTF_8));
      }
      long length = frame.length();
      metrics.wire(length, length);
      last.onComplete(written -> {
        pending -= length;
        if (written.succeeded()) {
          heard.run();
        }
        Vertx.currentContext().runOnContext(soon -> sent.run());
      });
    }

    @Override
    public void flush() {
      // SockJS writes when a poll is there.
    }

    @Override
    public long pendingBytes() {
      return pending;
    }

    @Override
    public void ping() {
      // SockJS' own heartbeat does it.
    }

    @Override
    public void close(CloseCode code, String reason) {
      socket.close(code.code(), reason);
    }
  }
}
