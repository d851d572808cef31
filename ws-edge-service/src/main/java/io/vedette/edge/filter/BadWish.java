package io.vedette.edge.filter;

/** Why a header of a registration is refused: where, what was found, what was expected. */
public final class BadWish extends Exception {
  private static final long serialVersionUID = 1;

  public BadWish(String message) {
    super(message);
  }
}
