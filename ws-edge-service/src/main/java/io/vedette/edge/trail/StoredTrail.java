package io.vedette.edge.trail;

import io.vedette.model.RecordView;
import io.vedette.store.Database;
import io.vedette.store.trail.Appender;
import io.vedette.store.trail.Checkpoints;
import io.vedette.store.trail.Checkpoints.StoredCheckpoint;
import io.vedette.store.trail.EntryReader;
import io.vedette.store.trail.RecordReader;
import io.vedette.store.trail.StoredRecord;
import io.vedette.store.trail.TrailKeys;
import io.vedette.trail.TileId;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Trails in PostgreSQL. Any thread may call. */
public final class StoredTrail implements TrailStore {
  /** Of canonical bytes: some 6 MB of an answer. */
  private static final long PAGE_BYTES = 4L << 20;

  private static final String PAGE = """
      SELECT index, salt, canonical
      FROM (SELECT index, salt, canonical, sum(octet_length(canonical)) OVER (ORDER BY index) - octet_length(canonical) AS before
        FROM vedette.record WHERE trail = $1 AND index >= $2 AND index < $3) r
      WHERE before < $4 ORDER BY index""";
  private static final String EXPIRED = """
      SELECT first_index, end_index FROM vedette.record_partition
      WHERE trail = $1 AND dropped_us IS NOT NULL AND end_index > $2 AND first_index < $3""";

  /** Some 100 KB each at most. */
  private static final int ERASURES_AT_ONCE = 100;

  private static final String ERASURES = """
      SELECT index, canonical FROM vedette.record
      WHERE trail = $1 AND retention_class = 1 AND index > $2
        AND substring(canonical FROM 1 FOR 24) = '{"action":"record.erase"'::bytea
      ORDER BY index LIMIT $3""";

  private final Database database;
  private final Checkpoints checkpoints;
  private final EntryReader entries;
  private final RecordReader records;
  private final TrailKeys keys;

  public StoredTrail(Database database) {
    this.database = database;
    this.checkpoints = new Checkpoints(database);
    this.entries = new EntryReader(database);
    this.records = new RecordReader(database);
    this.keys = new TrailKeys(database);
  }

  @Override
  public Future<Optional<Head>> head(int trail) {
    return database
        .pool()
        .preparedQuery(
            "SELECT epoch, origin, size, min_index FROM vedette.trail_head WHERE trail = $1")
        .execute(Tuple.of(trail))
        .map(rows -> {
          if (rows.size() == 0) {
            return Optional.empty();
          }
          Row row = rows.iterator().next();
          return Optional.of(
              new Head(row.getString(0), row.getString(1), row.getLong(2), row.getLong(3)));
        });
  }

  @Override
  public Future<Optional<StoredCheckpoint>> newest(int trail) {
    return checkpoints.newest(trail);
  }

  @Override
  public Future<Map<TileId, byte[]>> tiles(int trail, Collection<TileId> wanted) {
    List<TileId> ids = List.copyOf(wanted);
    return database
        .pool()
        .preparedQuery("""
            SELECT w.o, t.hashes FROM unnest($2::smallint[], $3::bigint[]) WITH ORDINALITY AS w (level, n, o)
            JOIN vedette.tile t ON t.trail = $1 AND t.level = w.level AND t.n = w.n""")
        .execute(Tuple.of(
            trail,
            ids.stream().map(id -> (short) id.level()).toArray(Short[]::new),
            ids.stream().map(TileId::index).toArray(Long[]::new)))
        .map(rows -> {
          Map<TileId, byte[]> found = new HashMap<>();
          for (Row row : rows) {
            TileId id = ids.get((int) (row.getLong(0) - 1));
            byte[] hashes = row.getBuffer(1).getBytes();
            if (hashes.length >= id.width() * TrailDoor.HASH_BYTES) {
              found.put(id, hashes);
            }
          }
          return found;
        });
  }

  @Override
  public Future<byte[]> commitments(int trail, long from, int count) {
    return entries.read(trail, from, count);
  }

