package io.vedette.edge;

import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Cuts connections that hold on to a socket without asking anything: whoever connects has so long for the head of a request, and a request that is no stream so long for its body and answer, however
 * steadily the bytes trickle. On one event loop; as large as the door's connections.
 */
final class ConnectionWatch {
  /** Of a request that is no stream; the longest of ours, an action's, ends after ten seconds. */
  private static final long ANSWER_US = 60_000_000;

  private static final int SWITCHING_PROTOCOLS = 101;

  private static final Pattern STREAMS = Pattern.compile(
      "GET /(monitor|sse|eventbus/websocket|eventbus/[^/.]+/[^/.]+/(websocket|eventsource))"
          + "|POST /eventbus/[^/.]+/[^/.]+/xhr_streaming");

  private final long requestUs;
  private final long betweenUs;
  private final Map<HttpConnection, Watched> watched = new LinkedHashMap<>();

  /** One connection. While it is a socket or a stream nobody waits for a request, and it is in no map: what an upgrade leaves behind is not held. */
  private static final class Watched {
    long untilUs;
    boolean closed;

    /** A socket's or stream's request whose body may still come. */
    @Nullable
    HttpServerRequest stream;

    Watched(long untilUs) {
      this.untilUs = untilUs;
    }
  }

  /**
   * @param requestUs from the connection to the head of its first request
   * @param betweenUs from an answer to the head of the next request
   */
  ConnectionWatch(long requestUs, long betweenUs) {
    this.requestUs = requestUs;
    this.betweenUs = betweenUs;
  }

  void connected(HttpConnection connection) {
    Watched its = new Watched(VertxLoop.nowMicros() + requestUs);
    watched.put(connection, its);
    connection.closeHandler(closed -> {
      its.closed = true;
      watched.remove(connection);
    });
  }

  /** Goes before every other handler. */
  void asked(RoutingContext ctx) {
    HttpConnection connection = ctx.request().connection();
    Watched its = watched.get(connection);
    if (its != null) {
      its.untilUs = VertxLoop.nowMicros() + ANSWER_US;
      its.stream = null;
      if (isStream(ctx)) {
        if (hasBody(ctx.request())) {
          its.stream = ctx.request();
        } else {
          watched.remove(connection);
        }
      }
      ctx.addEndHandler(done -> {
        if (!its.closed && ctx.response().getStatusCode() != SWITCHING_PROTOCOLS) {
          its.stream = null;
          its.untilUs = VertxLoop.nowMicros() + betweenUs;
          watched.put(connection, its);
        }
      });
    }
    ctx.next();
  }

  /** Sockets and streams have limits of their own: sessions are pinged. As routed, by the normalised path. */
  private static boolean isStream(RoutingContext ctx) {
    return STREAMS
        .matcher(ctx.request().method().name() + " " + ctx.normalizedPath())
        .matches();
  }

  private static boolean hasBody(HttpServerRequest request) {
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    return !request.isEnded()
        && (request.headers().contains(HttpHeaders.TRANSFER_ENCODING)
            || (length != null && !length.equals("0")));
  }

  /** Cuts what is overdue; answers how many that were. */
  int sweep(long nowUs) {
    List<HttpConnection> overdue = new ArrayList<>();
    watched.entrySet().removeIf(entry -> {
      Watched its = entry.getValue();
      boolean late = nowUs > its.untilUs;
      if (late && (its.stream == null || !its.stream.isEnded())) {
        overdue.add(entry.getKey());
      }
      return late;
    });
    overdue.forEach(HttpConnection::close);
    return overdue.size();
  }

  int size() {
    return watched.size();
  }
}
