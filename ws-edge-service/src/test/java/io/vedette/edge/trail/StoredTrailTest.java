package io.vedette.edge.trail;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.edge.trail.TrailStore.Gone;
import io.vedette.edge.trail.TrailStore.Page;
import io.vedette.edge.trail.TrailStore.Payload;
import io.vedette.edge.trail.TrailStore.Why;
import io.vedette.model.RecordDraft;
import io.vedette.runtime.Codecs;
import io.vedette.store.Database;
import io.vedette.store.erase.Eraser;
import io.vedette.store.erase.RecordFilter;
import io.vedette.store.erase.Wish;
import io.vedette.store.trail.Retention;
import io.vedette.store.trail.RetentionClasses;
import io.vedette.store.trail.RetentionPolicy;
import io.vedette.store.trail.SealedRecord;
import io.vedette.testkit.Await;
import io.vedette.testkit.ManualClock;
import io.vedette.testkit.TestDatabase;
import io.vedette.testkit.TestPostgres;
import io.vedette.testkit.TestTrail;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Why a payload is gone, from a real PostgreSQL: acts of erasure, dropped partitions, or nothing that says so. */
class StoredTrailTest {
  private static final int SIZE = 16;

  private Vertx vertx;
  private TestDatabase stored;
  private Database database;
  private TestTrail trail;
  private TrailStore reads;

  @BeforeEach
  void open() {
    vertx = Vertx.vertx();
    Codecs.register(vertx.eventBus());
    stored = TestPostgres.sharedWithoutFsync().fresh();
    database = stored.connect(vertx);
    trail = TestTrail.open(database, SIZE);
    reads = new StoredTrail(database);
  }

  @AfterEach
  void close() {
    trail.close();
    Await.value(database.close());
    Await.value(vertx.close());
    stored.close();
  }

  private void append(int count) {
    trail.append("app", IntStream.range(0, count).mapToObj(i -> "m" + i).toArray(String[]::new));
  }

  private void erase(long first, long last) {
    Await.value(new Eraser(database, trail.appender())
        .erase(
            1,
            "ada",
            new Wish(List.of(new Wish.Range(first, last)), RecordFilter.NONE, "asked for", false)));
  }

  private Page page(long from, long end) {
    return Await.value(reads.payloads(1, from, end));
  }

  private static List<Long> indices(Page page) {
    return page.payloads().stream().map(Payload::index).toList();
  }

  private boolean isThere(long index) {
    return Await.value(reads.opening(1, index)).isPresent();
  }

  @Test
  void whatAnActNamesIsErased() {
    append(10);
    erase(3, 4);
    erase(8, 8);
    Page page = page(0, 12);
    assertThat(page.end()).isEqualTo(12);
    assertThat(indices(page)).containsExactly(0L, 1L, 2L, 5L, 6L, 7L, 9L, 10L, 11L);
    assertThat(page.gone()).containsExactly(new Gone(3, 5, Why.ERASED), new Gone(8, 9, Why.ERASED));
    assertThat(page(5, 8).gone())
        .as("nothing is asked where nothing is missing")
        .isEmpty();
    assertThat(page(4, 8).gone()).containsExactly(new Gone(3, 5, Why.ERASED));
    assertThat(isThere(2)).isTrue();
    assertThat(isThere(3)).isFalse();
    assertThat(isThere(99)).isFalse();
  }

  @Test
  void whatNothingNamesIsNotExplained() {
    append(10);
    erase(3, 4);
    stored.execute("DELETE FROM vedette.record WHERE index IN (6, 7)");
    assertThat(page(5, 9).gone()).isEmpty();
    assertThat(page(0, 9).gone()).containsExactly(new Gone(3, 5, Why.ERASED));
  }

  /** An act comes after what it names, and is Vedette's. */
  @Test
  void neitherAnActOfWhatComesAfterItNorSomebodyElsesCounts() {
    append(2);
    claim("vedette", 9);
    claim("app", 0);
    append(8);
    stored.execute("DELETE FROM vedette.record WHERE index IN (0, 6)");
    assertThat(page(0, 8).gone()).isEmpty();
  }

  /** Appends what reads like an act that erased everything up to an index. */
  private void claim(String source, long last) {
    RecordDraft draft = RecordDraft.builder()
        .kind("trail.erase")
        .action("record.erase")
        .observedUs(ManualClock.START_US)
        .attribute("ranges", List.of(List.of(0L, last)))
        .build();
    SealedRecord sealed = TestTrail.sealed(draft, source, 1);
    trail.appended(trail.request(List.of(SealedRecord.seal(
        sealed.canonical(), sealed.salt(), sealed.timeUs(), RetentionClasses.ACTS))));
  }

  @Test
  void aDroppedPartitionIsExpiredAndWhatWasErasedInItBeforeIsBoth() {
    stored.setClock(ManualClock.START_US);
    append(SIZE);
    append(4);
    erase(5, 5);
    trail.clock().advance(Duration.ofDays(2));
    stored.setClock(trail.clock().nowUs());
    RetentionPolicy aDay = new RetentionPolicy(
        Map.of(0, Duration.ofDays(1)),
        Duration.ofDays(9),
        Duration.ofDays(9),
        Duration.ofDays(9),
        Duration.ofDays(9));
    assertThat(
            Await.value(new Retention(database, trail.appender(), aDay).run(1)).droppedPartitions())
        .containsExactly("0/0");
    assertThat(page(4, 8).gone()).containsExactly(new Gone(0, SIZE, Why.EXPIRED));
    assertThat(indices(page(4, 20)))
        .containsExactlyElementsOf(LongStream.range(SIZE, 20).boxed().toList());
    assertThat(isThere(5)).isFalse();
    assertThat(isThere(SIZE)).isTrue();

    erase(SIZE + 1, SIZE + 1);
    assertThat(page(4, 20).gone())
        .contains(
            new Gone(0, SIZE, Why.EXPIRED),
            new Gone(5, 6, Why.ERASED),
            new Gone(SIZE + 1, SIZE + 2, Why.ERASED));
  }

  /** Acts are read a hundred at a time. */
  @Test
  void theActBeyondTheFirstHundredIsFound() {
    append(110);
    for (int i = 0; i < 101; i++) {
      erase(i, i);
    }
    assertThat(stored.number("SELECT count(*) FROM vedette.record WHERE retention_class = 1"))
        .isEqualTo(101);
    assertThat(page(99, 104).gone())
        .containsExactly(new Gone(99, 100, Why.ERASED), new Gone(100, 101, Why.ERASED));
  }

  @Test
  void aPageEndsBySizeAndIsExplainedAsFarAsItReaches() {
    String large = "x".repeat(3 << 20);
    trail.append("app", large);
    trail.append("app", large);
    trail.append("app", "small", "smaller");
    erase(3, 3);
    Page page = page(0, 4);
    assertThat(indices(page)).containsExactly(0L, 1L);
    assertThat(page.end()).isEqualTo(2);
    assertThat(page.gone()).isEmpty();
    assertThat(page(2, 4).gone()).containsExactly(new Gone(3, 4, Why.ERASED));
  }
}
