package io.vedette.runtime.wire;

/** Bytes of the bus that are no message: names the message type, what was found and what was expected. */
public final class WireFormatException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public WireFormatException(String type, String problem) {
    super(type + ": " + problem);
  }

  public WireFormatException(String type, String problem, Throwable cause) {
    super(type + ": " + problem, cause);
  }
}
