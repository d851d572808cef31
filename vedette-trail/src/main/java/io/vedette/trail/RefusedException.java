package io.vedette.trail;

/** Input from outside was not accepted: says what it was about, what was found and what was expected. */
public final class RefusedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Bytes of offending input repeated in a message; more would only bury the expectation. */
  private static final int SHOWN = 80;

  /** Why it was refused; a closed set, fit for a metric's tag. */
  public enum Reason {
    /** It does not have the form its specification demands. */
    MALFORMED,
    /** It is well formed, but no known key vouches for it, or one that should does not. */
    UNTRUSTED,
    /** Its hashes do not lead to the hash they should lead to. */
    MISMATCH
  }

  private final Reason reason;
  private final String found;
  private final String expected;

  RefusedException(Reason reason, String what, String found, String expected) {
    super(what + ": " + shorten(found) + " (expected: " + expected + ")");
    this.reason = reason;
    this.found = found;
    this.expected = expected;
  }

  static RefusedException malformed(String what, String found, String expected) {
    return new RefusedException(Reason.MALFORMED, what, found, expected);
  }

  static RefusedException untrusted(String what, String found, String expected) {
    return new RefusedException(Reason.UNTRUSTED, what, found, expected);
  }

  static RefusedException mismatch(String what, Object found, Object expected) {
    return new RefusedException(Reason.MISMATCH, what, found.toString(), expected.toString());
  }

  public Reason reason() {
    return reason;
  }

  public String found() {
    return found;
  }

  public String expected() {
    return expected;
  }

  private static String shorten(String found) {
    String line = found.length() <= SHOWN
        ? found
        : found.substring(0, SHOWN) + "... (" + found.length() + " characters)";
    return line.isEmpty() ? "nothing" : line.replace("\n", "\\n").replace("\r", "\\r");
  }
}
