package io.vedette.alert.notify;

import java.util.Locale;

/** What became of one attempt to send. */
public sealed interface Delivery {
  /** The receiver took it. {@code providerId} is the receiver's own id, empty where it has none. */
  record Sent(String detail, String providerId) implements Delivery {}

  /**
   * Not now; worth another attempt.
   *
   * @param retryAfterMs how long the receiver asked to wait, 0 when it did not say
   * @param maybeTaken whether the receiver may have taken it all the same, so that the next attempt may be a second message
   */
  record Later(Trouble trouble, String detail, long retryAfterMs, boolean maybeTaken)
      implements Delivery {}

  /** Never: another attempt would end the same. */
  record Refused(Trouble trouble, String detail) implements Delivery {}

  /** Kinds of trouble; also a metric tag. */
  enum Trouble {
    UNREACHABLE,
    TIMEOUT,
    BROKEN_OFF,
    THROTTLED,
    SERVER_ERROR,
    REJECTED,
    UNAUTHORIZED,
    GONE,
    GAVE_UP;

    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
