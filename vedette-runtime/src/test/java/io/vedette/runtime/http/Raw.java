package io.vedette.runtime.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** HTTP by hand: sends exactly these bytes and gives everything that comes back until the server closes. */
final class Raw {
  private static final int TIMEOUT_MS = 30_000;

  private Raw() {}

  static String send(int port, String request) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(TIMEOUT_MS);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
      socket.getOutputStream().flush();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  /** {@code headers} as lines, each ended by {@code \r\n}. */
  static String get(int port, String path, String headers) {
    return request(port, "GET", path, headers, "");
  }

  static String request(int port, String method, String path, String headers, String body) {
    String host = headers.contains("Host:") ? "" : "Host: localhost:" + port + "\r\n";
    int length = body.getBytes(StandardCharsets.UTF_8).length;
    String content = length == 0 ? "" : "Content-Length: " + length + "\r\n";
    return send(
        port,
        method + " " + path + " HTTP/1.1\r\n" + host + "Connection: close\r\n" + content + headers
            + "\r\n" + body);
  }
}
