package io.vedette.edge;

import io.vedette.edge.hub.Lane;
import io.vedette.edge.hub.Outlet;
import io.vedette.edge.hub.Session;
import io.vedette.edge.metric.EdgeMetrics;
import io.vedette.edge.protocol.CloseCode;
import io.vedette.edge.protocol.ErrorCode;
import io.vedette.edge.protocol.Frame;
import io.vedette.edge.protocol.ServerFrames;
import io.vedette.runtime.auth.Access;
import io.vedette.runtime.auth.Role;
import io.vedette.runtime.auth.Verdict;
import io.vedette.runtime.http.Problem;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** SockJS' information resource and its transports for networks that block WebSockets (xhr, xhr-streaming, eventsource), to the same sessions. The WebSocket transports are {@link SocketDoor}'s, whose routes come first. */
final class SockJsDoor {
  private static final Logger log = LoggerFactory.getLogger(SockJsDoor.class);
  private static final long HEARTBEAT_MS = 25_000;
  private static final String PRESENTED = "vedette.presented";
  private static final String NAME = "vedette.sockjs.name";
  private static final String OPENED = "vedette.sockjs.opened";
  private static final String ANOTHERS = "this session was opened with another token";

  /** The transports we name, in their one spelling. Vert.x has more (jsonp, htmlfile), and routes by the normalised path: what is written otherwise is refused, not read. */
  private static final Pattern SESSION =
      Pattern.compile("/eventbus/[^/.%]+/([^/.%]+)/(xhr|xhr_send|xhr_streaming|eventsource)");

  /** Where SockJS looks for a session's name: among all parameters, of which those of a query or form go before the path's. */
  private static final String SOCKJS_NAME = "param0";

  /** Before the token in {@link #owners}, while a request has passed that may open the session. */
  private static final String CLAIM = "claimed ";

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
        .handler(BodyHandler.create(false)
            .setMergeFormAttributes(false)
            .setBodyLimit(2L * shared.maxMessageBytes()));
    router.route("/eventbus/*").handler(this::pass);
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
    String path = ctx.request().path();
    Matcher session = SESSION.matcher(path);
    boolean info = path.equals("/eventbus/info");
    if (!path.equals(ctx.normalizedPath()) || (!info && !session.matches())) {
      Problem.send(
          ctx,
          404,
          "not-found",
          "Not found",
          "no such transport; /eventbus has websocket, xhr_streaming, xhr, eventsource and info, at paths without escapes, dots and empty segments");
      return;
    }
    if (info || ctx.request().method().equals(HttpMethod.OPTIONS)) {
      ctx.next();
      return;
    }
    if (path.endsWith("/xhr")) {
      // SockJS closes the connection of some polls with their answer; clients that were not told
      // use it again and take the reset for the end of the session.
      ctx.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
    ctx.put(NAME, session.group(1));
    ctx.request().pause();
    doorman
        .identify(ctx.request())
        .onSuccess(presented -> {
          ctx.request().resume();
          ctx.put(PRESENTED, presented);
          if (admits(ctx, owners.get(session.group(1)), presented.verdict())) {
            ctx.next();
          }
        })
        .onFailure(ctx::fail);
  }

  /** Whether SockJS may see the request; else it is answered, whatever its transport. */
  private boolean admits(RoutingContext ctx, @Nullable String owner, Verdict verdict) {
    if (owner != null) {
      if (isOf(owner, verdict)) {
        return true;
      }
      shared.metrics().turnedAway("another's");
      refuse(ctx, verdict);
      return false;
    }
    Verdict viewing = verdict.require(Role.VIEWER);
    if (viewing instanceof Verdict.Granted && ctx.request().path().endsWith("/xhr_send")) {
      Problem.send(ctx, 404, "not-found", "Not found", "no such session");
      return false;
    }
    Refusal refusal = refusal(viewing);
    if (refusal == null) {
      return true;
    }
    shared.metrics().turnedAway(refusal.word());
    if (!close(ctx, refusal.code(), refusal.reason())) {
      Access.refuse(ctx, viewing);
    }
    return false;
  }

  /** With its body here: who may go on is asked again, since a body takes as long as its sender likes; and SockJS is told the very name that was asked about. It opens sessions before this returns. */
  private void pass(RoutingContext ctx) {
    String name = ctx.get(NAME);
    Doorman.Presented presented = ctx.get(PRESENTED);
    if (name == null || presented == null) {
      ctx.next(); // about no session
      return;
    }
    if (!admits(ctx, owners.get(name), presented.verdict())) {
      return;
    }
    String claim = presented.verdict() instanceof Verdict.Granted granted
        ? CLAIM + granted.principal().tokenId()
        : CLAIM;
    String owner = owners.putIfAbsent(name, claim);
    if (owner != null && !admits(ctx, owner, presented.verdict())) {
      return;
    }
    ctx.request().params().set(SOCKJS_NAME, name);
    ctx.next();
    if (owner == null && ctx.get(OPENED) == null) {
      owners.removeIfPresent(name, claim);
    }
  }

