package io.vedette.benchmarks;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;

/** Watches how far stored tiles and signed checkpoints are behind the trail's head. One question every 20 ms on a thread of its own: what it says is exact to that much. */
final class TreeLag implements AutoCloseable {
  private static final long LOOK_MS = 20;
  private static final String SQL = """
      SELECT h.size,
        coalesce((SELECT t.n * 256 + t.width FROM vedette.tile t WHERE t.trail = h.trail AND t.level = 0 ORDER BY t.n DESC LIMIT 1), 0),
        coalesce((SELECT max(c.size) FROM vedette.checkpoint c WHERE c.trail = h.trail AND c.epoch = h.epoch), 0)
      FROM vedette.trail_head h WHERE h.trail = 1""";

  /** What was seen at a time. */
  private record Look(long ns, long size, long tiled, long signed) {}

  private final Connection connection;
  private final Thread thread;
  private final List<Look> looks = new ArrayList<>();
  private volatile boolean stopped;
  private volatile String failure = "";

  /** @param databaseUrl as {@code postgresql://user:password@host:port/database} */
  TreeLag(String databaseUrl) throws SQLException {
    java.net.URI uri = java.net.URI.create(databaseUrl);
    String[] user = uri.getUserInfo().split(":", 2);
    Properties properties = new Properties();
    properties.setProperty("user", user[0]);
    properties.setProperty("password", user[1]);
    connection = DriverManager.getConnection(
        "jdbc:postgresql://" + uri.getHost() + ":" + uri.getPort() + uri.getPath(), properties);
    thread = new Thread(this::watch, "tree-lag");
    thread.setDaemon(true);
    thread.start();
  }

  private void watch() {
    try (PreparedStatement statement = connection.prepareStatement(SQL)) {
      while (!stopped) {
        try (ResultSet row = statement.executeQuery()) {
          row.next();
          looks.add(new Look(System.nanoTime(), row.getLong(1), row.getLong(2), row.getLong(3)));
        }
        TimeUnit.MILLISECONDS.sleep(LOOK_MS);
      }
    } catch (SQLException e) {
      failure = e.toString();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Stops watching; how long it took from seeing a head to seeing tiles, and a checkpoint, of that size. */
  String summary() throws InterruptedException {
    stopped = true;
    thread.join(TimeUnit.SECONDS.toMillis(10));
    if (!failure.isEmpty()) {
      return "not measured: " + failure;
    }
    Latencies tiles = new Latencies();
    Latencies checkpoints = new Latencies();
    int tiled = 0;
    int signed = 0;
    for (int i = 0; i < looks.size(); i++) {
      Look look = looks.get(i);
      tiled = Math.max(tiled, i);
      signed = Math.max(signed, i);
      while (tiled < looks.size() && looks.get(tiled).tiled < look.size) {
        tiled++;
      }
      while (signed < looks.size() && looks.get(signed).signed < look.size) {
        signed++;
      }
      if (tiled < looks.size()) {
        tiles.add((looks.get(tiled).ns - look.ns) / 1000);
      }
      if (signed < looks.size()) {
        checkpoints.add((looks.get(signed).ns - look.ns) / 1000);
      }
    }
    return "tiles " + tiles.summary() + System.lineSeparator() + "                   checkpoint "
        + checkpoints.summary();
  }

  @Override
  public void close() throws SQLException {
    stopped = true;
    connection.close();
  }
}
