package io.vedette.it;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** What a page does with three lines of JavaScript: opens a WebSocket, listens, and sends a text heartbeat now and then. */
final class PlainClient implements AutoCloseable, WebSocket.Listener {
  static final String HEARTBEAT = "心跳";

  final CompletableFuture<String> firstMessage = new CompletableFuture<>();
  final CompletableFuture<Integer> closed = new CompletableFuture<>();
  final List<String> messages = new CopyOnWriteArrayList<>();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final StringBuilder partial = new StringBuilder();
  private final WebSocket socket;

  PlainClient(String url, long heartbeatSeconds) throws Exception {
    socket = HttpClient.newHttpClient()
        .newWebSocketBuilder()
        .buildAsync(URI.create(url), this)
        .get(10, TimeUnit.SECONDS);
    if (heartbeatSeconds > 0) {
      var unusedTimer = timer.scheduleAtFixedRate(
          () -> {
            var unused = socket.sendText(HEARTBEAT, true);
          },
          heartbeatSeconds,
          heartbeatSeconds,
          TimeUnit.SECONDS);
    }
  }

  void send(String text) throws Exception {
    socket.sendText(text, true).get(10, TimeUnit.SECONDS);
  }

  /** What no client may send: no text. */
  void sendBinary(byte... bytes) throws Exception {
    socket.sendBinary(ByteBuffer.wrap(bytes), true).get(10, TimeUnit.SECONDS);
  }

  @Override
  public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
    partial.append(data);
    if (last) {
      String message = partial.toString();
      partial.setLength(0);
      messages.add(message);
      firstMessage.complete(message);
    }
    webSocket.request(1);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletionStage<?> onClose(WebSocket webSocket, int statusCode, String reason) {
    closed.complete(statusCode);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public void onError(WebSocket webSocket, Throwable error) {
    closed.completeExceptionally(error);
  }

  @Override
  public void close() {
    timer.shutdownNow();
    socket.abort();
  }
}
