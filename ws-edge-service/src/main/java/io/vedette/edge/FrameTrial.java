package io.vedette.edge;

import io.netty.channel.Channel;
import io.vedette.edge.protocol.CloseCode;
import io.vedette.edge.protocol.Frame;
import io.vedette.edge.protocol.ServerFrames;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.net.NetClient;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Tries {@link SharedFrames} against a real socket: a client must read exactly what was written, plain and compressed, what it compressed must be understood, and one that breaks the protocol must be told so. */
final class FrameTrial {
  private static final long LIMIT_SECONDS = 15;
  private static final List<byte[]> MESSAGES = List.of(
      ServerFrames.utf8("{\"short\":\"\u5fc3\u8df3\"}"),
      ServerFrames.utf8("{\"long\":\"" + "0123456789".repeat(40) + "\"}"));

  /** Asked by the client, so that the other direction is tried as well. */
  private static final String QUESTION = "frames? ".repeat(40);

  private static final String UPGRADE = String.join(
      "\r\n",
      "GET / HTTP/1.1",
      "Host: 127.0.0.1",
      "Upgrade: websocket",
      "Connection: Upgrade",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
      "",
      "");

  /** A whole text frame with RSV3, masked with zeros: one letter. */
  private static final byte[] RESERVED_BITS = {(byte) 0x91, (byte) 0x81, 0, 0, 0, 0, 'x'};

  private static final int CLOSE = 0x88;

  private FrameTrial() {}

  /** Succeeds when shared frames can be used; else fails with what went wrong. */
  static Future<Void> run(Vertx vertx, SharedFrames frames) {
    HttpServer server = vertx
        .createHttpServer(frames.prepared(new HttpServerOptions()))
        .requestHandler(request -> answer(request, frames));
    return server
        .listen(0, "127.0.0.1")
        .compose(listening -> read(vertx, listening.actualPort(), false)
            .compose(plain -> read(vertx, listening.actualPort(), true))
            .compose(deflated -> breakProtocol(vertx, listening.actualPort())))
        .timeout(LIMIT_SECONDS, TimeUnit.SECONDS)
        .eventually(server::close);
  }

  private static void answer(HttpServerRequest request, SharedFrames frames) {
    request.pause();
    try {
      frames.offerCompression(request);
      Channel channel = SharedFrames.channel(request);
      request.toWebSocket().onSuccess(socket -> {
        SharedFrames.Writer writer = frames.writer(channel, false, 1 << 16);
        boolean asks = request.getHeader("Sec-WebSocket-Extensions") != null;
        if (writer.deflated() != (asks && frames.compresses())) {
          socket.close(
              (short) CloseCode.PROTOCOL.code(),
              "compression was asked for: " + asks + ", and is on: " + writer.deflated());
          return;
        }
        frames.guard(channel, (code, reason) -> socket.close((short) code.code(), reason));
        socket.textMessageHandler(asked -> {
          if (asked.equals(QUESTION)) {
            Frame queued = new Frame(MESSAGES.get(0));
            writer.write(queued);
            writer.flush();
            queued.release();
            Frame direct = new Frame(MESSAGES.get(1));
            writer.writeAndFlush(direct);
            direct.release();
          }
        });
      });
    } catch (RuntimeException drifted) {
      request.response().setStatusCode(500).end(String.valueOf(drifted));
    }
  }

  private static Future<Void> read(Vertx vertx, int port, boolean compressed) {
    var client = vertx.createWebSocketClient(new WebSocketClientOptions()
        .setTryUsePerMessageCompression(compressed)
        .setCompressionAllowClientNoContext(true)
        .setCompressionRequestServerNoContext(true));
    Promise<Void> whole = Promise.promise();
    List<String> read = new ArrayList<>();
    client
        .connect(port, "127.0.0.1", "/")
        .onSuccess(socket -> {
          socket.textMessageHandler(text -> {
            read.add(text);
            if (read.size() == MESSAGES.size()) {
              compare(read, whole);
            }
          });
          socket.exceptionHandler(whole::tryFail);
          socket.closeHandler(closed ->
              whole.tryFail("closed after " + read.size() + " messages: " + socket.closeReason()));
          socket.writeTextMessage(QUESTION);
        })
        .onFailure(whole::tryFail);
    return whole.future().eventually(client::close);
  }

  /** A frame whose reserved bits nobody agreed on must be answered with a close frame that says so. */
  private static Future<Void> breakProtocol(Vertx vertx, int port) {
    NetClient client = vertx.createNetClient();
    Promise<Void> told = Promise.promise();
    client
        .connect(port, "127.0.0.1")
        .onSuccess(socket -> {
          Buffer seen = Buffer.buffer();
          boolean[] said = {false};
          socket.handler(bytes -> {
            seen.appendBuffer(bytes);
            int frame = seen.toString(StandardCharsets.ISO_8859_1).indexOf("\r\n\r\n") + 4;
            if (frame < 4) {
              return;
            }
            if (!said[0]) {
              said[0] = true;
              socket.write(Buffer.buffer(RESERVED_BITS));
            }
            if (seen.length() >= frame + 4) {
              if (seen.getUnsignedByte(frame) == CLOSE
                  && seen.getUnsignedShort(frame + 2) == CloseCode.PROTOCOL.code()) {
                told.tryComplete();
              } else {
                told.tryFail("a frame with reserved bits was answered otherwise than by a close");
              }
            }
          });
          socket.closeHandler(
              closed -> told.tryFail("a frame with reserved bits was not answered"));
          socket.write(UPGRADE);
        })
        .onFailure(told::tryFail);
    return told.future().eventually(client::close);
  }

  private static void compare(List<String> read, Promise<Void> whole) {
    for (int i = 0; i < read.size(); i++) {
      if (!java.util.Arrays.equals(ServerFrames.utf8(read.get(i)), MESSAGES.get(i))) {
        whole.tryFail("message " + i + " differs: " + read.get(i));
        return;
      }
    }
    whole.tryComplete();
  }
}
