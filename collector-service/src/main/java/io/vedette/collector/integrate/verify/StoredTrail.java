package io.vedette.collector.integrate.verify;

import io.vedette.store.DatabaseUrl;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * The tables of a trail as they are, believed in nothing. Blocks; one thread. Every read is a page: no snapshot lives longer than that.
 */
public final class StoredTrail implements AutoCloseable {
  private static final int HASH = 32;
  private static final int BATCHES = 500;
  private static final int TILES = 32;
  private static final int FETCHED = 256;
  private static final int ACTS = 200; // some 100 KB each at most

  private final Connection connection;
  private final int trail;
  private final Map<String, byte[]> tiles = new HashMap<>();

  /** Where the trail says it stands. */
  public record Head(String epoch, String origin, long size) {}

  /** A stored checkpoint: the signed note, and what its row says beside it. */
  public record StoredNote(long size, byte[] root, byte[] note) {}

  /** A public key the database names; {@code signing} now, or earlier. */
  public record StoredKey(String vkey, String origin, boolean signing) {}

  /**
   * Commitments of consecutive entries.
   *
   * @param conflict the first index that two batches claim, -1 where none
   * @param batches those the entries are of, in order
   */
  record Entries(byte[] commitments, long conflict, List<StoredBatch> batches) {
    int count() {
      return commitments.length / HASH;
    }
  }

  /**
   * What a batch's row says beside its entries; none of it is in the tree.
   *
   * @param end the index after its last
   * @param firstTimeUs null where the row says nothing
   */
  record StoredBatch(
      long number,
      long first,
      long end,
      long atUs,
      int timeline,
      @Nullable Long firstTimeUs,
      @Nullable Long lastTimeUs) {}

  /** What the row of a partition says its records' times lie within; null where it says nothing. */
  record StoredBounds(
      int retentionClass,
      long first,
      long end,
      @Nullable Long firstTimeUs,
      @Nullable Long lastTimeUs,
      @Nullable Long firstAtUs,
      @Nullable Long lastAtUs) {}

  /** A stored payload, and the time and class of its row. */
  public record Payload(
      long index, byte[] salt, byte[] canonical, long timeUs, int retentionClass) {}

  /** Rows of a page, read as they are asked for. */
  final class Payloads implements AutoCloseable {
    private final PreparedStatement statement;
    private final ResultSet rows;
    private @Nullable Payload next;
    private long bytes;
    private long conflict = -1;

    private Payloads(long from, long end) throws SQLException {
      connection.setAutoCommit(false); // for the cursor
      statement = connection.prepareStatement(
          "SELECT index, salt, canonical, time_us, retention_class FROM vedette.record WHERE trail = ? AND index >= ? AND index < ? ORDER BY index");
      statement.setFetchSize(FETCHED);
      statement.setInt(1, trail);
      statement.setLong(2, from);
      statement.setLong(3, end);
      rows = statement.executeQuery();
      advance();
    }

    /** The payload of an index; ask in order. */
    @Nullable
    Payload at(long index) throws SQLException {
      Payload found = next;
      if (found == null || found.index() != index) {
        return null;
      }
      advance();
      Payload after = next;
      if (after != null && after.index() == index && conflict < 0) {
        conflict = index;
      }
      return found;
    }

    /** The first index with two payloads, -1 where none. */
    long conflict() {
      return conflict;
    }

    long bytes() {
      return bytes;
    }

    private void advance() throws SQLException {
      if (!rows.next()) {
        next = null;
        return;
      }
      next = payloadOf(rows);
      bytes += next.canonical().length;
    }

    @Override
    public void close() throws SQLException {
      rows.close();
      statement.close();
      connection.commit();
      connection.setAutoCommit(true);
    }
  }

  private StoredTrail(Connection connection, int trail) {
    this.connection = connection;
    this.trail = trail;
  }

