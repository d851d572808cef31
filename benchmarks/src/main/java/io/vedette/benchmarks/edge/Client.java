package io.vedette.benchmarks.edge;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** One socket of a crowd: shakes hands, subscribes, and takes frames apart with as little work as possible, for the load must cost less than the servers. */
final class Client {
  private static final int CONTINUATION_OR_TEXT = 2;
  private static final int CLOSE = 8;
  private static final int PING = 9;
  private static final byte[] NONE = {};

  private final Crowd crowd;
  private final int number;
  private final SocketChannel channel;
  private final Tally.Cursor cursor = new Tally.Cursor();
  private byte[] rest = NONE;
  private boolean open;
  private boolean closed;
  private boolean stalled;
  private boolean deflated;
  private @Nullable Inflation ownInflation;

  Client(Crowd crowd, int number, SocketChannel channel) {
    this.crowd = crowd;
    this.number = number;
    this.channel = channel;
  }

  int number() {
    return number;
  }

  void stall(SelectionKey key) {
    stalled = true;
    key.interestOps(0);
  }

  void connected(Greeting greeting, boolean offerDeflate) throws IOException {
    byte[] nonce = new byte[16];
    ThreadLocalRandom.current().nextBytes(nonce);
    send("GET " + greeting.path(number) + " HTTP/1.1\r\nHost: localhost:" + crowd.port()
        + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
        + java.util.Base64.getEncoder().encodeToString(nonce)
        + (offerDeflate
            ? "\r\nSec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"
            : "")
        + "\r\n"
        + greeting.headers()
        + "\r\n");
  }

  private void send(String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** Takes what {@code buffer} holds, {@code length} bytes; it may be overwritten afterwards. */
  void received(byte[] buffer, int length, long nowNs) throws IOException {
    byte[] bytes = buffer;
    int to = length;
    if (rest.length > 0) {
      bytes = Arrays.copyOf(rest, rest.length + length);
      System.arraycopy(buffer, 0, bytes, rest.length, length);
      to = bytes.length;
      rest = NONE;
    }
    int at = open ? 0 : handshake(bytes, to);
    if (open) {
      at = frames(bytes, at, to, nowNs);
    }
    if (at < to) {
      rest = Arrays.copyOfRange(bytes, at, to);
    }
  }

  /** Where the frames begin, or 0 while the answer is not whole. */
  private int handshake(byte[] bytes, int to) throws IOException {
    String answer = new String(bytes, 0, to, StandardCharsets.ISO_8859_1);
    int end = answer.indexOf("\r\n\r\n");
    if (end < 0) {
      return 0;
    }
    if (!answer.startsWith("HTTP/1.1 101")) {
      throw new IOException("refused: " + answer.lines().findFirst().orElse(""));
    }
    String head = answer.substring(0, end).toLowerCase(Locale.ROOT);
    deflated = head.contains("permessage-deflate");
    boolean context = deflated && !head.contains("server_no_context_takeover");
    if (context && crowd.looksInto(number)) {
      ownInflation = new Inflation(true);
    }
    crowd.negotiated(deflated, context);
    open = true;
    String hello = crowd.hello(number);
    if (!hello.isEmpty()) {
      text(hello);
    }
    crowd.opened();
    return end + 4;
  }

  private int frames(byte[] bytes, int from, int to, long nowNs) throws IOException {
    int at = from;
    while (at + 2 <= to) {
      int length = bytes[at + 1] & 0x7F;
      int head = 2;
      if (length == 126) {
        if (at + 4 > to) {
          return at;
        }
        length = ((bytes[at + 2] & 0xFF) << 8) | (bytes[at + 3] & 0xFF);
        head = 4;
      } else if (length == 127) {
        if (at + 10 > to) {
          return at;
        }
        length = ByteBuffer.wrap(bytes, at + 6, 4).getInt();
        head = 10;
      }
      if (at + head + length > to) {
        return at;
      }
      frame(bytes[at], bytes, at + head, at + head + length, nowNs);
      at += head + length;
    }
    return at;
  }

  private void frame(int first, byte[] bytes, int from, int to, long nowNs) throws IOException {
    int opcode = first & 0x0F;
    if (opcode <= CONTINUATION_OR_TEXT) {
      message((first & 0x40) != 0, bytes, from, to, nowNs);
    } else if (opcode == PING) {
      pong(bytes, from, to);
    } else if (opcode == CLOSE) {
      closed(
          to - from < 2
              ? "without a code"
              : ByteBuffer.wrap(bytes, from, 2).getShort() + " "
                  + new String(bytes, from + 2, to - from - 2, StandardCharsets.UTF_8));
    }
  }

  private void message(boolean compressed, byte[] bytes, int from, int to, long nowNs) {
    Tally tally = crowd.tally();
    if (!compressed) {
      tally.message(bytes, from, to, cursor, !stalled, nowNs);
    } else if (!crowd.hasContext()) {
      Inflation shared = crowd.inflated(bytes, from, to);
      tally.message(shared.text(), 0, shared.length(), cursor, !stalled, nowNs);
    } else if (ownInflation != null) {
      ownInflation.inflate(bytes, from, to);
      tally.message(ownInflation.text(), 0, ownInflation.length(), cursor, !stalled, nowNs);
    } else {
      tally.unread();
    }
  }

  private void pong(byte[] bytes, int from, int to) throws IOException {
    control(0x8A, Arrays.copyOfRange(bytes, from, to));
  }

  private void text(String message) throws IOException {
    control(0x81, message.getBytes(StandardCharsets.UTF_8));
  }

  /** Masked with zeros, as a client has to, which leaves the payload as it is. */
  private void control(int head, byte[] payload) throws IOException {
    ByteBuffer frame = ByteBuffer.allocate(payload.length + 8);
    frame.put((byte) head);
    if (payload.length < 126) {
      frame.put((byte) (0x80 | payload.length));
    } else {
      frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
    }
    frame.putInt(0).put(payload).flip();
    while (frame.hasRemaining()) {
      channel.write(frame);
    }
  }

  /** The server, or its end, closed this socket. */
  void closed(String why) {
    if (!closed) {
      closed = true;
      crowd.lost(number, stalled, why);
    }
  }

  SocketChannel channel() {
    return channel;
  }

  void release() {
    if (ownInflation != null) {
      ownInflation.close();
    }
  }
}
