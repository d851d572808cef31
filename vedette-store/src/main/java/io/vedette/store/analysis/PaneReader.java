package io.vedette.store.analysis;

import io.vedette.store.Database;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reads stored panes for charts. What happened in the last 15 seconds or so is not stored yet: it was published on {@code statistic.<name>}. Any thread may call. */
public final class PaneReader {
  /** Blocks of one answer: more than an hour of one owner's. */
  public static final int MAX_BLOCKS = 1_000;

  private final Database database;

  public PaneReader(Database database) {
    this.database = database;
  }

  /**
   * Stored panes of a rule or statistic.
   *
   * @param paneUs length of a pane, 0 when there is none
   * @param untilUs where the answer ends when there is more: read on from here; else the end that was asked for
   * @param keys each with its panes in the order of time
   */
  public record History(String name, long paneUs, long untilUs, List<KeyPanes> keys) {
    public History {
      keys = List.copyOf(keys);
    }
  }

  /** Panes that begin in [fromUs, toUs). */
  public Future<History> read(int trail, String name, long fromUs, long toUs) {
    return database
        .pool()
        .preparedQuery("""
            SELECT b.block, p.pane_us, p.from_us
            FROM (SELECT id, pane_us, from_us FROM vedette.pane_block
              WHERE trail = $1 AND rule = $2 AND to_us > $3 AND from_us < $4 ORDER BY from_us, id LIMIT $5) p
            JOIN vedette.pane_block b ON b.trail = $1 AND b.id = p.id ORDER BY p.from_us, p.id""")
        .execute(Tuple.of(trail, name, fromUs, toUs, MAX_BLOCKS))
        .compose(rows ->
            database.vertx().executeBlocking(() -> history(name, fromUs, toUs, rows), false));
  }

  private static History history(String name, long fromUs, long toUs, RowSet<Row> rows) {
    Map<String, List<Pane>> panes = new TreeMap<>();
    Map<String, KeyPanes> keys = new TreeMap<>();
    long paneUs = 0;
    long untilUs = toUs;
    if (rows.size() == MAX_BLOCKS) {
      // Blocks of several owners overlap. Those not read begin with the last one read or later:
      // what
      // lies before that is whole.
      for (Row row : rows) {
        untilUs = row.getLong(2);
      }
    }
    for (Row row : rows) {
      paneUs = row.getLong(1);
      for (KeyPanes key : PaneBlock.decode(row.getBuffer(0).getBytes())) {
        String text = key.key().toString();
        keys.putIfAbsent(text, key);
        List<Pane> of = panes.computeIfAbsent(text, none -> new ArrayList<>());
        for (Pane pane : key.panes()) {
          if (pane.startUs() >= fromUs && pane.startUs() < untilUs) {
            of.add(pane);
          }
        }
      }
    }
    List<KeyPanes> found = new ArrayList<>();
    panes.forEach((text, of) -> {
      KeyPanes key = keys.get(text);
      if (key != null && !of.isEmpty()) {
        of.sort(Comparator.comparingLong(Pane::startUs));
        found.add(new KeyPanes(key.partition(), key.key(), of));
      }
    });
    return new History(name, paneUs, untilUs, found);
  }

  /** End of the newest stored pane of each rule and statistic that has any. */
  public Future<SortedMap<String, Long>> newest(int trail) {
    return database
        .pool()
        .preparedQuery(
            "SELECT rule, max(to_us) FROM vedette.pane_block WHERE trail = $1 GROUP BY rule")
        .execute(Tuple.of(trail))
        .map(rows -> {
          SortedMap<String, Long> newest = new TreeMap<>();
          for (Row row : rows) {
            newest.put(row.getString(0), row.getLong(1));
          }
          return newest;
        });
  }
}