  /** A session goes on only for who opened it: its later requests carry nothing but its name, which is no secret. */
  private static boolean isOf(String owner, Verdict verdict) {
    return verdict instanceof Verdict.Granted granted
        && (owner.equals(granted.principal().tokenId())
            || owner.equals(CLAIM + granted.principal().tokenId()));
  }

  private static void refuse(RoutingContext ctx, Verdict verdict) {
    if (!(verdict instanceof Verdict.Granted)) {
      if (!close(ctx, Doorman.refusal(verdict), verdict.advice())) {
        Access.refuse(ctx, verdict);
      }
    } else if (!close(ctx, CloseCode.FORBIDDEN, ANOTHERS)) {
      Problem.send(ctx, 403, "not-allowed", "Not allowed", ANOTHERS);
    }
  }

  private record Refusal(CloseCode code, String reason, String word) {}

  /** Why no session begins; null when one may. */
  private @Nullable Refusal refusal(Verdict verdict) {
    if (!(verdict instanceof Verdict.Granted)) {
      return new Refusal(Doorman.refusal(verdict), verdict.advice(), verdict.word());
    }
    if (doorman.isLeaving()) {
      return new Refusal(CloseCode.GOING_AWAY, CloseCode.GOING_AWAY.meaning(), "draining");
    }
    return doorman.isFull()
        ? new Refusal(CloseCode.TOO_MANY, CloseCode.TOO_MANY.meaning(), "too_many")
        : null;
  }

  /** Answers who waits for messages with SockJS' close frame; Vert.x' sessions would say 3000 whatever the reason. False for the requests that do not wait for messages. */
  private static boolean close(RoutingContext ctx, CloseCode code, String reason) {
    String frame = "c[" + code.code() + "," + ServerFrames.quote(reason) + "]";
    String path = ctx.request().path();
    boolean events = path.endsWith("/eventsource");
    if (!events && !path.endsWith("/xhr") && !path.endsWith("/xhr_streaming")) {
      return false;
    }
    HttpServerResponse response = ctx.response();
    String origin = ctx.request().getHeader(HttpHeaders.ORIGIN);
    if (origin != null) { // ours or listed, else it had not come so far
      response
          .putHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, origin)
          .putHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_CREDENTIALS, "true")
          .putHeader(HttpHeaders.VARY, HttpHeaders.ORIGIN);
    }
    response
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .putHeader(
            HttpHeaders.CONTENT_TYPE,
            events ? "text/event-stream" : "application/javascript; charset=UTF-8")
        .end(events ? "\r\ndata: " + frame + "\r\n\r\n" : frame + "\n");
    return true;
  }

  private void opened(SockJSSocket socket) {
    Doorman.Presented presented = socket.routingContext().get(PRESENTED);
    String name = socket.routingContext().get(NAME);
    Verdict verdict =
        (presented == null ? new Verdict.Missing() : presented.verdict()).require(Role.VIEWER);
    socket.exceptionHandler(failure -> log.debug("sockjs: {}", failure.toString()));
    Refusal refusal = refusal(verdict);
    if (presented == null
        || name == null
        || refusal != null
        || !(verdict instanceof Verdict.Granted granted)) {
      shared.metrics().turnedAway(refusal == null ? verdict.word() : refusal.word());
      socket.close(); // with 3000
      return;
    }
    PollingOutlet outlet = new PollingOutlet(shared.vertx(), socket, shared.metrics());
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
    owners.put(name, granted.principal().tokenId());
    socket.routingContext().put(OPENED, true);
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
    /** How long the next poll is waited for, which takes the reason. */
    private static final long CLOSE_MS = 5_000;

    private final Vertx vertx;
    private final SockJSSocket socket;
    private final EdgeMetrics metrics;
    private long pending;
    private Runnable heard = () -> {};

    PollingOutlet(Vertx vertx, SockJSSocket socket, EdgeMetrics metrics) {
      this.vertx = vertx;
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

    /** SockJS closes with one code of its own: ours, and the reason, go before it as an error. */
    @Override
    public void close(CloseCode code, String reason) {
      byte[] why = ServerFrames.error(error(code), null, code.code() + ": " + reason);
      long tooLate = vertx.setTimer(CLOSE_MS, late -> socket.close());
      socket.write(new String(why, StandardCharsets.UTF_8)).onComplete(taken -> {
        vertx.cancelTimer(tooLate);
        socket.close();
      });
    }

    private static ErrorCode error(CloseCode code) {
      return switch (code) {
        case UNAUTHORIZED -> ErrorCode.AUTH_ERROR;
        case FORBIDDEN -> ErrorCode.ACCESS_DENIED;
        default -> ErrorCode.REJECTED;
      };
    }
  }
}
