package io.vedette.edge.trail;

import io.vedette.store.erase.Erased;
import io.vedette.store.erase.Wish;
import io.vedette.store.trail.Gaps.Gap;
import io.vertx.core.Future;
import java.util.List;

/** What officers and auditors ask of a trail. A failed future means the store did not answer, or refused with an SQL state. */
public interface TrailActs {

  Future<Erased> erase(int trail, String actor, Wish wish);

  /** Declared losses, newest first: those of a source (empty for any), declared in [fromUs, untilUs), below an index. */
  Future<List<Gap>> gaps(
      int trail, String source, long fromUs, long untilUs, long beforeIndex, int limit);
}
