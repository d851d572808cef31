package io.vedette.it;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a client library does: registers with the last position it saw, comes back when its socket ends, to any edge, and checks that every publication is the next one. All on one event loop.
 */
final class ResumingClient {
  private static final int MIN_BACK_MS = 20;
  private static final int MAX_BACK_MS = 300;

  private final Vertx vertx;
  private final Context context;
  private final WebSocketClient sockets;
  private final IntSupplier ports;
  private final String topic;
  private final AtomicLong last = new AtomicLong(Long.MIN_VALUE);
  private final AtomicLong received = new AtomicLong();
  private final AtomicLong replayed = new AtomicLong();
  private final AtomicLong resumes = new AtomicLong();
  private volatile @Nullable String wrong;
  private volatile int port;
  private @Nullable WebSocket socket;
  private String epoch = "";
  private boolean stopped;

  /** @param ports asked before every attempt */
  ResumingClient(Vertx vertx, WebSocketClient sockets, String topic, IntSupplier ports) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.sockets = sockets;
    this.topic = topic;
    this.ports = ports;
    context.runOnContext(go -> connect());
  }

  private void connect() {
    if (stopped) {
      return;
    }
    int to = ports.getAsInt();
    sockets
        .connect(new WebSocketConnectOptions()
            .setHost("localhost")
            .setPort(to)
            .setURI("/monitor")
            .setTimeout(3_000))
        .onComplete(opened -> context.runOnContext(on -> {
          if (opened.failed()) {
            back();
          } else {
            open(opened.result(), to);
          }
        }));
  }

  private void open(WebSocket opened, int to) {
    port = to;
    socket = opened;
    opened.textMessageHandler(text -> context.runOnContext(on -> message(opened, text)));
    opened.exceptionHandler(failure -> {
      // The socket's end follows, and that is what counts.
    });
    opened.closeHandler(closed -> context.runOnContext(on -> ended(opened)));
    String position = last.get() == Long.MIN_VALUE ? "new" : epoch + ":" + last.get();
    var unused = opened.writeTextMessage("{\"type\":\"register\",\"address\":\"" + topic
        + "\",\"headers\":{\"position\":\"" + position + "\",\"sampling\":\"none\"}}");
  }

  private void ended(WebSocket which) {
    if (which == socket) {
      socket = null;
      back();
    }
  }

  private void back() {
    vertx.setTimer(
        ThreadLocalRandom.current().nextInt(MIN_BACK_MS, MAX_BACK_MS),
        now -> context.runOnContext(on -> connect()));
  }

  private void message(WebSocket from, String text) {
    if (from != socket || wrong != null) {
      return;
    }
    JsonObject message = new JsonObject(text);
    switch (message.getString("type")) {
      case "registered" -> registered(message);
      case "rec" -> publication(message.getJsonObject("headers").getString("position"));
      case "err" -> {
        if (message.getString("body").equals("registration_failure")) {
          var unused = from.close(); // the edge has not reached the store yet
        } else {
          wrong = text;
        }
      }
      default -> {
        // welcome, head
      }
    }
  }

  private void registered(JsonObject message) {
    String position = message.getString("position");
    long offset = offset(position);
    if (last.get() == Long.MIN_VALUE) {
      epoch = position.substring(0, position.lastIndexOf(':'));
      last.set(offset);
      return;
    }
    resumes.incrementAndGet();
    replayed.addAndGet(message.getLong("replay"));
    if (!message.getBoolean("recovered") || offset != last.get()) {
      wrong = "resumed from " + last.get() + ": " + message.encode();
    }
  }

  private void publication(String position) {
    long offset = offset(position);
    if (offset != last.get() + 1) {
      wrong = (offset <= last.get() ? "double: " : "hole: ") + offset + " after " + last.get();
      return;
    }
    last.set(offset);
    received.incrementAndGet();
  }

  private static long offset(String position) {
    return Long.parseLong(position.substring(position.lastIndexOf(':') + 1));
  }

  /** What it found amiss, first. */
  @Nullable
  String wrong() {
    return wrong;
  }

  boolean isRegistered() {
    return last.get() != Long.MIN_VALUE;
  }

  long last() {
    return last.get();
  }

  long received() {
    return received.get();
  }

  long replayed() {
    return replayed.get();
  }

  long resumes() {
    return resumes.get();
  }

  /** Of the edge, or the balancer, it is or was connected to. */
  int port() {
    return port;
  }

  void stop() {
    context.runOnContext(on -> {
      stopped = true;
      if (socket != null) {
        var unused = socket.close();
      }
    });
  }
}
