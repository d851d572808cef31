package io.vedette.edge.hub;

import io.vedette.edge.protocol.Frame;
import io.vedette.edge.protocol.Position;

/**
 * Where an ordered topic stands, as its subscriptions are told.
 *
 * @param whole for those who take everything
 * @param sampled for those who take a sample while there is one, with what was left out since the last head; else the same as {@code whole}
 * @param reached for those with a filter that are live, and so have seen all up to it
 */
record Heads(Position position, Frame whole, Frame sampled, Frame reached) {
  void retain() {
    whole.retain();
    sampled.retain();
    reached.retain();
  }

  void release() {
    whole.release();
    sampled.release();
    reached.release();
  }
}
