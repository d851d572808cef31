package io.vedette.edge.api;

/** More was asked for than one answer may hold; the message says how much was found and what is expected. */
public final class RangeTooLong extends RuntimeException {
  private static final long serialVersionUID = 1;

  public RangeTooLong(String message) {
    super(message);
  }
}
