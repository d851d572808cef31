package io.vedette.edge;

import io.vedette.edge.protocol.CloseCode;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.WebSocketFrame;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Frames of one socket to whole messages of UTF-8 bytes. Bounded by the message size: what is larger, or no text, ends the session with its close code. */
final class MessageAssembler {
  private final int maxBytes;
  private final Consumer<byte[]> message;
  private final BiConsumer<CloseCode, String> broken;
  private @Nullable Buffer parts;
  private boolean binary;
  private boolean ended;

  MessageAssembler(int maxBytes, Consumer<byte[]> message, BiConsumer<CloseCode, String> broken) {
    this.maxBytes = maxBytes;
    this.message = message;
    this.broken = broken;
  }

  void accept(WebSocketFrame frame) {
    if (ended || !(frame.isText() || frame.isBinary() || frame.isContinuation())) {
      return;
    }
    Buffer data = frame.binaryData();
    Buffer before = parts;
    if ((before == null ? 0 : before.length()) + data.length() > maxBytes) {
      end(CloseCode.TOO_BIG, "message larger than " + maxBytes + " bytes");
      return;
    }
    if (!frame.isContinuation()) {
      binary = frame.isBinary();
    }
    if (!frame.isFinal()) {
      parts = (before == null ? Buffer.buffer() : before).appendBuffer(data);
    } else if (before == null) {
      whole(data.getBytes());
    } else {
      byte[] all = before.appendBuffer(data).getBytes();
      parts = null;
      whole(all);
    }
  }

  private void whole(byte[] bytes) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
    } catch (CharacterCodingException notUtf8) {
      end(
          binary ? CloseCode.UNSUPPORTED : CloseCode.BAD_TEXT,
          binary ? CloseCode.UNSUPPORTED.meaning() : CloseCode.BAD_TEXT.meaning());
      return;
    }
    message.accept(bytes);
  }

  private void end(CloseCode code, String reason) {
    ended = true;
    parts = null;
    broken.accept(code, reason);
  }
}
