package io.vedette.collector.append;

import java.util.Locale;

/** Whether an offer may wait for the trail. */
public sealed interface Admission {

  /** Taken: its settlement will tell. */
  record Admitted() implements Admission {}

  /** Not taken; come again. */
  record Pushback(Reason reason, int retryAfterSeconds) implements Admission {}

  /** A closed set: a metric tag. */
  enum Reason {
    QUEUE_FULL("more is waiting for the trail than it may", 429),
    DATABASE_AWAY("the database does not answer", 503),
    STORAGE_LOW("storage is below storage.min-free", 503),
    STOPPING("the collector is stopping", 503);

    private final String detail;
    private final int status;
    private final String text = name().toLowerCase(Locale.ROOT).replace('_', '-');

    Reason(String detail, int status) {
      this.detail = detail;
      this.status = status;
    }

    public String text() {
      return text;
    }

    public String detail() {
      return detail;
    }

    /** What HTTP calls it. */
    public int status() {
      return status;
    }
  }
}
