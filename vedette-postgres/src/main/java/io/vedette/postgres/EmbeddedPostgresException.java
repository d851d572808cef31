package io.vedette.postgres;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import org.jspecify.annotations.Nullable;

/** PostgreSQL cannot run on this folder; the message says what was found, what was expected and what to do. */
public final class EmbeddedPostgresException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** What is left to do where this one cannot run: {@code ./vedette up} always runs this one, the services alone never do. */
  static final String OWN =
      "use a PostgreSQL of your own: ./vedette db init ADMIN_URL, then ./vedette collector, analyzer, alert and edge, each with"
          + " the VEDETTE_DATABASE_URL it prints";

  /** What kind of trouble it is, for callers that answer differently to each. */
  public enum Reason {
    /** Another running process holds the folder. */
    FOLDER_LOCKED,
    /** The folder, or something in it, cannot be read or written by the account that has to. */
    FOLDER_UNUSABLE,
    /** The file system has no room left. */
    DISK_FULL,
    /** There are no PostgreSQL binaries for this machine, or they do not run on it. */
    NO_BINARIES,
    /** The data were made by another major version than the binaries. */
    WRONG_VERSION,
    /** This process is root and finds no way to run the server as somebody else, which PostgreSQL insists on. */
    NO_ACCOUNT,
    /** The port that was asked for is taken. */
    PORT_TAKEN,
    /** The server did not accept connections within the limit. */
    START_TIMEOUT,
    /** Anything else the server said when it refused to run; its last lines are in the message. */
    SERVER_FAILED,
    /** The waiting thread was interrupted. */
    INTERRUPTED
  }

  private final Reason reason;

  EmbeddedPostgresException(Reason reason, String message) {
    this(reason, message, null);
  }

  EmbeddedPostgresException(Reason reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }

  /** Trouble with a file, told apart by what the operating system said. */
  static EmbeddedPostgresException of(String doing, IOException cause) {
    String said = String.valueOf(cause.getMessage());
    if (isDiskFull(said)) {
      return new EmbeddedPostgresException(
          Reason.DISK_FULL,
          doing + ": no space left on the device; free about 200 MiB, or use another data folder",
          cause);
    }
    String why = cause instanceof AccessDeniedException ? "permission denied on " + said : said;
    return new EmbeddedPostgresException(Reason.FOLDER_UNUSABLE, doing + ": " + why, cause);
  }

  /** Trouble the server or initdb told of, in its own words. */
  static EmbeddedPostgresException said(String doing, String output) {
    String message = doing + "; it said: " + output;
    if (isDiskFull(output)) {
      return new EmbeddedPostgresException(
          Reason.DISK_FULL,
          "no space left on the device, free about 200 MiB or use another data folder: " + message);
    }
    if (output.contains("Permission denied") || output.contains("has wrong ownership")) {
      return new EmbeddedPostgresException(Reason.FOLDER_UNUSABLE, message);
    }
    if (output.contains("incompatible with server")) {
      return new EmbeddedPostgresException(Reason.WRONG_VERSION, message);
    }
    return new EmbeddedPostgresException(Reason.SERVER_FAILED, message);
  }

  private static boolean isDiskFull(String said) {
    return said.contains("No space left on device") || said.contains("Disk quota exceeded");
  }

  static EmbeddedPostgresException interrupted(String doing, InterruptedException cause) {
    Thread.currentThread().interrupt();
    return new EmbeddedPostgresException(Reason.INTERRUPTED, "interrupted while " + doing, cause);
  }
}
