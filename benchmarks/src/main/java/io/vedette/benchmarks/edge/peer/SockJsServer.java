package io.vedette.benchmarks.edge.peer;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.bridge.PermittedOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.sockjs.SockJSBridgeOptions;
import io.vertx.ext.web.handler.sockjs.SockJSHandler;

/** The stock event-bus bridge over SockJS: each line of the feed, {@code address<TAB>body}, is published on the local bus. Clients need not ping it here, which is in its favour. */
public final class SockJsServer {
  private static final long NEVER_MS = 3_600_000;

  private SockJsServer() {}

  public static void main(String[] arguments) {
    Vertx vertx =
        Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(1));
    Router router = Router.router(vertx);
    SockJSBridgeOptions options = new SockJSBridgeOptions()
        .setPingTimeout(NEVER_MS)
        .addOutboundPermitted(
            new PermittedOptions().setAddressRegex("(records|statistics[.]host)"));
    router.route("/eventbus/*").subRouter(SockJSHandler.create(vertx).bridge(options));
    HttpServer server = vertx
        .createHttpServer(new HttpServerOptions().setAcceptBacklog(4096))
        .requestHandler(router);
    LineFeed.announce(
        server.listen(0, "127.0.0.1").map(HttpServer::actualPort), LineFeed.open(vertx, line -> {
          String text = line.toString();
          int tab = text.indexOf('\t');
          vertx.eventBus().publish(text.substring(0, tab), new JsonObject(text.substring(tab + 1)));
        }));
  }
}
