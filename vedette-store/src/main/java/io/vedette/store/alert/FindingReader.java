package io.vedette.store.alert;

import io.vedette.model.Finding;
import io.vedette.model.Stamps;
import io.vedette.store.Database;
import io.vedette.store.analysis.FindingJson;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Reads findings by cursor: one short range of the index per partition, whether there is news or not. */
public final class FindingReader {
  /** Analysis partitions of a trail. */
  private static final int PARTITIONS = 64;

  private final Database database;

  public FindingReader(Database database) {
    this.database = database;
  }

  /** At most {@code limit} findings after the cursors (partition to number, 0 where there is none), in order within each partition. They carry when their batch was committed. */
  public Future<List<Finding>> after(int trail, Map<Integer, Long> cursors, int limit) {
    Integer[] partitions = new Integer[PARTITIONS];
    Long[] numbers = new Long[PARTITIONS];
    for (int i = 0; i < PARTITIONS; i++) {
      partitions[i] = i;
      numbers[i] = cursors.getOrDefault(i, 0L);
    }
    return database
        .pool()
        .preparedQuery("""
            SELECT f.body, coalesce(b.wall_us, 0) FROM unnest($2::integer[], $3::bigint[]) AS c (partition, number) CROSS JOIN LATERAL (
              SELECT i.partition, i.number, i.batch, i.body FROM vedette.finding i
              WHERE i.trail = $1 AND i.partition = c.partition AND i.number > c.number ORDER BY i.number LIMIT $4) f
            LEFT JOIN vedette.trail_batch b ON b.trail = $1 AND b.number = f.batch
            ORDER BY f.partition, f.number LIMIT $4""")
        .execute(Tuple.of(trail, partitions, numbers, limit))
        .map(rows -> {
          List<Finding> findings = new ArrayList<>(rows.size());
          for (Row row : rows) {
            findings.add(
                FindingJson.read(row.getBuffer(0).getBytes(), new Stamps(0, 0, row.getLong(1))));
          }
          return findings;
        });
  }
}
