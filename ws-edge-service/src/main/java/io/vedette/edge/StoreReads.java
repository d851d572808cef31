package io.vedette.edge;

import io.vedette.edge.api.EdgeStore;
import io.vedette.edge.api.RangeTooLong;
import io.vedette.edge.protocol.Bodies;
import io.vedette.edge.protocol.ServerFrames;
import io.vedette.edge.resume.StatisticMemory;
import io.vedette.model.NodeStatus;
import io.vedette.model.Publication;
import io.vedette.model.Times;
import io.vedette.model.TopicHeads;
import io.vedette.store.Database;
import io.vedette.store.alert.AlertReader;
import io.vedette.store.analysis.KeyPanes;
import io.vedette.store.analysis.Pane;
import io.vedette.store.analysis.PaneReader;
import io.vedette.store.node.Nodes;
import io.vedette.store.topic.Publications;
import io.vedette.store.trail.Cursor;
import io.vedette.store.trail.Cursors;
import io.vedette.store.trail.RecordReader;
import io.vedette.store.trail.StoredRecord;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;

/** What the edge reads, from PostgreSQL. Any thread may call. */
final class StoreReads implements EdgeStore {
  private static final int TRAIL = 1;

  /** A read of panes is cut after a thousand blocks; ten such are about half a day of one owner. */
  private static final int MAX_PANE_READS = 10;

  /** Of all series of one answer together: some 80 MB while it is made. */
  private static final int MAX_POINTS = 1_000_000;

  private static final int MAX_CHANGES = 100;

  private static final List<String> PANE_FIELDS = List.of("last", "mean", "min", "max", "count");

  private final int maxPoints;
  private final Database database;
  private final RecordReader records;
  private final Publications publications;
  private final Nodes nodes;
  private final Cursors cursors;
  private final PaneReader panes;
  private final AlertReader alerts;

  StoreReads(Database database) {
    this(database, MAX_POINTS);
  }

  /** @param maxPoints of all series of one answer together */
  StoreReads(Database database, int maxPoints) {
    this.maxPoints = maxPoints;
    this.database = database;
    this.records = new RecordReader(database);
    this.publications = new Publications(database);
    this.nodes = new Nodes(database);
    this.cursors = new Cursors(database);
    this.panes = new PaneReader(database);
    this.alerts = new AlertReader(database);
  }

  @Override
  public Future<TopicHeads> heads() {
    return publications.heads(TRAIL);
  }

  @Override
  public Future<List<EdgeStore.Row>> recordsFrom(long from, int limit) {
    return records.byIndex(TRAIL, from, limit).compose(this::withLogTime);
  }

  @Override
  public Future<List<EdgeStore.Row>> recordsBefore(long before, int limit) {
    return records.newest(TRAIL, before, limit).compose(newestFirst -> {
      List<StoredRecord> ascending = new ArrayList<>(newestFirst);
      Collections.reverse(ascending);
      return withLogTime(ascending);
    });
  }

  @Override
  public Future<List<EdgeStore.Row>> recordsByTime(
      long fromUs, long toUs, long fromIndex, int limit) {
    return records.byTime(TRAIL, fromUs, toUs, fromIndex, limit).compose(this::withLogTime);
  }

  /** A replayed record shows the same log time as when it was new: its batch's. */
  private Future<List<EdgeStore.Row>> withLogTime(List<StoredRecord> found) {
    Set<Long> numbers = new TreeSet<>();
    found.forEach(record -> numbers.add(record.batch()));
    if (numbers.isEmpty()) {
      return Future.succeededFuture(List.of());
    }
    return database
        .pool()
        .preparedQuery(
            "SELECT number, at_us FROM vedette.trail_batch WHERE trail = $1 AND number = ANY($2)")
        .execute(Tuple.of(TRAIL, (Object) numbers.toArray(Long[]::new)))
        .map(rows -> {
          Map<Long, Long> times = new HashMap<>();
          for (io.vertx.sqlclient.Row row : rows) {
            times.put(row.getLong(0), row.getLong(1));
          }
          return found.stream()
              .map(record -> new EdgeStore.Row(
                  record.index(),
                  record.canonical(),
                  record.timeUs(),
                  times.getOrDefault(record.batch(), 0L),
                  record.batch()))
              .toList();
        });
  }

  @Override
  public Future<List<Publication>> publications(String topic, long fromOffset, int limit) {
    return publications.read(TRAIL, topic, fromOffset, limit);
  }

