package io.vedette.edge.api;

/** A parameter that is not what it should be; the message says what is. */
final class BadParameter extends RuntimeException {
  private static final long serialVersionUID = 1;

  BadParameter(String message) {
    super(message);
  }
}
