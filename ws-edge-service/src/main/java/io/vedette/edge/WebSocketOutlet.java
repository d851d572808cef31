package io.vedette.edge;

import io.vedette.edge.hub.Outlet;
import io.vedette.edge.metric.EdgeMetrics;
import io.vedette.edge.protocol.CloseCode;
import io.vedette.edge.protocol.Frame;
import io.vedette.edge.protocol.ServerFrames;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A WebSocket as outlet: shared frames straight to its channel where the self-test allowed it, else the public API. On its event loop only. */
final class WebSocketOutlet implements Outlet {
  /** How long the peer has to answer our close frame before the connection is cut. */
  private static final long CLOSE_MS = 5_000;

  private final Vertx vertx;
  private final ServerWebSocket socket;
  private final SharedFrames.@Nullable Writer shared;
  private final boolean sockjs;
  private final EdgeMetrics metrics;
  private long pending;

  WebSocketOutlet(
      Vertx vertx,
      ServerWebSocket socket,
      SharedFrames.@Nullable Writer shared,
      boolean sockjs,
      EdgeMetrics metrics) {
    this.vertx = vertx;
    this.socket = socket;
    this.shared = shared;
    this.sockjs = sockjs;
    this.metrics = metrics;
  }

  @Override
  public void write(Frame frame) {
    if (socket.isClosed()) {
      return;
    }
    if (shared != null) {
      shared.write(frame);
    } else {
      publicWrite(frame, () -> {});
    }
  }

  @Override
  public void writeAndFlush(Frame frame) {
    if (shared == null) {
      write(frame);
    } else if (!socket.isClosed()) {
      shared.writeAndFlush(frame);
    }
  }

  @Override
  public void write(Frame frame, Runnable sent) {
    if (socket.isClosed()) {
      return;
    }
    if (shared != null) {
      shared.write(frame, sent);
    } else {
      publicWrite(frame, () -> vertx.runOnContext(soon -> sent.run()));
    }
  }

  private void publicWrite(Frame frame, Runnable sent) {
    int left = frame.length();
    pending += left;
    io.vertx.core.Future<Void> last = io.vertx.core.Future.succeededFuture();
    if (sockjs) {
      byte[] whole = SharedFrames.sockjs(frame.messages());
      metrics.wire(left, whole.length);
      last = socket.writeTextMessage(new String(whole, StandardCharsets.UTF_8));
    } else {
      metrics.wire(left, left);
      for (byte[] message : frame.messages()) {
        last = socket.writeTextMessage(new String(message, StandardCharsets.UTF_8));
      }
    }
    last.onComplete(written -> {
      pending -= left;
      sent.run();
    });
  }

  @Override
  public void flush() {
    if (shared != null) {
      shared.flush();
    }
  }

  @Override
  public long pendingBytes() {
    return shared != null ? shared.pendingBytes() : pending;
  }

  @Override
  public void ping() {
    if (socket.isClosed()) {
      return;
    }
    if (sockjs) {
      socket.writeTextMessage("h");
    }
    socket.writePing(Buffer.buffer("v"));
  }

  @Override
  public void close(CloseCode code, String reason) {
    if (socket.isClosed()) {
      return;
    }
    long startedUs = VertxLoop.nowMicros();
    if (sockjs) {
      socket.writeTextMessage("c[" + code.code() + "," + ServerFrames.quote(reason) + "]");
    }
    socket
        .close((short) code.code(), reason)
        .onComplete(done -> metrics.closeTook(VertxLoop.nowMicros() - startedUs));
    vertx.setTimer(CLOSE_MS, late -> {
      if (shared != null) {
        shared.cut();
      }
    });
  }
}
