package io.vedette.store.node;

import io.vedette.model.NodeStatus;
import io.vedette.store.Database;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Live rows: processes that said within the last seconds, by the database's clock, that they are there. */
public final class Nodes {
  public static final Duration BEAT = Duration.ofSeconds(1);
  public static final Duration TTL = Duration.ofSeconds(4);

  private final Database database;

  public Nodes(Database database) {
    this.database = database;
  }

  /** Says that a node is there; {@code aliveUs} of the status is not looked at. Rows long dead are removed by the way. */
  public Future<Void> beat(NodeStatus node) {
    return database
        .pool()
        .preparedQuery("""
            WITH gone AS (DELETE FROM vedette.node WHERE alive_us < vedette.clock_us() - 3600000000 AND id <> $1)
            INSERT INTO vedette.node (id, services, version, host, bus_port, started_us, alive_us, info)
            VALUES ($1, $2, $3, $4, $5, $6, vedette.clock_us(), $7)
            ON CONFLICT (id) DO UPDATE SET services = excluded.services, version = excluded.version, host = excluded.host,
              bus_port = excluded.bus_port, alive_us = excluded.alive_us, info = excluded.info""")
        .execute(Tuple.tuple()
            .addValue(node.id())
            .addValue(node.services().toArray(String[]::new))
            .addValue(node.version())
            .addValue(node.host())
            .addValue(node.busPort())
            .addValue(node.startedUs())
            .addValue(new JsonObject(new TreeMap<>(node.info()))))
        .mapEmpty();
  }

  public Future<List<NodeStatus>> live() {
    return live(TTL);
  }

  public Future<List<NodeStatus>> live(Duration ttl) {
    return database
        .pool()
        .preparedQuery("""
            SELECT id, services, version, host, bus_port, started_us, alive_us, info
            FROM vedette.node WHERE alive_us > vedette.clock_us() - $1 ORDER BY id LIMIT 1000""")
        .execute(Tuple.of(ttl.toNanos() / 1_000))
        .map(rows -> {
          List<NodeStatus> nodes = new ArrayList<>(rows.size());
          rows.forEach(row -> nodes.add(node(row)));
          return nodes;
        });
  }

  /** The node goes: others need not wait for its row to grow old. */
  public Future<Void> leave(String id) {
    return database
        .pool()
        .preparedQuery("DELETE FROM vedette.node WHERE id = $1")
        .execute(Tuple.of(id))
        .mapEmpty();
  }

  private static NodeStatus node(Row row) {
    Map<String, String> info = new TreeMap<>();
    row.getJsonObject(7)
        .forEach(entry -> info.put(entry.getKey(), String.valueOf(entry.getValue())));
    return new NodeStatus(
        row.getString(0),
        List.of(row.getArrayOfStrings(1)),
        row.getString(2),
        row.getString(3),
        row.getInteger(4),
        row.getLong(5),
        row.getLong(6),
        info);
  }
}
