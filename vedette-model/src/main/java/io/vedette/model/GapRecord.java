package io.vedette.model;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Declares a loss: the record that stands where others are missing. Appended under the source {@code vedette}. */
public final class GapRecord {

  public static final String KIND = "gap";
  public static final String ACTION = "gap.declare";

  private GapRecord() {}

  /**
   * @param source the source whose records are missing
   * @param count how many, -1 when unknown (then no attribute says it)
   * @param cause a short phrase, for example {@code queue full}
   * @param from when the loss began
   * @param to when it ended
   */
  public static RecordDraft of(
      String source, long count, String cause, @Nullable Instant from, @Nullable Instant to) {
    RecordDraft.Builder gap = RecordDraft.builder()
        .kind(KIND)
        .action(ACTION)
        .target(source)
        .severity(Severity.WARN)
        .message((count < 0 ? "records" : count == 1 ? "1 record" : count + " records") + " of "
            + source + " not kept: " + cause)
        .attribute("cause", cause)
        .attribute("source", source);
    if (count >= 0) {
      gap.attribute("count", count);
    }
    if (from != null) {
      gap.attribute("from", from);
    }
    if (to != null) {
      gap.attribute("to", to);
    }
    return gap.build();
  }
}
