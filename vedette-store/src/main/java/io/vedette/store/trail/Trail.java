package io.vedette.store.trail;

import io.vedette.store.Database;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A trail's identity, fixed at its first start.
 *
 * @param epoch its incarnation: 16 hex digits, part of every position
 * @param origin first line of its checkpoints
 * @param partitionSize indices per partition of the records
 */
public record Trail(int trail, String epoch, String origin, long partitionSize) {
  /** 2^20 indices: about 300 MB of records of 300 bytes. Smaller ones expire more finely, larger ones leave fewer tables to plan over. */
  public static final long PARTITION_SIZE = 1L << 20;

  private static final int RANDOM_BYTES = 8;
  private static final long LOOK_MS = 500;

  /** Opens a trail, creating it at its first start with this origin, or a random one under {@code vedette.invalid} where none is given. An origin that differs from the trail's is refused. */
  public static Future<Trail> open(Database database, int trail, @Nullable String origin) {
    return open(database, trail, origin, PARTITION_SIZE);
  }

  public static Future<Trail> open(
      Database database, int trail, @Nullable String origin, long partitionSize) {
    String proposed = origin == null ? "vedette.invalid/" + randomHex() : origin;
    return database
        .pool()
        .preparedQuery(
            "SELECT epoch, origin, partition_size FROM vedette.open_trail($1, $2, $3, $4)")
        .execute(Tuple.of(trail, randomHex(), proposed, partitionSize))
        .map(rows -> {
          Row row = rows.iterator().next();
          Trail opened = new Trail(
              trail,
              row.getString("epoch"),
              row.getString("origin"),
              row.getLong("partition_size"));
          if (origin != null && !origin.equals(opened.origin)) {
            throw new IllegalStateException("trail.origin: " + origin + " (expected: "
                + opened.origin + ", fixed at the first start of trail " + trail + ")");
          }
          return opened;
        });
  }

  /** Completes once the trail exists: the collector opens it. */
  public static Future<Trail> await(Database database, int trail) {
    return database
        .pool()
        .preparedQuery(
            "SELECT epoch, origin, partition_size FROM vedette.trail_head WHERE trail = $1")
        .execute(Tuple.of(trail))
        .compose(rows -> {
          if (rows.size() > 0) {
            Row row = rows.iterator().next();
            return Future.succeededFuture(
                new Trail(trail, row.getString(0), row.getString(1), row.getLong(2)));
          }
          return database
              .vertx()
              .timer(LOOK_MS, TimeUnit.MILLISECONDS)
              .compose(ignored -> await(database, trail));
        });
  }

  private static String randomHex() {
    byte[] random = new byte[RANDOM_BYTES];
    new SecureRandom().nextBytes(random);
    return HexFormat.of().formatHex(random);
  }
}
