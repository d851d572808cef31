package io.vedette.trail.verify;

import org.jspecify.annotations.Nullable;

/**
 * The end of a verification.
 *
 * @param checked entries verified, those of a resumed run included: all, or those before the fault
 * @param payloads records found to belong to their entries in this run
 * @param excused entries of this run whose record is gone with an excuse
 * @param fault null if all is well
 */
public record Verdict(
    long checked, long payloads, long excused, @Nullable Fault fault) {
  public boolean ok() {
    return fault == null;
  }
}
