package io.vedette.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.testkit.Await;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which requests are let out of the watch's sight. */
@Timeout(60)
@SuppressWarnings("NullAway.Init") // the server is started before each test
class ConnectionWatchTest {
  private static final long LATER_US = 3_600_000_000L;

  private Vertx vertx;
  private ConnectionWatch watch;
  private int port;
  private final CompletableFuture<Boolean> asked = new CompletableFuture<>();
  private final CompletableFuture<Boolean> complete = new CompletableFuture<>();

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
    watch = new ConnectionWatch(1_000_000, 1_000_000);
    Router router = Router.router(vertx);
    router.route().handler(watch::asked);
    router.route().handler(ctx -> {
      asked.complete(true);
      ctx.request().endHandler(ended -> complete.complete(true));
    });
    HttpServer server =
        vertx.createHttpServer().connectionHandler(watch::connected).requestHandler(router);
    port = Await.value(server.listen(0, "127.0.0.1")).actualPort();
  }

  @AfterEach
  void stop() {
    Await.value(vertx.close());
  }

  @ParameterizedTest
  @CsvSource({
    "GET,  /monitor,                        none,  true",
    "GET,  /sse?topics=alerts,              none,  true",
    "GET,  /eventbus/websocket,             none,  true",
    "GET,  /eventbus/000/name/websocket,    none,  true",
    "GET,  /eventbus/000/name/eventsource,  none,  true",
    "POST, /eventbus/000/name/xhr_streaming, none, true",
    "POST, /eventbus/000/name/xhr_streaming, whole, true",
    "POST, /eventbus/000/name/xhr_streaming, part, false",
    "GET,  /monitor,                        part,  false",
    "GET,  /eventbus/000/name/eventsource,  part,  false",
    "GET,  /eventbus/000/name/htmlfile,     none,  false",
    "POST, /monitor,                        none,  false",
    "POST, /sse,                            none,  false",
    "POST, /eventbus/000/name/eventsource,  none,  false",
    "GET,  /eventbus/000/name/xhr_streaming, none, false",
    "POST, /eventbus/000/name/xhr,          none,  false",
    "POST, /api/v1/records/xhr_streaming,   part,  false",
    "POST, /x/websocket,                    part,  false",
    "GET,  /api/v1/eventsource,             none,  false",
    "GET,  /eventbus/000/name/../../websocket, none, true",
    "GET,  /eventbus/../x/name/websocket,   none,  false",
  })
  void onlySocketsAndStreamsWhoseRequestIsWholeStay(
      String method, String uri, String body, boolean stays) throws Exception {
    try (Socket socket = RawSocket.connect(port)) {
      String length = body.equals("none") ? "" : "Content-Length: 4\r\n";
      String sent = body.equals("none") ? "" : body.equals("part") ? "ab" : "abcd";
      socket
          .getOutputStream()
          .write((method + " " + uri + " HTTP/1.1\r\nHost: localhost\r\n" + length + "\r\n" + sent)
              .getBytes(StandardCharsets.US_ASCII));
      assertThat(asked.get(30, TimeUnit.SECONDS)).isTrue();
      if (!body.equals("part")) {
        assertThat(complete.get(30, TimeUnit.SECONDS)).isTrue();
      }
      assertThat(watch.sweep(VertxLoop.nowMicros() + LATER_US)).isEqualTo(stays ? 0 : 1);
      assertThat(watch.size()).isZero();
    }
  }
}
