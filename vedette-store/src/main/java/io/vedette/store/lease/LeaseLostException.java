package io.vedette.store.lease;

/** The transaction's writer does not own what it writes any more. */
public final class LeaseLostException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public LeaseLostException(String message) {
    super(message);
  }
}
