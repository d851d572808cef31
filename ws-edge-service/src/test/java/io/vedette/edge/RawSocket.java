package io.vedette.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** A WebSocket client that writes what it is told, right or wrong, and shows every frame as it came. */
final class RawSocket implements AutoCloseable {
  static final int CONTINUATION = 0;
  static final int TEXT = 1;
  static final int BINARY = 2;
  static final int CLOSE = 8;
  static final int PING = 9;
  static final int PONG = 10;

  /** {@link #status} of a request that was not answered. */
  static final int CUT = 0;

  private static final byte[] MASK = {0x37, (byte) 0xfa, 0x21, 0x3d};

  /** The stream ended or was reset, where a frame was expected. */
  static final Seen END = new Seen(-1, 0, true, new byte[0]);

  /** One frame of the server. */
  record Seen(
      int opcode, int reserved, boolean last, byte[] payload, boolean deflated, int onWire) {
    Seen(int opcode, int reserved, boolean last, byte[] payload) {
      this(opcode, reserved, last, payload, false, payload.length);
    }

    int closeCode() {
      return payload.length < 2 ? 1005 : ((payload[0] & 0xff) << 8) | (payload[1] & 0xff);
    }

    String text() {
      return new String(payload, StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
      return opcode == -1
          ? "end of stream"
          : opcode == CLOSE
              ? "close " + closeCode() + " " + text().replaceAll("[^ -~]", "")
              : "opcode " + opcode + " " + text();
    }
  }

  private final Socket socket;
  private final DataInputStream in;
  private final OutputStream out;
  final String answer;

  RawSocket(int port, String path, String... headers) throws IOException {
    this(connect(port), path, headers);
  }

  RawSocket(Socket connected, String path, String... headers) throws IOException {
    socket = connected;
    socket.setTcpNoDelay(true);
    socket.setSoTimeout((int) RunningEdge.LIMIT_MS);
    in = new DataInputStream(socket.getInputStream());
    out = socket.getOutputStream();
    out.write(upgrade("localhost:" + socket.getPort(), path, headers)
        .getBytes(StandardCharsets.ISO_8859_1));
    answer = head();
  }

  static Socket connect(int port) throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), port);
  }

  static String upgrade(String host, String path, String... headers) {
    return "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nUpgrade: websocket\r\n"
        + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        + String.join("", List.of(headers).stream().map(it -> it + "\r\n").toList())
        + "\r\n";
  }

  private String head() throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        break;
      }
      head.write(next);
    }
    return head.toString(StandardCharsets.ISO_8859_1);
  }

  int status() {
    return answer.isEmpty() ? CUT : Integer.parseInt(answer.substring(9, 12));
  }

  boolean compresses() {
    return answer.toLowerCase(Locale.ROOT).contains("permessage-deflate");
  }

  // writing

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** A masked frame. {@code head} is its first byte: FIN 0x80, reserved 0x70, opcode. */
  static byte[] frame(int head, byte[] payload) {
    ByteArrayOutputStream frame = new ByteArrayOutputStream(payload.length + 14);
    header(frame, head, payload.length, true);
    for (int i = 0; i < payload.length; i++) {
      frame.write(payload[i] ^ MASK[i & 3]);
    }
    return frame.toByteArray();
  }

  /** The header alone, for a payload of so many bytes. */
  static void header(ByteArrayOutputStream frame, int head, long length, boolean masked) {
    int bit = masked ? 0x80 : 0;
    frame.write(head);
    if (length >= 0 && length < 126) {
      frame.write(bit | (int) length);
    } else if (length >= 0 && length < 65_536) {
      frame.write(bit | 126);
      frame.write((int) length >> 8);
      frame.write((int) length);
    } else {
      frame.write(bit | 127);
      for (int shift = 56; shift >= 0; shift -= 8) {
        frame.write((int) (length >> shift));
      }
    }
    if (masked) {
      frame.writeBytes(MASK);
    }
  }

  static byte[] text(String text) {
    return frame(0x80 | TEXT, utf8(text));
  }

  static byte[] close(int code, String reason) {
    ByteArrayOutputStream payload = new ByteArrayOutputStream();
    payload.write(code >> 8);
    payload.write(code);
    payload.writeBytes(utf8(reason));
    return frame(0x80 | CLOSE, payload.toByteArray());
  }

  static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  /** RFC 7692, 7.2.1. */
  static byte[] deflated(byte[] payload) {
    Deflater deflater = new Deflater(9, true);
    deflater.setInput(payload);
    byte[] out = new byte[payload.length / 2 + 1024];
    int length = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH);
    deflater.end();
    assertThat(length).isLessThan(out.length);
    return java.util.Arrays.copyOf(out, length - 4);
  }

  /** What was written last may meet a connection that the server has cut already; the next read tells. */
  boolean send(byte[] bytes) {
    try {
      out.write(bytes);
      out.flush();
      return true;
    } catch (IOException cut) {
      return false;
    }
  }

  void say(String text) {
    send(text(text));
  }

  // reading

  /** The next frame, or {@link #END}. */
  Seen next() throws IOException {
    try {
      int head = in.readUnsignedByte();
      int second = in.readUnsignedByte();
      assertThat(second & 0x80).as("a server does not mask").isZero();
      long length = second & 0x7f;
      if (length == 126) {
        length = in.readUnsignedShort();
      } else if (length == 127) {
        length = in.readLong();
      }
      byte[] payload = new byte[(int) length];
      in.readFully(payload);
      boolean deflated = (head & 0x40) != 0 && compresses();
      if (deflated) {
        payload = inflated(payload);
        head &= ~0x40;
      }
      return new Seen(
          head & 0x0f, head & 0x70, (head & 0x80) != 0, payload, deflated, (int) length);
    } catch (EOFException ended) {
      return END;
    } catch (SocketTimeoutException silent) {
      throw new AssertionError(
          "nothing from the server in " + RunningEdge.LIMIT_MS + " ms", silent);
    } catch (IOException reset) {
      return END;
    }
  }

  private static byte[] inflated(byte[] payload) throws IOException {
    Inflater inflater = new Inflater(true);
    try {
      inflater.setInput(join(payload, new byte[] {0, 0, (byte) 0xff, (byte) 0xff}));
      ByteArrayOutputStream plain = new ByteArrayOutputStream();
      byte[] part = new byte[8192];
      int length;
      while ((length = inflater.inflate(part)) > 0) {
        plain.write(part, 0, length);
      }
      return plain.toByteArray();
    } catch (DataFormatException broken) {
      throw new IOException(broken);
    } finally {
      inflater.end();
    }
  }

  /** The next message or control frame that is no head, welcome or snapshot of others' making. */
  Seen nextBut(String... types) throws IOException {
    while (true) {
      Seen seen = next();
      String text = seen.opcode() == TEXT ? seen.text() : "";
      if (List.of(types).stream().noneMatch(type -> text.contains("\"type\":\"" + type + "\""))) {
        return seen;
      }
    }
  }

  /** Reads to the end of the stream, answering a close frame and ending our side of the stream; the close code, 1006 where none came. */
  int closeCode() throws IOException {
    int code = 1006;
    for (Seen seen = next(); seen.opcode() != -1; seen = next()) {
      if (seen.opcode() == CLOSE) {
        code = seen.closeCode();
        send(frame(0x80 | CLOSE, seen.payload()));
        finish();
      }
    }
    return code;
  }

  private void finish() {
    try {
      socket.shutdownOutput();
    } catch (IOException faster) {
      assertThat(socket.isConnected())
          .as("the server ended it first: %s", faster)
          .isTrue();
    }
  }

  Socket socket() {
    return socket;
  }

  /** Cuts the connection, without a word. */
  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException already) {
      throw new AssertionError(already);
    }
  }
}
