package io.vedette.store;

import io.vertx.pgclient.PgException;

/** What a failed statement means for the one who sent it. */
public enum SqlFailure {
  /** The data were refused: sending the same again is refused again. */
  DATA,
  /** The connection, the server or another transaction was in the way: sending again may succeed. Whether a commit happened is unknown. */
  TRANSIENT,
  /** The schema, a privilege, the statement or this program is wrong: someone has to act. */
  SETUP;

  public static SqlFailure of(Throwable failure) {
    String state = sqlState(failure);
    if (state.length() != 5) {
      // No answer of the server: closed, refused, timed out; or it was never asked.
      return isOurs(failure) ? SETUP : TRANSIENT;
    }
    return switch (state.substring(0, 2)) {
      case "22", "23", "21", "44" -> DATA;
      case "54" -> DATA; // program limit exceeded: a row or an index entry too large
      case "42", "3F", "3D", "28", "0A", "26" -> SETUP;
      default -> TRANSIENT;
    };
  }

  private static boolean isOurs(Throwable failure) {
    return failure instanceof IllegalArgumentException
        || failure instanceof NullPointerException
        || failure instanceof ClassCastException
        || failure instanceof IndexOutOfBoundsException
        || failure instanceof ArithmeticException;
  }

  /** SQLSTATE, empty where the server did not answer. */
  public static String sqlState(Throwable failure) {
    return failure instanceof PgException refused && refused.getSqlState() != null
        ? refused.getSqlState()
        : "";
  }
}
