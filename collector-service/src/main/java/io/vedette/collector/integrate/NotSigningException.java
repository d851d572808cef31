package io.vedette.collector.integrate;

/** Why this process does not sign; the message names what was found and what was expected. */
public final class NotSigningException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** A closed set, fit for a metric's tag. */
  public enum Reason {
    /** No key, or one that is not the trail's. */
    KEY,
    /** The trail does not extend what was signed: it was changed, shortened or put back. */
    HISTORY,
    /** Stored tiles or the stored checkpoint are not what was signed. */
    STORED,
    /** What the signer keeps outside the database cannot be read. */
    STATE
  }

  private final Reason reason;

  NotSigningException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
