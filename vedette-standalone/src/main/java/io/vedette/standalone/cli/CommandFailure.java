package io.vedette.standalone.cli;

/** A failure that the user can understand from its message alone: printed without a stack trace, exit code 1. */
public final class CommandFailure extends RuntimeException {
  private static final long serialVersionUID = 1;

  public CommandFailure(String message) {
    super(message);
  }

  public CommandFailure(String message, Throwable cause) {
    super(message, cause);
  }
}
