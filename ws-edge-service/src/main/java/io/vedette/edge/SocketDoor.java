package io.vedette.edge;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.netty.channel.Channel;
import io.vedette.edge.hub.Actions;
import io.vedette.edge.hub.Hub;
import io.vedette.edge.hub.Lane;
import io.vedette.edge.hub.Limits;
import io.vedette.edge.hub.Session;
import io.vedette.edge.metric.EdgeMetrics;
import io.vedette.edge.protocol.CloseCode;
import io.vedette.edge.protocol.FrameParser;
import io.vedette.edge.protocol.ServerFrames;
import io.vedette.runtime.Health;
import io.vedette.runtime.auth.Access;
import io.vedette.runtime.auth.Role;
import io.vedette.runtime.auth.Verdict;
import io.vedette.runtime.http.Problem;
import io.vedette.runtime.http.Requests;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The WebSocket doors: {@code /monitor}, {@code /eventbus/websocket} and SockJS' {@code /eventbus/<server>/<session>/websocket}, all to the same sessions. One per event loop; bounded by the session limit.
 */
final class SocketDoor {
  static final String SUBPROTOCOL = "vedette.v1";
  private static final Logger log = LoggerFactory.getLogger(SocketDoor.class);
  private static final JsonFactory JSON = new JsonFactory();

  /** What a door needs, shared by the doors of all event loops. */
  record Shared(
      Vertx vertx,
      String node,
      Hub hub,
      Actions actions,
      Access access,
      Health health,
      EdgeMetrics metrics,
      Limits limits,
      FrameParser parser,
      @Nullable SharedFrames frames,
      boolean anonymousViewer,
      int maxMessageBytes) {}

  private final Shared shared;
  private final Doorman doorman;
  private final Lane lane;

  SocketDoor(Shared shared, Lane lane) {
    this.shared = shared;
    this.doorman = new Doorman(shared);
    this.lane = lane;
  }

  void mount(Router router) {
    router.get("/monitor").handler(ctx -> upgrade(ctx, Session.Door.MONITOR));
    router.get("/eventbus/websocket").handler(ctx -> upgrade(ctx, Session.Door.EVENTBUS));
    router
        .getWithRegex("\\/eventbus\\/[^/.]+\\/[^/.]+\\/websocket")
        .handler(ctx -> upgrade(ctx, Session.Door.SOCKJS));
  }

  private void upgrade(RoutingContext ctx, Session.Door door) {
    HttpServerRequest request = ctx.request();
    long startedUs = VertxLoop.nowMicros();
    if (!Requests.isWebSocketUpgrade(request)) {
      ctx.response().putHeader("Upgrade", "websocket");
      Problem.send(
          ctx,
          426,
          "upgrade-required",
          "WebSocket expected",
          "this address speaks WebSocket: new WebSocket(\"ws://HOST/monitor\")");
      return;
    }
    if (!doorman.knowsOrigin(ctx) || !doorman.isOpen(ctx)) {
      return;
    }
    request.pause();
    doorman
        .identify(request)
        .onSuccess(verdict -> open(request, door, verdict, startedUs))
        .onFailure(ctx::fail);
  }

  private void open(
      HttpServerRequest request, Session.Door door, Doorman.Presented presented, long startedUs) {
    Channel channel = shared.frames() == null ? null : SharedFrames.channel(request);
    if (shared.frames() != null && channel != null) {
      if (!channel.isActive()) { // left while its token was looked up
        shared.metrics().turnedAway("handshake");
        return;
      }
      shared.frames().offerCompression(request);
    }
    request
        .toWebSocket()
        .onSuccess(socket -> {
          letGo(request);
          opened(socket, channel, door, presented, startedUs);
        })
        .onFailure(failure -> {
          shared.metrics().turnedAway("handshake");
          log.debug("handshake failed: {}", failure.toString());
        });
  }

  /** Vert.x holds the request as long as its socket lives, and with it what routing left there and every header: some 2.6 KB of 20. */
  private static void letGo(HttpServerRequest request) {
    request.headers().clear();
    request.response().endHandler(null).exceptionHandler(null).closeHandler(null);
  }

