package io.vedette.collector.process;

import io.vedette.model.RecordDraft;

/** One step of a pipeline. Steps are pure and thread safe: the same record gives the same result. */
public interface Step {

  /** What became of a record: kept (perhaps changed), or dropped with the reason. */
  sealed interface Result permits Kept, Dropped {}

  record Kept(RecordDraft record) implements Result {}

  /** @param reason from a closed set: it is the metric's tag */
  record Dropped(String reason) implements Result {}

  Result apply(RecordDraft record);
}
