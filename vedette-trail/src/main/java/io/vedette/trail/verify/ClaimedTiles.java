package io.vedette.trail.verify;

import org.jspecify.annotations.Nullable;

/** The tiles a log claims to have (C2SP {@code tlog-tiles}); none of them is believed. Asked by one thread, in order of need. */
@FunctionalInterface
public interface ClaimedTiles {
  /** The hashes of a tile, {@code 32 * width} bytes; null if the log has none there. */
  byte @Nullable [] hashes(int level, long index, int width);
}
