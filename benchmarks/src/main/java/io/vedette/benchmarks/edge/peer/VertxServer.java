package io.vedette.benchmarks.edge.peer;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.ServerWebSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Vert.x without us: each line of the feed is written to every socket with {@code writeTextMessage}. Its defaults, which take permessage-deflate from clients that offer it. */
public final class VertxServer {
  private VertxServer() {}

  public static void main(String[] arguments) {
    Vertx vertx =
        Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(1));
    List<ServerWebSocket> sockets = new ArrayList<>();
    HttpServer server = vertx
        .createHttpServer(new HttpServerOptions().setAcceptBacklog(4096))
        .webSocketHandler(socket -> {
          sockets.add(socket);
          socket.closeHandler(closed -> sockets.remove(socket));
        });
    LineFeed.announce(
        server.listen(0, "127.0.0.1").map(HttpServer::actualPort), LineFeed.open(vertx, line -> {
          String text = line.toString(StandardCharsets.UTF_8);
          for (ServerWebSocket socket : sockets) {
            socket.writeTextMessage(text);
          }
        }));
  }
}
