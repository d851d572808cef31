package io.vedette.runtime.http;

import java.util.Optional;

/** A door cannot be opened: names the key, the address, who holds the port and what to do. */
public final class PortTakenException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int port;

  PortTakenException(int port, String message, Throwable cause) {
    super(message, cause);
    this.port = port;
  }

  public int port() {
    return port;
  }

  static String refusal(
      Throwable failure, String host, int port, String portKey, Optional<String> holder) {
    if (holder.isPresent()) {
      return portKey + ": port " + port + " is in use by " + holder.get() + " (stop it, or set "
          + portKey + " to another port; 0 takes a free one)";
    }
    return portKey + ": cannot listen on " + host + ":" + port + ": " + failure.getMessage()
        + " (expected: a free port and an address of this machine; set " + portKey
        + " or http.bind)";
  }
}
