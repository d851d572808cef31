package io.vedette.collector.process;

import io.vedette.model.CanonicalRecord;
import io.vedette.model.RecordDraft;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A pipeline that knows how long it worked: what a source that is asked spends on processing, apart from reading and decoding. Not thread safe. */
public final class TimedPipeline {
  private final Pipeline pipeline;
  private final String source;
  private long workedNs;

  public TimedPipeline(List<String> steps, String source) {
    this.pipeline = Pipeline.of(steps);
    this.source = source;
  }

  /** The record in its canonical form, null when a step dropped it. */
  public @Nullable CanonicalRecord apply(RecordDraft draft) {
    long startNs = System.nanoTime();
    CanonicalRecord record = pipeline.apply(draft) instanceof Step.Kept kept
        ? CanonicalRecord.of(kept.record(), source)
        : null;
    workedNs += System.nanoTime() - startNs;
    return record;
  }

  /** Microseconds of work since it was asked last, rounded up. */
  public long takeWorkedUs() {
    long us = (workedNs + 999) / 1_000;
    workedNs = 0;
    return us;
  }
}
