package io.vedette.edge;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrameDecoder;
import io.netty.util.ReferenceCountUtil;
import io.vedette.edge.protocol.CloseCode;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/**
 * Ends a socket whose frames break RFC 6455 or 7692 with the close code that says how; below Vert.x, which would cut it without a word. Reserved bits are judged before inflation, since Netty
 * lets them pass once extensions are allowed. On the channel's event loop; it keeps nothing.
 */
final class FrameGuard {
  private static final int RSV1 = 4;

  /** What the peer still sends is read and dropped for so long: closing over unread bytes would reset the connection, and our close frame be lost with it. */
  private static final long LINGER_MS = 250;

  private final boolean deflated;
  private final BiConsumer<CloseCode, String> broken;
  private boolean ended;

  private FrameGuard(boolean deflated, BiConsumer<CloseCode, String> broken) {
    this.deflated = deflated;
    this.broken = broken;
  }

  /** @param handler name of the pipeline's last handler */
  static void install(
      ChannelPipeline pipeline,
      String handler,
      boolean deflated,
      BiConsumer<CloseCode, String> broken) {
    FrameGuard guard = new FrameGuard(deflated, broken);
    ChannelHandlerContext decoder = pipeline.context(WebSocketFrameDecoder.class);
    if (decoder == null) {
      throw new IllegalStateException(
          "pipeline has no WebSocket decoder (found: " + pipeline.names() + ")");
    }
    pipeline.addAfter(decoder.name(), "vedetteBits", guard.new Bits());
    pipeline.addBefore(handler, "vedetteFailures", guard.new Failures());
  }

  @SuppressWarnings("FutureReturnValueIgnored") // a channel that is closed already is closed
  private void end(ChannelHandlerContext context, CloseCode code, String reason) {
    if (ended) {
      return;
    }
    ended = true;
    broken.accept(code, reason);
    // From here on outwards: Vert.x' own handler would wait for the peer's close frame.
    context.executor().schedule(() -> context.close(), LINGER_MS, TimeUnit.MILLISECONDS);
  }

  /** Whether a frame's reserved bits mean what both sides agreed on: RSV1 that a message begins compressed, the others nothing. */
  static boolean isAgreed(int reserved, boolean beginsMessage, boolean deflated) {
    return reserved == 0 || (reserved == RSV1 && beginsMessage && deflated);
  }

  private final class Bits extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (!ended && message instanceof WebSocketFrame frame) {
        boolean begins =
            frame instanceof TextWebSocketFrame || frame instanceof BinaryWebSocketFrame;
        if (!isAgreed(frame.rsv(), begins, deflated)) {
          end(context, CloseCode.PROTOCOL, "reserved bits " + frame.rsv() + " were not agreed on");
        }
      }
      if (ended) {
        ReferenceCountUtil.release(message);
      } else {
        context.fireChannelRead(message);
      }
    }
  }

  private final class Failures extends ChannelInboundHandlerAdapter {
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
      if (failure instanceof IOException) {
        context.fireExceptionCaught(failure); // the network, not the client's frames
      } else {
        end(context, code(failure), reason(failure));
      }
    }
  }

  /** The decoder names its code; what else fails between it and us is the inflater. */
  static CloseCode code(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof CorruptedWebSocketFrameException corrupted) {
        WebSocketCloseStatus status = corrupted.closeStatus();
        return status.equals(WebSocketCloseStatus.MESSAGE_TOO_BIG)
            ? CloseCode.TOO_BIG
            : status.equals(WebSocketCloseStatus.INVALID_PAYLOAD_DATA)
                ? CloseCode.BAD_TEXT
                : CloseCode.PROTOCOL;
      }
      if (String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT).contains("maximum size")) {
        return CloseCode.TOO_BIG;
      }
    }
    return CloseCode.PROTOCOL;
  }

  static String reason(Throwable failure) {
    String message = failure.getMessage();
    return message == null ? failure.getClass().getSimpleName() : message;
  }
}
