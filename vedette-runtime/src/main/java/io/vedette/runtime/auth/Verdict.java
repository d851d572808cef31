package io.vedette.runtime.auth;

import java.util.List;

/** The answer to "who is this, and may they?". */
public sealed interface Verdict {
  /** Every {@link #word}. */
  List<String> WORDS = List.of(
      "granted", "missing", "bad", "expired", "not_allowed", "foreign_origin", "unavailable");

  /** The token is good; the principal's expiry says until when. */
  record Granted(Principal principal) implements Verdict {}

  /** No token was presented. */
  record Missing() implements Verdict {}

  /** The token is not one of ours, is revoked, or is broken in the way that {@code reason} says. */
  record Bad(String reason) implements Verdict {}

  record Expired(long expiredUs) implements Verdict {}

  /** The token is good, its role is not enough. */
  record NotAllowed(Principal principal, Role needed) implements Verdict {}

  /** A page of another origin tries to use the cookie. */
  record ForeignOrigin(String origin) implements Verdict {}

  /** It cannot be known now: the token's store does not answer. */
  record Unavailable(String reason) implements Verdict {}

  /** Narrows a grant to those who may do what needs this role; any other verdict stays. */
  default Verdict require(Role needed) {
    return this instanceof Granted granted && !granted.principal().allows(needed)
        ? new NotAllowed(granted.principal(), needed)
        : this;
  }

  /** For a metric's tag and a test's eye: lower case, from a closed set. */
  default String word() {
    if (this instanceof Granted) {
      return "granted";
    }
    if (this instanceof Missing) {
      return "missing";
    }
    if (this instanceof Bad) {
      return "bad";
    }
    if (this instanceof Expired) {
      return "expired";
    }
    if (this instanceof NotAllowed) {
      return "not_allowed";
    }
    return this instanceof ForeignOrigin ? "foreign_origin" : "unavailable";
  }

  /** What happened and what to do about it, in one sentence for the caller; never shows the token. */
  default String advice() {
    if (this instanceof Missing) {
      return "token missing: send Authorization: Bearer TOKEN; ./vedette token create makes one";
    }
    if (this instanceof Bad bad) {
      return "token not accepted (" + bad.reason() + "): ./vedette token create makes a new one";
    }
    if (this instanceof Expired) {
      return "token expired: ./vedette token create makes a new one";
    }
    if (this instanceof NotAllowed not) {
      return "role " + not.needed().text() + " needed";
    }
    if (this instanceof ForeignOrigin) {
      return "the page's origin is not this server's; list it in http.origins if it may";
    }
    return this instanceof Unavailable
        ? "tokens cannot be checked at the moment: try again"
        : "granted";
  }
}
