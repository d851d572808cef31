package io.vedette.edge;

import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Cuts connections that hold on to a socket without asking anything: whoever connects has so long for the head of a request, and a request that is no stream so long for its body and answer, however
 * steadily the bytes trickle. On one event loop; as large as the door's connections.
 */
final class ConnectionWatch {
  /** Of a request that is no stream; the longest of ours, an action's, ends after ten seconds. */
  private static final long ANSWER_US = 60_000_000;

  private static final int SWITCHING_PROTOCOLS = 101;

  private final long requestUs;
  private final long betweenUs;
  private final Map<HttpConnection, Watched> watched = new LinkedHashMap<>();

  /** One connection. While it is a socket or a stream nobody waits for a request, and it is in no map: what an upgrade leaves behind is not held. */
  private static final class Watched {
    long untilUs;
    boolean closed;

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
      if (isStream(ctx.request())) {
        watched.remove(connection);
      }
      ctx.addEndHandler(done -> {
        if (!its.closed && ctx.response().getStatusCode() != SWITCHING_PROTOCOLS) {
          its.untilUs = VertxLoop.nowMicros() + betweenUs;
          watched.put(connection, its);
        }
      });
    }
    ctx.next();
  }

  /** Sockets and streams have limits of their own: sessions are pinged. */
  private static boolean isStream(HttpServerRequest request) {
    String path = request.path();
    return path != null
        && (path.equals("/monitor")
            || path.equals("/sse")
            || path.endsWith("/websocket")
            || path.endsWith("/xhr_streaming")
            || path.endsWith("/eventsource")
            || path.endsWith("/htmlfile"));
  }

  /** Cuts what is overdue; answers how many that were. */
  int sweep(long nowUs) {
    List<HttpConnection> overdue = new ArrayList<>();
    watched.forEach((connection, its) -> {
      if (nowUs > its.untilUs) {
        overdue.add(connection);
      }
    });
    overdue.forEach(connection -> {
      watched.remove(connection);
      connection.close();
    });
    return overdue.size();
  }

  int size() {
    return watched.size();
  }
}
