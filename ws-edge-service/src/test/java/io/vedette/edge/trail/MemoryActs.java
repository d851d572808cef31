package io.vedette.edge.trail;

import io.vedette.store.erase.Erased;
import io.vedette.store.erase.Wish;
import io.vedette.store.trail.Gaps.Gap;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Keeps what was asked for. */
final class MemoryActs implements TrailActs {
  final List<String> asked = new ArrayList<>();
  final List<Gap> gaps = new ArrayList<>();

  @Override
  public synchronized Future<Erased> erase(int trail, String actor, Wish wish) {
    asked.add(actor + " " + wish);
    return Future.succeededFuture(new Erased(
        2,
        List.of(new Wish.Range(5, 6)),
        List.of(9L),
        Map.of("quarantine", 1L),
        List.of("quarantine", "record_c0_t1_p0"),
        wish.purge(),
        wish.purge(),
        wish.purge() ? "" : Erased.NOT_ASKED));
  }

  @Override
  public synchronized Future<List<Gap>> gaps(
      int trail, String source, long fromUs, long untilUs, long beforeIndex, int limit) {
    asked.add(source + " " + fromUs + " " + untilUs + " " + beforeIndex + " " + limit);
    return Future.succeededFuture(List.copyOf(gaps));
  }
}
