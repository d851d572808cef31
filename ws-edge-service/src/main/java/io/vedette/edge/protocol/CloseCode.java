package io.vedette.edge.protocol;

/**
 * Every way in which the edge ends a session, and whether the client should come back. Codes from 4400 follow HTTP's meaning of the last three digits.
 */
public enum CloseCode {
  GOING_AWAY(1001, true, "server is going away; reconnect and resume by position"),
  PROTOCOL(1002, false, "frame that breaks the WebSocket protocol"),
  UNSUPPORTED(1003, false, "binary frame that is not UTF-8 text"),
  BAD_TEXT(1007, false, "text frame that is not UTF-8"),
  TOO_BIG(1009, false, "message larger than the limit"),
  BAD_REQUEST(4400, false, "request that breaks the protocol"),
  UNAUTHORIZED(4401, false, "token missing, bad or expired"),
  FORBIDDEN(4403, false, "not allowed"),
  SLOW(4408, true, "reads too slowly; reconnect and resume by position"),
  IDLE(4410, true, "no sign of life within the idle limit"),
  TOO_FAST(4429, true, "more messages per second than the limit"),
  TOO_MANY(4503, true, "session limit of this edge reached; try another or later");

  private final int code;
  private final boolean reconnect;
  private final String meaning;

  CloseCode(int code, boolean reconnect, String meaning) {
    this.code = code;
    this.reconnect = reconnect;
    this.meaning = meaning;
  }

  public int code() {
    return code;
  }

  /** Whether a client does well to connect again by itself. */
  public boolean reconnect() {
    return reconnect;
  }

  public String meaning() {
    return meaning;
  }

  /** The name as metric tag. */
  public String tag() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
