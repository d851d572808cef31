package io.vedette.edge.trail;

import io.vedette.store.Database;
import io.vedette.store.erase.Erased;
import io.vedette.store.erase.Eraser;
import io.vedette.store.erase.Wish;
import io.vedette.store.trail.Appender;
import io.vedette.store.trail.Gaps;
import io.vedette.store.trail.StorageSpace;
import io.vertx.core.Future;
import java.util.List;

/** In PostgreSQL. Any thread may call. */
public final class StoredActs implements TrailActs {
  private final Eraser eraser;
  private final Gaps gaps;

  /** @param space where the database lies */
  public StoredActs(Database database, Appender appender, StorageSpace space) {
    this.eraser = new Eraser(database, appender, space);
    this.gaps = new Gaps(database);
  }

  @Override
  public Future<Erased> erase(int trail, String actor, Wish wish) {
    return eraser.erase(trail, actor, wish);
  }

  @Override
  public Future<List<Gaps.Gap>> gaps(
      int trail, String source, long fromUs, long untilUs, long beforeIndex, int limit) {
    return gaps.newest(trail, source, fromUs, untilUs, beforeIndex, limit);
  }
}
