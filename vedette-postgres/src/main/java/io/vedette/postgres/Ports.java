package io.vedette.postgres;

import io.vedette.postgres.EmbeddedPostgresException.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports of 127.0.0.1. A free one is looked for below those that systems hand to outgoing connections (Linux from 32768,
 * macOS from 49152), which could otherwise take the server's port while it is being started again.
 */
final class Ports {
  private static final int FIRST = 20_000;
  private static final int LAST = 32_000;
  private static final int ATTEMPTS = 50;

  private Ports() {}

  static InetSocketAddress address(int port) {
    try {
      return new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e); // thrown for a wrong number of bytes only
    }
  }

  /** One that is free now; whoever uses it must be ready to find it taken. */
  static int free() {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, LAST + 1);
      if (isFree(port)) {
        return port;
      }
    }
    throw new EmbeddedPostgresException(
        Reason.PORT_TAKEN,
        "none of %d ports tried between %d and %d is free on %s"
            .formatted(ATTEMPTS, FIRST, LAST, EmbeddedPostgres.HOST));
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(address(port));
      return true;
    } catch (IOException e) {
      return false; // taken: exactly what was asked
    }
  }
}
