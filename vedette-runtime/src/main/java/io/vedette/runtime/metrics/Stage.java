package io.vedette.runtime.metrics;

import java.util.Locale;

/** The stations between a source and a person. */
public enum Stage {
  /** From a record's arrival to its being decoded. */
  COLLECT,
  /** Cleaning, transforming, redacting, deduplicating. */
  PROCESS,
  /** From the sealed batch to the known commit. */
  APPEND,
  /** From the commit to the batch folded and judged. */
  ANALYSE,
  /** From the commit of the finding's batch to the alert's new state. */
  ALERT,
  /** From the alert's new state to the receiver's answer. */
  NOTIFY,
  /** From the commit to the bytes written to sessions. */
  DELIVER;

  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
