package io.vedette.store.trail;

import org.jspecify.annotations.Nullable;

/** Moves a source's cursor within an append, compare-and-set: both the position and the sequence must be the ones it moves from. A source not seen before stands at null and 0. */
public record CursorMove(
    String source, @Nullable String from, @Nullable String to, long fromSequence, long toSequence) {
  public CursorMove {
    if (source.isEmpty()) {
      throw new IllegalArgumentException("source: empty (expected: its name)");
    }
    if (fromSequence < 0 || toSequence < fromSequence) {
      throw new IllegalArgumentException("sequence of " + source + " moves from " + fromSequence
          + " to " + toSequence + " (expected: not backwards)");
    }
  }
}
