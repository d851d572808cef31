package io.vedette.runtime.metrics;

import static io.vedette.runtime.Awaits.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vedette.runtime.ServiceContext;
import io.vedette.runtime.auth.TokenLookup;
import io.vedette.runtime.cluster.Clustering;
import io.vedette.runtime.config.Config;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.datagram.DatagramSocket;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import io.vertx.ext.web.Router;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a process tells Prometheus after everything in it has moved once, judged by Prometheus' own tool. */
class PromtoolTest {
  private static String exercise() {
    PrometheusMeterRegistry registry = Metrics.registry();
    Runnable unbind = Metrics.bindProcess(registry);
    Vertx vertx = Clustering.local(Config.of(Map.of()), registry);
    try {
      ServiceContext context = ServiceContext.create(
          vertx, Config.of(Map.of()), registry, TokenLookup.none(), true, false);
      new StageTimer(registry).record(Stage.COLLECT, 1, 2, 3, 4);
      System.gc();
      vertx.eventBus().<String>consumer("mill.ground", message -> message.reply("ok"));
      await(vertx.eventBus().request("mill.ground", "x"));
      await(vertx.executeBlocking(() -> 1));
      Router router = context.http().router("mill");
      router.get("/ws").handler(ctx -> ctx.request()
          .toWebSocket()
          .onSuccess(socket -> socket.writeTextMessage("hi")));
      HttpServer server = await(context
          .http()
          .listen(router, context.http().options(), "127.0.0.1", 0, "mill.http.port"));
      NetServer net = await(vertx
          .createNetServer()
          .connectHandler(socket -> socket.pipeTo(socket))
          .listen(0, "127.0.0.1"));
      NetSocket socket = await(vertx.createNetClient().connect(net.actualPort(), "127.0.0.1"));
      Promise<Buffer> echo = Promise.promise();
      socket.handler(echo::tryComplete);
      await(socket.write("hello"));
      await(echo.future());
      await(socket.close());
      DatagramSocket datagrams = await(vertx.createDatagramSocket().listen(0, "127.0.0.1"));
      Promise<Buffer> datagram = Promise.promise();
      datagrams.handler(packet -> datagram.tryComplete(packet.data()));
      await(
          vertx.createDatagramSocket().send("hello", datagrams.localAddress().port(), "127.0.0.1"));
      await(datagram.future());
      HttpClient client = vertx.createHttpClient();
      await(body(vertx, client, HttpMethod.GET, server.actualPort(), "/nothing"));
      await(body(vertx, client, HttpMethod.valueOf("MADEUP"), server.actualPort(), "/nothing"));
      await(vertx
          .createWebSocketClient()
          .connect(server.actualPort(), "127.0.0.1", "/ws")
          .compose(webSocket -> webSocket.close()));
      return await(body(vertx, client, HttpMethod.GET, server.actualPort(), "/metrics"))
          .toString();
    } finally {
      unbind.run();
      await(vertx.close());
    }
  }

  @Test
  void tellsOfJvmProcessBusDoorsAndStages() {
    assertThat(exercise())
        .contains(
            "jvm_memory_used_bytes",
            "jvm_gc_",
            "process_cpu_usage",
            "process_files_open",
            "process_uptime_seconds")
        .contains(
            "vertx_eventbus_",
            "vertx_http_server_",
            "vertx_pool_",
            "vedette_stage_duration_seconds_bucket",
            "vedette_access_verdicts_total")
        .contains("method=\"OTHER\"")
        .doesNotContain("MADEUP");
  }

  @Test
  void promtoolFindsNothing() {
    Promtool.findsNothing(exercise());
  }

  /** On an event loop: a chain put together by the test's thread may come too late for the body. */
  private static Future<Buffer> body(
      Vertx vertx, HttpClient client, HttpMethod method, int port, String path) {
    Promise<Buffer> body = Promise.promise();
    vertx.runOnContext(go -> client
        .request(method, port, "127.0.0.1", path)
        .compose(request -> request.send())
        .compose(response -> response.body())
        .onComplete(body));
    return body.future();
  }
}
