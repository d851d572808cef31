package io.vedette.edge.trail;

import io.vedette.store.trail.Checkpoints.StoredCheckpoint;
import io.vertx.core.Future;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * The newest checkpoint of each trail, remembered for a moment: a reader of tiles asks thousands of times for what changes twice a second. Any thread may call; holds at most {@value #MAX_TRAILS}
 * trails.
 */
final class Published {
  private static final long FRESH_NS = 100_000_000;
  private static final int MAX_TRAILS = 1_000;

  private record Known(Optional<StoredCheckpoint> checkpoint, long readNs) {}

  private final TrailStore store;
  private final LongSupplier nanoTime;
  private final Map<Integer, Known> known = new ConcurrentHashMap<>();

  Published(TrailStore store, LongSupplier nanoTime) {
    this.store = store;
    this.nanoTime = nanoTime;
  }

  /** At most a tenth of a second old. */
  Future<Optional<StoredCheckpoint>> newest(int trail) {
    Known remembered = known.get(trail);
    long nowNs = nanoTime.getAsLong();
    if (remembered != null && nowNs - remembered.readNs() < FRESH_NS) {
      return Future.succeededFuture(remembered.checkpoint());
    }
    return store.newest(trail).onSuccess(checkpoint -> {
      if (known.size() >= MAX_TRAILS) {
        known.clear();
      }
      known.put(trail, new Known(checkpoint, nowNs));
    });
  }

  /** The newest checkpoint if it covers so many entries; asks the store before it says no. */
  Future<Optional<StoredCheckpoint>> covering(int trail, long size) {
    Known remembered = known.get(trail);
    if (remembered != null
        && remembered.checkpoint().filter(it -> it.size() >= size).isPresent()) {
      return newest(trail).map(now -> now.filter(it -> it.size() >= size));
    }
    known.remove(trail);
    return newest(trail).map(now -> now.filter(it -> it.size() >= size));
  }
}
