package io.vedette.edge;

import io.vedette.edge.hub.Lane;
import io.vedette.edge.hub.Session;
import io.vedette.edge.protocol.Position;
import io.vedette.edge.protocol.ServerFrames;
import io.vedette.runtime.auth.Access;
import io.vedette.runtime.auth.Role;
import io.vedette.runtime.auth.Verdict;
import io.vedette.runtime.http.Problem;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * {@code /sse}: topics as Server-Sent Events, for {@code EventSource}, curl and whatever reads lines; to the same sessions, with the same limits. The event's id is where its reader stands in every ordered
 * topic, so that {@code Last-Event-ID} resumes. One per event loop.
 */
final class SseDoor {
  private static final List<String> FOR_ORDERED = List.of("filter", "limit", "sampling");
  private static final String FOR_STATE = "selector";

  private final SocketDoor.Shared shared;
  private final Doorman doorman;
  private final Lane lane;

  SseDoor(SocketDoor.Shared shared, Lane lane) {
    this.shared = shared;
    this.doorman = new Doorman(shared);
    this.lane = lane;
  }

  void mount(Router router) {
    router.get("/sse").handler(this::ask);
  }

  private void ask(RoutingContext ctx) {
    long startedUs = VertxLoop.nowMicros();
    if (!doorman.knowsOrigin(ctx) || !doorman.isOpen(ctx)) {
      return;
    }
    Set<String> topics = topics(ctx.request());
    if (topics.isEmpty()) {
      Problem.send(
          ctx,
          400,
          "bad-parameter",
          "Bad parameter",
          "topics: missing (expected: names with commas between them, for example /sse?topics=alerts,statistics.host)");
      return;
    }
    Map<String, String> from = positions(ctx.request(), topics);
    if (from == null) {
      Problem.send(
          ctx,
          400,
          "bad-parameter",
          "Bad parameter",
          "Last-Event-ID: expected what an event of these topics had as id, for example records=EPOCH:41");
      return;
    }
    ctx.request().pause();
    doorman
        .identify(ctx.request())
        .onSuccess(presented -> {
          ctx.request().resume();
          open(ctx, topics, from, presented, startedUs);
        })
        .onFailure(ctx::fail);
  }

  private static Set<String> topics(HttpServerRequest request) {
    Set<String> topics = new LinkedHashSet<>();
    for (String list : request.params().getAll("topics")) {
      for (String name : list.split(",", -1)) {
        if (!name.isBlank()) {
          topics.add(name.strip());
        }
      }
    }
    return topics;
  }

  /** Where the reader stands by topic; null when that cannot be read. A lone position is that of the lone topic. */
  static @Nullable Map<String, String> positions(HttpServerRequest request, Set<String> topics) {
    String id = request.getHeader("Last-Event-ID");
    if (id == null) {
      id = request.getParam("last-event-id");
    }
    Map<String, String> positions = new LinkedHashMap<>();
    if (id == null || id.isBlank()) {
      return positions;
    }
    for (String part : id.strip().split(" ", -1)) {
      int equals = part.indexOf('=');
      String topic = equals < 0 && topics.size() == 1
          ? topics.iterator().next()
          : part.substring(0, Math.max(0, equals));
      String position = part.substring(equals + 1);
      if (topic.isEmpty() || Position.parse(position) == null) {
        return null;
      }
      if (topics.contains(topic)) {
        positions.put(topic, position);
      }
    }
    return positions;
  }

  private void open(
      RoutingContext ctx,
      Set<String> topics,
      Map<String, String> from,
      Doorman.Presented presented,
      long startedUs) {
    HttpServerResponse response = ctx.response();
    Verdict verdict = presented.verdict().require(Role.VIEWER);
    if (!(verdict instanceof Verdict.Granted granted)) {
      shared.metrics().turnedAway(verdict.word());
      Access.refuse(ctx, verdict);
      return;
    }
    if (!doorman.isOpen(ctx)) {
      return;
    }
    if (doorman.isFull()) {
      shared.metrics().turnedAway("too_many");
      response.putHeader(HttpHeaders.RETRY_AFTER, "5");
      Problem.send(
          ctx, 503, "too-many", "Too many sessions", "this edge is full; try another or later");
      return;
    }
    if (response.closed()) {
      return;
    }
    response
        .putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream; charset=utf-8")
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        // Proxies that gather an answer before they pass it on would hold it for ever.
        .putHeader("X-Accel-Buffering", "no")
        .setChunked(true);
    SseOutlet outlet = new SseOutlet(shared.vertx(), response, from, shared.metrics());
    Session session = new Session(
        UUID.randomUUID().toString(),
        Session.Door.SSE,
        new Session.Identity(granted.principal(), presented.token()),
        outlet,
        lane,
        shared.hub(),
        shared.actions(),
        shared.parser());
    outlet.heardBy(session::heard);
    response.exceptionHandler(broken -> session.gone());
    response.closeHandler(closed -> session.gone());
    outlet.ping();
    shared.metrics().connected(VertxLoop.nowMicros() - startedUs);
    for (String topic : topics) {
      register(session, topic, from.getOrDefault(topic, "new"), ctx.request());
    }
  }

  private static void register(
      Session session, String topic, String position, HttpServerRequest request) {
    JsonObject headers = new JsonObject().put("position", position);
    boolean statistic = topic.startsWith("statistics.");
    boolean ordered = !statistic && !topic.equals("cluster");
    for (String name : FOR_ORDERED) {
      if (ordered && request.getParam(name) != null) {
        headers.put(name, request.getParam(name));
      }
    }
    if (statistic && request.getParam(FOR_STATE) != null) {
      headers.put(FOR_STATE, request.getParam(FOR_STATE));
    }
    session.receive(ServerFrames.utf8(new JsonObject()
        .put("type", "register")
        .put("address", topic)
        .put("headers", headers)
        .encode()));
  }
}