  public static StoredTrail open(DatabaseUrl url, int trail) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", url.user());
    String password = url.password();
    if (password != null) {
      properties.setProperty("password", password);
    }
    properties.setProperty("ApplicationName", "vedette verify");
    properties.setProperty("prepareThreshold", "-1"); // binary from the first row on
    properties.setProperty("readOnly", "true");
    properties.setProperty("connectTimeout", "10");
    properties.setProperty("socketTimeout", "120");
    properties.setProperty("options", "-c statement_timeout=60000");
    Connection connection = DriverManager.getConnection(url.jdbc(), properties);
    return new StoredTrail(connection, trail);
  }

  public int trail() {
    return trail;
  }

  public Head head() throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(
        "SELECT epoch, origin, size FROM vedette.trail_head WHERE trail = ?")) {
      query.setInt(1, trail);
      try (ResultSet rows = query.executeQuery()) {
        if (!rows.next()) {
          throw new IllegalStateException("trail " + trail + " does not exist in this database");
        }
        return new Head(rows.getString(1), rows.getString(2), rows.getLong(3));
      }
    }
  }

  /** Checkpoints of an incarnation, smallest first. */
  public List<StoredNote> checkpoints(String epoch) throws SQLException {
    return checkpoints(
        "SELECT size, root, note FROM vedette.checkpoint WHERE trail = ? AND epoch = ? ORDER BY size",
        epoch);
  }

  public Optional<StoredNote> newestCheckpoint(String epoch) throws SQLException {
    return checkpoints(
            "SELECT size, root, note FROM vedette.checkpoint WHERE trail = ? AND epoch = ? ORDER BY size DESC LIMIT 1",
            epoch)
        .stream()
        .findFirst();
  }

  private List<StoredNote> checkpoints(String sql, String epoch) throws SQLException {
    List<StoredNote> notes = new ArrayList<>();
    try (PreparedStatement query = connection.prepareStatement(sql)) {
      query.setInt(1, trail);
      query.setString(2, epoch);
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          byte[] note = rows.getString(3).getBytes(StandardCharsets.UTF_8);
          notes.add(new StoredNote(rows.getLong(1), rows.getBytes(2), note));
        }
      }
    }
    return notes;
  }

  /** Keys the database names, those that sign now first. */
  public List<StoredKey> keys() throws SQLException {
    List<StoredKey> keys = new ArrayList<>();
    try (PreparedStatement query = connection.prepareStatement(
        "SELECT vkey, origin, signing FROM vedette.trail_key WHERE trail = ? ORDER BY signing DESC, added_us DESC, vkey")) {
      query.setInt(1, trail);
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          keys.add(new StoredKey(rows.getString(1), rows.getString(2), rows.getBoolean(3)));
        }
      }
    }
    return keys;
  }

  /** What was said whenever the trail was reopened, as {@link io.vedette.store.trail.Succession} reads it. */
  public List<String> successions() throws SQLException {
    List<String> notes = new ArrayList<>();
    try (PreparedStatement query = connection.prepareStatement(
        "SELECT declared FROM vedette.trail_incarnation WHERE trail = ? AND declared IS NOT NULL ORDER BY ended_us")) {
      query.setInt(1, trail);
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          notes.add(rows.getString(1));
        }
      }
    }
    return notes;
  }

  /** Entries from an index on, up to a limit and to the first hole. */
  Entries entries(long from, int limit) throws SQLException {
    ByteArrayOutputStream found = new ByteArrayOutputStream();
    List<StoredBatch> batches = new ArrayList<>();
    long next = -1;
    try (PreparedStatement query = connection.prepareStatement("""
            SELECT first_index, entries, number, at_us, timeline, first_time_us, last_time_us FROM vedette.trail_batch
            WHERE trail = ? AND count > 0 AND first_index < ?
              AND first_index >= (SELECT coalesce(max(b.first_index), 0) FROM vedette.trail_batch b
                WHERE b.trail = ? AND b.first_index <= ? AND b.count > 0)
            ORDER BY first_index, number LIMIT ?""")) {
      query.setInt(1, trail);
      query.setLong(2, from + limit);
      query.setInt(3, trail);
      query.setLong(4, from);
      query.setInt(5, BATCHES);
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          long first = rows.getLong(1);
          byte[] entries = rows.getBytes(2);
          if (next >= 0 && first < next) {
            return new Entries(found.toByteArray(), first, batches);
          }
          if (next < 0 ? first > from : first > next) {
            break;
          }
          next = first + entries.length / HASH;
          long begin = Math.max(first, from);
          long end = Math.min(next, from + limit);
          if (end > begin) {
            found.write(entries, (int) (begin - first) * HASH, (int) (end - begin) * HASH);
            batches.add(new StoredBatch(
                rows.getLong(3),
                first,
                next,
                rows.getLong(4),
                rows.getInt(5),
                rows.getObject(6, Long.class),
                rows.getObject(7, Long.class)));
          }
        }
      }
    }
    return new Entries(found.toByteArray(), -1, batches);
  }

  /** Where the entries end, whatever the head says. */
  long entriesLeft() throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(
        "SELECT coalesce(max(first_index + count), 0) FROM vedette.trail_batch WHERE trail = ?")) {
      query.setInt(1, trail);
      try (ResultSet rows = query.executeQuery()) {
        rows.next();
        return rows.getLong(1);
      }
    }
  }

  /** Commitments from an index on, fewer where they end or have a hole. */
  public byte[] commitments(long from, int limit) throws SQLException {
    return entries(from, limit).commitments();
  }

  Payloads payloads(long from, long end) throws SQLException {
    return new Payloads(from, end);
  }

  /** The first payload at or beyond the head, -1 where none. In one snapshot: between two an append is no fault. */
  long firstPayloadBeyondHead() throws SQLException {
    try (PreparedStatement query = connection.prepareStatement("""
        SELECT min(index) FROM vedette.record
        WHERE trail = ? AND index >= (SELECT size FROM vedette.trail_head WHERE trail = ?)""")) {
      query.setInt(1, trail);
      query.setInt(2, trail);
      try (ResultSet rows = query.executeQuery()) {
        rows.next();
        long first = rows.getLong(1);
        return rows.wasNull() ? -1 : first;
      }
    }
  }

  /** One payload; empty where it is gone. */
  public Optional<Payload> payload(long index) throws SQLException {
    try (Payloads rows = payloads(index, index + 1)) {
      return Optional.ofNullable(rows.at(index));
    }
  }

  /** Payloads of the class that is kept for ever, from an index on, a page; empty at the end. Only they can be acts. */
  List<Payload> acts(long from, long end) throws SQLException {
    List<Payload> found = new ArrayList<>();
    try (PreparedStatement query = connection.prepareStatement(
        "SELECT index, salt, canonical, time_us, retention_class FROM vedette.record WHERE trail = ? AND retention_class = 1 AND index >= ? AND index < ? ORDER BY index LIMIT ?")) {
      query.setInt(1, trail);
      query.setLong(2, from);
      query.setLong(3, end);
      query.setInt(4, ACTS);
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          found.add(payloadOf(rows));
        }
      }
    }
    return found;
  }

  private static Payload payloadOf(ResultSet rows) throws SQLException {
    return new Payload(
        rows.getLong(1), rows.getBytes(2), rows.getBytes(3), rows.getLong(4), rows.getInt(5));
  }

  /** The partitions that hold, or held, indices {@code [from, end)}. */
  List<StoredBounds> partitions(long from, long end) throws SQLException {
    List<StoredBounds> found = new ArrayList<>();
    try (PreparedStatement query = connection.prepareStatement("""
            SELECT retention_class, first_index, end_index, first_time_us, last_time_us, first_at_us, last_at_us
            FROM vedette.record_partition WHERE trail = ? AND end_index > ? AND first_index < ?""")) {
      query.setInt(1, trail);
      query.setLong(2, from);
      query.setLong(3, end);
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          found.add(new StoredBounds(
              rows.getInt(1),
              rows.getLong(2),
              rows.getLong(3),
              rows.getObject(4, Long.class),
              rows.getObject(5, Long.class),
              rows.getObject(6, Long.class),
              rows.getObject(7, Long.class)));
        }
      }
    }
    return found;
  }

  /** A tile as stored, cut to a width; null where there is none. Reads neighbours with it. */
  public byte @Nullable [] tile(int level, long n, int width) throws SQLException {
    String name = level + "/" + n;
    if (!tiles.containsKey(name)) {
      if (tiles.size() > 4 * TILES) {
        tiles.clear();
      }
      readTiles(level, n);
    }
    byte[] stored = tiles.get(name);
    return stored == null || stored.length < width * HASH
        ? stored
        : Arrays.copyOf(stored, width * HASH);
  }

  private void readTiles(int level, long n) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(
        "SELECT n, hashes FROM vedette.tile WHERE trail = ? AND level = ? AND n >= ? AND n < ?")) {
      query.setInt(1, trail);
      query.setInt(2, level);
      query.setLong(3, n);
      query.setLong(4, n + (level == 0 ? TILES : 1));
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          tiles.put(level + "/" + rows.getLong(1), rows.getBytes(2));
        }
      }
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