  @Override
  public Future<List<String>> statistics() {
    return panes.newest(TRAIL).map(newest -> List.copyOf(newest.keySet()));
  }

  /** One value per stored pane, as if it were a window of that length. */
  @Override
  public Future<List<StatisticMemory.History>> statistic(String name, long fromUs, long toUs) {
    Map<SortedMap<String, String>, List<StatisticMemory.Point>> points = new LinkedHashMap<>();
    return read(name, fromUs, toUs, points, MAX_PANE_READS).map(done -> {
      List<StatisticMemory.History> histories = new ArrayList<>();
      points.forEach(
          (key, values) -> histories.add(new StatisticMemory.History(key, PANE_FIELDS, values)));
      return histories;
    });
  }

  private Future<Void> read(
      String name,
      long fromUs,
      long toUs,
      Map<SortedMap<String, String>, List<StatisticMemory.Point>> points,
      int readsLeft) {
    return panes.read(TRAIL, name, fromUs, toUs).compose(history -> {
      for (KeyPanes key : history.keys()) {
        List<StatisticMemory.Point> of =
            points.computeIfAbsent(key.key(), absent -> new ArrayList<>());
        for (Pane pane : key.panes()) {
          of.add(new StatisticMemory.Point(
              pane.startUs() + history.paneUs(),
              new double[] {pane.last(), pane.mean(), pane.min(), pane.max(), pane.count()}));
        }
      }
      if (history.untilUs() >= toUs || history.untilUs() <= fromUs) {
        return Future.succeededFuture();
      }
      long found = points.values().stream().mapToLong(List::size).sum();
      if (readsLeft <= 1 || found > maxPoints) {
        return Future.failedFuture(new RangeTooLong("since, until: " + found + " points of "
            + points.size() + " series up to " + Times.ofUs(history.untilUs())
            + ", and more behind them (expected: a range of which one answer can hold all, "
            + maxPoints
            + " points at most)"));
      }
      return read(name, history.untilUs(), toUs, points, readsLeft - 1);
    });
  }

  @Override
  public Future<List<byte[]>> alerts(boolean open, int limit) {
    return (open ? alerts.current(TRAIL, limit) : alerts.recent(TRAIL, limit))
        .map(found ->
            found.stream().map(alert -> ServerFrames.utf8(alert.json())).toList());
  }

  @Override
  public Future<Optional<byte[]>> alert(String fingerprint) {
    return alerts.byFingerprint(TRAIL, fingerprint).compose(found -> found
        .map(alert -> alerts
            .history(TRAIL, fingerprint, Long.MAX_VALUE, MAX_CHANGES)
            .map(changes -> {
              JsonArray told = new JsonArray();
              changes.forEach(change -> told.add(new JsonObject()
                  .put("offset", change.n())
                  .put("kind", change.kind())
                  .put("actor", change.actor())
                  .put("at", Bodies.time(change.atUs()))));
              return Optional.of(
                  new JsonObject(alert.json()).put("changes", told).toBuffer().getBytes());
            }))
        .orElseGet(() -> Future.succeededFuture(Optional.empty())));
  }

  @Override
  public Future<List<NodeStatus>> nodes() {
    return nodes.live();
  }

  @Override
  public Future<JsonArray> sources() {
    return cursors.all(TRAIL).map(found -> {
      JsonArray sources = new JsonArray();
      for (Cursor cursor : found) {
        sources.add(new JsonObject()
            .put("source", cursor.source())
            .put("position", cursor.position())
            .put("records", cursor.sequence())
            .put("updatedAt", Bodies.time(cursor.updatedUs())));
      }
      return sources;
    });
  }

  @Override
  public Future<JsonObject> rules() {
    return database.pool().preparedQuery("""
            SELECT revision, valid_from, created_us, author, comment, hash, files
            FROM vedette.rule_revision WHERE trail = $1 ORDER BY revision DESC LIMIT 1""").execute(Tuple.of(TRAIL)).map(rows -> {
      for (io.vertx.sqlclient.Row row : rows) {
        return new JsonObject()
            .put("revision", row.getLong(0))
            .put("validFrom", row.getLong(1))
            .put("createdAt", Bodies.time(row.getLong(2)))
            .put("author", row.getString(3))
            .put("comment", row.getString(4))
            .put("hash", row.getString(5))
            .put("files", row.getJsonObject(6));
      }
      return new JsonObject().put("revision", 0).put("files", new JsonObject());
    });
  }
}
