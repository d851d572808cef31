package io.vedette.edge.resume;

import java.util.List;
import java.util.concurrent.CompletionStage;

/** What the store remembers of an ordered topic. */
@FunctionalInterface
public interface History {
  /** Entries from offset {@code from} on, ascending, at most {@code limit}; the first may lie behind {@code from} when retention took what was between. */
  CompletionStage<List<Entry>> read(long from, int limit);
}
