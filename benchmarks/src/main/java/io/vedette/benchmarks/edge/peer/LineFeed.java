package io.vedette.benchmarks.edge.peer;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServer;
import io.vertx.core.parsetools.RecordParser;
import java.util.function.Consumer;

/** How publications reach a server under test: one line each over a local connection. */
final class LineFeed {
  private static final int MAX_LINE = 1 << 20;

  private LineFeed() {}

  static Future<NetServer> open(Vertx vertx, Consumer<Buffer> publish) {
    return vertx
        .createNetServer()
        .connectHandler(socket -> {
          RecordParser lines = RecordParser.newDelimited("\n", publish::accept);
          lines.maxRecordSize(MAX_LINE);
          socket.handler(lines);
        })
        .listen(0, "127.0.0.1");
  }

  /** Tells the benchmark that the server can be used, or ends the process. */
  static void announce(Future<Integer> httpPort, Future<NetServer> feed) {
    Future.all(httpPort, feed)
        .onSuccess(up -> System.out.println(
            "READY " + httpPort.result() + " " + feed.result().actualPort()))
        .onFailure(failure -> {
          failure.printStackTrace();
          System.exit(1);
        });
  }
}
