package io.vedette.trail.verify;

import java.util.Locale;

/**
 * The first thing found wrong.
 *
 * @param first the first index it may concern, or {@link #NO_INDEX}
 * @param end the index after the last it may concern; {@code first + 1} if the culprit is known exactly
 * @param detail what was found and what was expected
 */
public record Fault(Reason reason, long first, long end, String detail) {
  /** Of faults that concern no index, such as a signature. */
  public static final long NO_INDEX = -1;

  static Fault at(Reason reason, long index, String detail) {
    return new Fault(reason, index, index + 1, detail);
  }

  static Fault general(Reason reason, String detail) {
    return new Fault(reason, NO_INDEX, NO_INDEX, detail);
  }

  @Override
  public String toString() {
    String where = first == NO_INDEX
        ? ""
        : end == first + 1 ? " at index " + first : " at index " + first + " to " + (end - 1);
    return reason.name().toLowerCase(Locale.ROOT).replace('_', ' ') + where + ": " + detail;
  }
}
