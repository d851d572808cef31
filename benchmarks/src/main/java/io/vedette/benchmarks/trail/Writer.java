package io.vedette.benchmarks.trail;

import io.vertx.core.Future;

/** Something that writes batches, one on its way at a time; prepares the next meanwhile where it can. */
interface Writer {
  /** Writes the next batch. */
  Future<?> write();

  Future<Void> close();
}
