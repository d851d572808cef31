package io.vedette.store.trail;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.model.RecordDraft;
import io.vedette.store.StoreTest;
import io.vedette.testkit.Await;
import io.vedette.testkit.ManualClock;
import io.vedette.testkit.TestTrail;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A question by time opens the partitions that can hold an answer and no others: those are locked here by somebody else, and who opened one would wait. Every partition was searched between the first and
 * the last that matched, so one late record made it all of them.
 */
class RecordsByTimeTest extends StoreTest {
  private static final int SIZE = 16;
  private static final long MINUTE_US = 60_000_000;

  private TestTrail trail;
  private RecordReader reader;

  @BeforeEach
  void aMinuteEachPartition() {
    trail = TestTrail.open(database, SIZE);
    reader = new RecordReader(database);
    for (int minute = 0; minute < 6; minute++) {
      append(minute == 3 ? 2 : 0, minute(minute), SIZE);
    }
    append(0, minute(1), 1); // late
    append(0, minute(6), SIZE - 1);
  }

  @AfterEach
  void closeTrail() {
    trail.close();
  }

  private static long minute(int minute) {
    return ManualClock.START_US + minute * MINUTE_US;
  }

  private void append(int retentionClass, long timeUs, int count) {
    List<SealedRecord> records = new ArrayList<>();
    for (SealedRecord record : TestTrail.records(count, "a", timeUs)) {
      records.add(SealedRecord.seal(record.canonical(), record.salt(), timeUs, retentionClass));
    }
    trail.appended(trail.request(records));
  }

  private List<Long> indices(long fromUs, long endUs, long fromIndex, int limit) {
    return Await.value(reader.byTime(TestTrail.TRAIL, fromUs, endUs, fromIndex, limit)).stream()
        .map(StoredRecord::index)
        .toList();
  }

  private static List<Long> range(long from, long end) {
    return LongStream.range(from, end).boxed().toList();
  }

  /** Nobody else comes at these partitions until it is closed. */
  private Connection locked(String... partitions) throws SQLException {
    Connection connection =
        DriverManager.getConnection(db.url().jdbc(), db.url().user(), db.url().password());
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute(Stream.of(partitions)
          .map("vedette."::concat)
          .collect(Collectors.joining(", ", "LOCK TABLE ", " IN ACCESS EXCLUSIVE MODE")));
    }
    return connection;
  }

  @Test
  void opensOnlyWhatCanMatch() throws SQLException {
    try (Connection other = locked(
        "record_c0_t1_p0",
        "record_c0_t1_p2",
        "record_c2_t1_p3",
        "record_c0_t1_p4",
        "record_c0_t1_p5")) {
      assertThat(indices(minute(1), minute(2), 0, 100))
          .containsExactlyElementsOf(
              Stream.concat(range(16, 32).stream(), Stream.of(96L)).toList());
      assertThat(indices(minute(1), minute(2), 32, 100)).containsExactly(96L);
      assertThat(indices(minute(9), minute(10), 0, 100)).isEmpty();
      other.rollback();
    }
  }

  @Test
  void opensNoMoreThanFillThePage() throws SQLException {
    try (Connection other = locked("record_c0_t1_p5", "record_c0_t1_p6")) {
      assertThat(indices(minute(0), minute(3), 0, 5)).containsExactlyElementsOf(range(0, 5));
      assertThat(indices(minute(2), minute(4), 0, 20)).containsExactlyElementsOf(range(32, 52));
      other.rollback();
    }
  }

  /** Another class of the same indices is another partition. */
  @Test
  void opensOnlyTheClassesThatCanMatch() throws SQLException {
    append(0, minute(7), 4);
    append(2, minute(8), 4);
    try (Connection other = locked("record_c2_t1_p7")) {
      assertThat(indices(minute(7), minute(8), 0, 100)).containsExactlyElementsOf(range(112, 116));
      other.rollback();
    }
    assertThat(indices(minute(7), minute(9), 0, 100)).containsExactlyElementsOf(range(112, 120));
  }

  @Test
  void pagesGoOnOverAllRunsAndEndBySize() {
    List<Long> all = new ArrayList<>();
    List<Long> page = indices(minute(0), minute(7), 0, 10);
    while (!page.isEmpty()) {
      assertThat(page).hasSizeLessThanOrEqualTo(10);
      all.addAll(page);
      page = indices(minute(0), minute(7), page.get(page.size() - 1) + 1, 10);
    }
    assertThat(all).containsExactlyElementsOf(range(0, 112));

    String large = "x".repeat(3 << 20);
    for (int minute : List.of(20, 21)) {
      RecordDraft draft =
          RecordDraft.builder().message(large).observedUs(minute(minute)).build();
      trail.append("large", List.of(draft, draft));
      append(0, minute(30), SIZE - 2); // the next lies in the next partition
    }
    assertThat(indices(minute(20), minute(22), 0, 100)).containsExactly(112L, 113L, 128L);
    assertThat(indices(minute(20), minute(22), 129, 100)).containsExactly(129L);
  }

  @Test
  void whatExpiredIsLeftOut() {
    db.execute("UPDATE vedette.record_partition SET dropped_us = 1 WHERE n = 1");
    assertThat(indices(minute(0), minute(3), 0, 100))
        .containsExactlyElementsOf(Stream.of(range(0, 16), range(32, 48), List.of(96L))
            .flatMap(List::stream)
            .toList());
  }
}
