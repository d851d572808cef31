package io.vedette.trail.verify;

/** Thrown where a fault leaves nothing to go on with: a checkpoint, a proof or a key that cannot be accepted. */
public final class FaultException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient Fault fault;

  FaultException(Fault fault) {
    super(fault.toString());
    this.fault = fault;
  }

  static FaultException of(Reason reason, String what, String found, String expected) {
    String shown = found.length() > 80 ? found.substring(0, 80) + "..." : found;
    return new FaultException(Fault.general(
        reason, what + ": " + shown.replace("\n", "\\n") + " (expected: " + expected + ")"));
  }

  public Fault fault() {
    return fault;
  }
}
