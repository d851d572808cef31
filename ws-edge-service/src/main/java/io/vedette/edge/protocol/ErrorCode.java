package io.vedette.edge.protocol;

/** Error codes of the Vert.x event-bus bridge, as its public clients know them. */
public enum ErrorCode {
  INVALID_JSON,
  MISSING_TYPE,
  MISSING_ADDRESS,
  INVALID_TYPE,
  REJECTED,
  ACCESS_DENIED,
  AUTH_ERROR,
  NOT_LOGGED_IN,
  MAX_HANDLERS_REACHED,
  MAX_ADDRESS_LENGTH_REACHED,
  ADDRESS_ALREADY_REGISTERED,
  REGISTRATION_FAILURE,
  INVALID_REPLY_ADDRESS;

  private final String text = name().toLowerCase(java.util.Locale.ROOT);

  /** As it stands on the wire. */
  public String text() {
    return text;
  }
}