  @Override
  public Future<Optional<Opening>> opening(int trail, long index) {
    return records.byIndex(trail, index, index + 1, 1).map(found -> {
      if (found.isEmpty()) {
        return Optional.empty();
      }
      StoredRecord record = found.get(0);
      return Optional.of(new Opening(record.salt(), record.canonical()));
    });
  }

  @Override
  public Future<Page> payloads(int trail, long from, long end) {
    return database
        .pool()
        .preparedQuery(PAGE)
        .execute(Tuple.of(trail, from, end, PAGE_BYTES))
        .compose(rows -> {
          List<Payload> found = new ArrayList<>(rows.size());
          long bytes = 0;
          for (Row row : rows) {
            byte[] canonical = row.getBuffer(2).getBytes();
            bytes += canonical.length;
            found.add(
                new Payload(row.getLong(0), new Opening(row.getBuffer(1).getBytes(), canonical)));
          }
          // Only a page that is full may have been cut.
          long reached = bytes < PAGE_BYTES ? end : found.get(found.size() - 1).index() + 1;
          return found.size() == reached - from
              ? Future.succeededFuture(new Page(found, reached, List.of()))
              : gone(trail, from, reached, found).map(ranges -> new Page(found, reached, ranges));
        });
  }

  private Future<List<Gone>> gone(int trail, long from, long end, List<Payload> found) {
    return database
        .pool()
        .preparedQuery(EXPIRED)
        .execute(Tuple.of(trail, from, end))
        .compose(rows -> {
          List<Gone> ranges = new ArrayList<>();
          rows.forEach(row -> ranges.add(new Gone(row.getLong(0), row.getLong(1), Why.EXPIRED)));
          return isExplained(from, end, found, ranges)
              ? Future.succeededFuture(ranges)
              : erased(trail, from, end, from, ranges);
        });
  }

  private static boolean isExplained(long from, long end, List<Payload> found, List<Gone> ranges) {
    Set<Long> there = new HashSet<>();
    found.forEach(payload -> there.add(payload.index()));
    for (long index = from; index < end; index++) {
      long at = index;
      if (!there.contains(at)
          && ranges.stream().noneMatch(range -> at >= range.first() && at < range.end())) {
        return false;
      }
    }
    return true;
  }

  /** What records of erasures name within {@code [from, end)}; they come after what they name. */
  private Future<List<Gone>> erased(int trail, long from, long end, long after, List<Gone> ranges) {
    return database
        .pool()
        .preparedQuery(ERASURES)
        .execute(Tuple.of(trail, after, ERASURES_AT_ONCE))
        .compose(rows -> {
          long last = after;
          for (Row row : rows) {
            last = row.getLong(0);
            long act = last;
            for (Gone range : named(row.getBuffer(1).getBytes())) {
              if (range.end() <= act && range.end() > from && range.first() < end) {
                ranges.add(range);
              }
            }
          }
          return rows.size() < ERASURES_AT_ONCE
              ? Future.succeededFuture(ranges)
              : erased(trail, from, end, last, ranges);
        });
  }

  private static List<Gone> named(byte[] canonical) {
    List<Gone> named = new ArrayList<>();
    RecordView act = new RecordView(canonical);
    if ("trail.erase".equals(act.text("kind"))
        && Appender.OWN_SOURCE.equals(act.source())
        && act.attributes().get("ranges") instanceof List<?> ranges) {
      for (Object range : ranges) {
        if (range instanceof List<?> pair
            && pair.size() == 2
            && pair.get(0) instanceof Long first
            && pair.get(1) instanceof Long last) {
          named.add(new Gone(first, last + 1, Why.ERASED));
        }
      }
    }
    return named;
  }

  @Override
  public Future<List<Key>> keys(int trail, String origin) {
    return keys.list(trail).map(found -> found.stream()
        .filter(key -> key.origin().equals(origin))
        .map(key -> new Key(key.vkey(), key.signing()))
        .toList());
  }
}
