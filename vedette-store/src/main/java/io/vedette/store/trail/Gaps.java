package io.vedette.store.trail;

import io.vedette.model.GapRecord;
import io.vedette.model.RecordView;
import io.vedette.model.Times;
import io.vedette.store.Database;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Declared losses, newest first, by an index that holds nothing else. Any thread may call. */
public final class Gaps {
  private static final int PAGE = 200;

  private final Database database;

  /** A declared loss: the index and the canonical bytes of its record. */
  public record Gap(long index, long timeUs, byte[] canonical) {}

  public Gaps(Database database) {
    this.database = database;
  }

  /**
   * Those below an index of which some was lost, or that were declared, in [fromUs, endUs): a loss may be declared long after it began.
   *
   * @param source of which records are missing; empty for any
   */
  public Future<List<Gap>> newest(
      int trail, String source, long fromUs, long endUs, long beforeIndex, int limit) {
    return page(trail, source, fromUs, endUs, beforeIndex, limit, new ArrayList<>());
  }

  private Future<List<Gap>> page(
      int trail,
      String source,
      long fromUs,
      long endUs,
      long beforeIndex,
      int limit,
      List<Gap> found) {
    return database
        .pool()
        .preparedQuery("""
            SELECT index, time_us, canonical FROM vedette.record
            WHERE trail = $1 AND index < $2 AND substring(canonical FROM 1 FOR 23) = '{"action":"gap.declare"'::bytea
            ORDER BY index DESC LIMIT $3""")
        .execute(Tuple.of(trail, beforeIndex, PAGE))
        .compose(rows -> {
          long last = beforeIndex;
          for (Row row : rows) {
            last = row.getLong(0);
            byte[] canonical = row.getBuffer(2).getBytes();
            RecordView record = new RecordView(canonical);
            if (found.size() < limit
                && isOf(record, source)
                && overlaps(record, row.getLong(1), fromUs, endUs)) {
              found.add(new Gap(last, row.getLong(1), canonical));
            }
          }
          return rows.size() < PAGE || found.size() >= limit
              ? Future.succeededFuture(found)
              : page(trail, source, fromUs, endUs, last, limit, found);
        });
  }

  /** Where the record does not say when it began or ended, the declaration stands for it. */
  private static boolean overlaps(RecordView record, long declaredUs, long fromUs, long endUs) {
    long beganUs = time(record.attributes().get("from"), declaredUs);
    long endedUs = time(record.attributes().get("to"), declaredUs);
    boolean lost = Math.min(beganUs, endedUs) < endUs && Math.max(beganUs, endedUs) >= fromUs;
    return lost || (declaredUs >= fromUs && declaredUs < endUs);
  }

  private static long time(@Nullable Object said, long otherwise) {
    Instant at = said instanceof String text ? Times.parse(text) : null;
    return at == null ? otherwise : Times.toUs(at);
  }

  /** What a source says of itself under the same action is no declaration of ours. */
  private static boolean isOf(RecordView record, String source) {
    return Appender.OWN_SOURCE.equals(record.source())
        && GapRecord.KIND.equals(record.text("kind"))
        && (source.isEmpty() || source.equals(record.attributes().get("source")));
  }
}
