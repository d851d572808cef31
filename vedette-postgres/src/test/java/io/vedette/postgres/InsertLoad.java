package io.vedette.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Sessions that insert one row per transaction into {@code entry} and write down which the server acknowledged. */
final class InsertLoad implements AutoCloseable {
  private static final AtomicLong IDS = new AtomicLong();

  private final Set<Long> acknowledgedIds;
  private final ExecutorService threads;
  private final List<Long> serverProcesses = new ArrayList<>();
  private final Semaphore acknowledged = new Semaphore(0);
  private final CountDownLatch broken;
  private volatile boolean closed;

  private InsertLoad(int sessions, Set<Long> acknowledgedIds) {
    this.acknowledgedIds = acknowledgedIds;
    this.threads = Executors.newFixedThreadPool(sessions);
    this.broken = new CountDownLatch(sessions);
  }

  static InsertLoad start(EmbeddedPostgres postgres, int sessions, Set<Long> acknowledgedIds)
      throws SQLException {
    InsertLoad load = new InsertLoad(sessions, acknowledgedIds);
    for (int i = 0; i < sessions; i++) {
      Connection connection = TestPlace.connect(postgres);
      load.serverProcesses.add(
          Long.parseLong(TestPlace.ask(connection, "SELECT pg_backend_pid()")));
      load.threads.execute(() -> load.insert(connection));
    }
    return load;
  }

  long serverProcess(int session) {
    return serverProcesses.get(session);
  }

  void awaitAcknowledged(int rows) throws InterruptedException {
    assertThat(acknowledged.tryAcquire(rows, 60, TimeUnit.SECONDS))
        .as("%d rows acknowledged", rows)
        .isTrue();
  }

  /** Until every session has lost its server. */
  void awaitBroken() throws InterruptedException {
    assertThat(broken.await(60, TimeUnit.SECONDS)).as("sessions are broken").isTrue();
  }

  /** Acknowledged rows that are not there. */
  static List<Long> missing(EmbeddedPostgres postgres, Set<Long> acknowledgedIds)
      throws SQLException {
    List<Long> missing = new ArrayList<>();
    try (Connection connection = TestPlace.connect(postgres);
        PreparedStatement select = connection.prepareStatement(
            "SELECT id FROM unnest(?) AS acknowledged(id) WHERE id NOT IN (SELECT id FROM entry)")) {
      Array ids = connection.createArrayOf("bigint", acknowledgedIds.toArray());
      select.setArray(1, ids);
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          missing.add(rows.getLong(1));
        }
      }
    }
    return missing;
  }

  /** A connection as soon as the server, which recovers at this moment, lets one in. */
  static Connection awaitConnection(EmbeddedPostgres postgres) throws SQLException {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (true) {
      try {
        return TestPlace.connect(postgres);
      } catch (SQLException e) {
        if (!"57P03".equals(e.getSQLState()) || System.nanoTime() - deadline > 0) {
          throw e;
        }
      }
    }
  }

  private void insert(Connection connection) {
    try (connection;
        PreparedStatement insert =
            connection.prepareStatement("INSERT INTO entry VALUES (?, repeat('x', 200))")) {
      while (!closed) {
        long id = IDS.incrementAndGet();
        insert.setLong(1, id);
        insert.executeUpdate();
        acknowledgedIds.add(id);
        acknowledged.release();
      }
    } catch (SQLException e) {
      assertThat(e.getSQLState()).as(e.getMessage()).isIn("57P01", "57P02", "08006", "57P03");
    } finally {
      broken.countDown();
    }
  }

  @Override
  public void close() {
    closed = true;
    threads.shutdown();
    boolean ended = false;
    try {
      ended = threads.awaitTermination(60, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    assertThat(ended).as("sessions have ended").isTrue();
  }
}
