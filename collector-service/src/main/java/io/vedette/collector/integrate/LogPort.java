package io.vedette.collector.integrate;

import io.vedette.store.trail.Checkpoints.StoredCheckpoint;
import io.vedette.trail.Tile;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the integrator reads and writes. Every call blocks, for a bounded time; a call that fails may or may not have been done. */
interface LogPort {
  /** Where the trail stands. */
  record Head(String epoch, String origin, long size) {}

  Head head();

  /** Commitments from an index on, 32 bytes each, at most {@code limit}; none at the end. */
  byte[] commitments(long from, int limit);

  /** The widest tile stored there. */
  byte @Nullable [] tile(int level, long n);

  /** Insert or equal; fails where another tile is stored. */
  void putTiles(List<Tile> tiles);

  /** The newest checkpoint of the present incarnation. */
  Optional<StoredCheckpoint> newest();

  /** Compare and set on the size of the newest, -1 where there is none; false when somebody else was faster. */
  boolean putCheckpoint(String epoch, long from, long size, byte[] root, String note);

  /** Says who signs; false where these keys are not the trail's. */
  boolean putKeys(String origin, List<String> vkeys);

  /** What was said whenever the trail was reopened, as {@link io.vedette.store.trail.Succession} reads it. */
  List<String> successions();
}