  private void opened(
      ServerWebSocket socket,
      @Nullable Channel channel,
      Session.Door door,
      Doorman.Presented presented,
      long startedUs) {
    boolean sockjs = door == Session.Door.SOCKJS;
    SharedFrames frames = shared.frames();
    SharedFrames.Writer writer = frames == null || channel == null
        ? null
        : frames.writer(channel, sockjs, shared.limits().queueBytes());
    WebSocketOutlet outlet =
        new WebSocketOutlet(shared.vertx(), socket, writer, sockjs, shared.metrics());
    if (sockjs) {
      socket.writeTextMessage("o");
    }
    Verdict verdict = presented.verdict().require(Role.VIEWER);
    if (!(verdict instanceof Verdict.Granted granted)) {
      refuse(socket, outlet, verdict);
      return;
    }
    if (doorman.isLeaving()) {
      shared.metrics().turnedAway("draining");
      outlet.close(CloseCode.GOING_AWAY, CloseCode.GOING_AWAY.meaning());
      return;
    }
    if (doorman.isFull()) {
      shared.metrics().turnedAway("too_many");
      outlet.close(CloseCode.TOO_MANY, CloseCode.TOO_MANY.meaning());
      return;
    }
    Session session = new Session(
        UUID.randomUUID().toString(),
        door,
        new Session.Identity(granted.principal(), presented.token()),
        outlet,
        lane,
        shared.hub(),
        shared.actions(),
        shared.parser());
    MessageAssembler messages = new MessageAssembler(
        shared.maxMessageBytes(),
        sockjs ? text -> unwrap(session, text) : session::receive,
        session::close);
    if (frames != null && channel != null) {
      frames.guard(channel, (code, reason) -> {
        shared.metrics().refused("broken_frame");
        session.close(code, reason);
      });
    }
    socket.frameHandler(frame -> {
      session.frame(frame.isPing());
      messages.accept(frame);
    });
    socket.pongHandler(pong -> session.heard());
    socket.exceptionHandler(failure -> {
      shared.metrics().refused("broken_frame");
      log.debug("session {}: {}", session.id(), failure.toString());
      if (writer == null && !(failure instanceof IOException)) {
        // No guard said so: Vert.x tells us before it cuts the connection.
        session.close(FrameGuard.code(failure), FrameGuard.reason(failure));
      }
    });
    socket.closeHandler(closed -> session.gone());
    if (door == Session.Door.MONITOR) {
      session.welcome(shared.node());
    }
    shared.metrics().connected(VertxLoop.nowMicros() - startedUs);
  }

  private void refuse(ServerWebSocket socket, WebSocketOutlet outlet, Verdict verdict) {
    shared.metrics().turnedAway(verdict.word());
    socket.exceptionHandler(ignored -> log.debug("refused socket: {}", ignored.toString()));
    outlet.close(Doorman.refusal(verdict), clip(verdict.advice()));
  }

  private static String clip(String advice) {
    return advice.length() <= 120 ? advice : advice.substring(0, 120);
  }

  /** SockJS clients send an array of strings, or one string. */
  private static void unwrap(Session session, byte[] text) {
    List<String> messages = new ArrayList<>();
    try (JsonParser parser = JSON.createParser(text)) {
      JsonToken first = parser.nextToken();
      if (first == JsonToken.VALUE_STRING) {
        messages.add(parser.getText());
      } else if (first == JsonToken.START_ARRAY) {
        while (parser.nextToken() == JsonToken.VALUE_STRING) {
          messages.add(parser.getText());
        }
        if (parser.currentToken() != JsonToken.END_ARRAY) {
          session.close(CloseCode.BAD_REQUEST, "SockJS: expected an array of strings");
          return;
        }
      } else if (first != null) {
        session.close(CloseCode.BAD_REQUEST, "SockJS: expected an array of strings");
        return;
      }
    } catch (IOException broken) {
      session.close(CloseCode.BAD_REQUEST, "SockJS: broken JSON");
      return;
    }
    messages.forEach(message -> session.receive(ServerFrames.utf8(message)));
  }
}
