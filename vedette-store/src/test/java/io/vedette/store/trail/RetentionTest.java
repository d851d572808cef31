package io.vedette.store.trail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vedette.model.Batch;
import io.vedette.model.RecordView;
import io.vedette.runtime.config.ConfigNode;
import io.vedette.store.StoreTest;
import io.vedette.testkit.Await;
import io.vedette.testkit.ManualClock;
import io.vedette.testkit.TestTrail;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RetentionTest extends StoreTest {
  private static final RetentionPolicy POLICY = new RetentionPolicy(
      Map.of(0, Duration.ofDays(1)),
      Duration.ofHours(2),
      Duration.ofHours(1),
      Duration.ofDays(1),
      Duration.ofDays(1));

  @Test
  void expiredPartitionsGoAndTheirEntriesStay() {
    try (TestTrail trail = TestTrail.open(database, 16)) {
      Retention retention = new Retention(database, trail.appender(), POLICY);
      db.setClock(ManualClock.START_US);
      byte[] samples = {1};
      trail.appended(trail
          .request(TestTrail.records(20, "a", 0))
          .withSamples(samples, 1)
          .withIdempotency(List.of(new IdempotencyMove("p", "k", 0, 20, samples))));
      Retention.Report fresh = Await.value(retention.run(1));
      assertThat(fresh).isEqualTo(new Retention.Report(1, List.of(), 0, 0));

      trail.clock().advance(Duration.ofHours(25));
      db.setClock(trail.clock().nowUs());
      trail.append("b", "still in the second partition");
      Retention.Report later = Await.value(retention.run(1));
      assertThat(later.droppedPartitions()).containsExactly("0/0");
      assertThat(later.deletedRows()).isEqualTo(2); // samples and idempotency key
      assertThat(later.minIndex()).isEqualTo(16);
      assertThat(Await.value(retention.run(1)).droppedPartitions()).isEmpty();

      Batch first =
          Await.value(new BatchReader(database).read(1, 1, 1, Long.MAX_VALUE)).get(0);
      assertThat(first.count()).isEqualTo(20);
      assertThat(first.records().subList(0, 16)).allMatch(record -> record.length == 0);
      assertThat(first.records().subList(16, 20)).allMatch(record -> record.length > 0);
      assertThat(first.samples()).isEmpty();
      assertThat(Await.value(new EntryReader(database).read(1, 0, 100))).hasSize(22 * 32);
      StoredRecord act =
          Await.value(new RecordReader(database).byIndex(1, 21, 1)).get(0);
      assertThat(act.retentionClass()).isEqualTo(RetentionClasses.ACTS);
      assertThat(new RecordView(act.canonical()).json())
          .contains(
              "\"kind\":\"trail.retention\"",
              "\"ranges\":[[0,15]]",
              "\"count\":16",
              "\"retention_class\":0",
              "\"source\":\"vedette\"");
      assertThat(
              Await.value(new RecordReader(database).byIndex(1, 0, 100)).get(0).index())
          .isEqualTo(16);
      assertThat(db.number(
              "SELECT count(*) FROM vedette.record_partition WHERE dropped_us IS NOT NULL"))
          .isEqualTo(1);
    }
  }

  @Test
  void partitionThatIsBeingReadIsLeftForTheNextRound() {
    try (TestTrail trail = TestTrail.open(database, 16)) {
      db.setClock(ManualClock.START_US);
      trail.appended(trail.request(TestTrail.records(20, "a", 0)));
      db.setClock(ManualClock.START_US + Duration.ofDays(3).toNanos() / 1000);
      Retention retention = new Retention(database, trail.appender(), POLICY);
      Retention.Report held =
          Await.value(database.transaction(tx -> tx.query("SELECT count(*) FROM vedette.record")
              .execute()
              .compose(rows -> retention.run(1))));
      assertThat(held.droppedPartitions()).isEmpty();
      assertThat(Await.value(retention.run(1)).droppedPartitions()).containsExactly("0/0");
    }
  }

  @Test
  void aClassExpiresByItselfAndItsActNamesItsRecordsAlone() {
    RetentionPolicy classes = new RetentionPolicy(
        Map.of(0, Duration.ofDays(30), 2, Duration.ofDays(1)),
        Duration.ofHours(2),
        Duration.ofHours(1),
        Duration.ofDays(1),
        Duration.ofDays(1));
    try (TestTrail trail = TestTrail.open(database, 16)) {
      db.setClock(ManualClock.START_US);
      List<SealedRecord> mixed = new ArrayList<>();
      for (SealedRecord record : TestTrail.records(20, "a", 0)) {
        int kept = mixed.size() % 8 < 3 ? 2 : 0;
        mixed.add(new SealedRecord(
            record.canonical(), record.salt(), record.entry(), record.timeUs(), kept));
      }
      trail.appended(trail.request(mixed));
      trail.clock().advance(Duration.ofDays(2));
      db.setClock(trail.clock().nowUs());
      Retention retention = new Retention(database, trail.appender(), classes);
      Retention.Report report = Await.value(retention.run(1));
      assertThat(report.droppedPartitions()).containsExactly("2/0");
      assertThat(report.minIndex()).as("class 0 has payloads from 0 on").isZero();
      assertThat(Await.value(new RecordReader(database).byIndex(1, 0, 100)).stream()
              .map(StoredRecord::index))
          .startsWith(3L, 4L, 5L, 6L, 7L, 11L)
          .contains(16L, 17L);
      StoredRecord act =
          Await.value(new RecordReader(database).byIndex(1, 20, 1)).get(0);
      assertThat(new RecordView(act.canonical()).json())
          .contains("\"ranges\":[[0,2],[8,10]]", "\"count\":6", "\"retention_class\":2");
    }
  }

  @Test
  void classesAreReadFromTheConfigurationAndWrongOnesNamed() {
    RetentionClasses classes = RetentionClasses.of(
        ConfigNode.parse(
            "x.yaml",
            "- {class: 2, keep: 365d, sources: [payments, \"audit*\"]}\n- {class: 3, keep: 1d, sources: [\"*\"]}"));
    assertThat(classes.of("payments")).isEqualTo(2);
    assertThat(classes.of("audit@host")).isEqualTo(2);
    assertThat(classes.of("payments2")).isEqualTo(3);
    assertThat(RetentionClasses.of(
                ConfigNode.parse("x.yaml", "- {class: 2, keep: 1d, sources: [\"*\"]}"))
            .of("vedette"))
        .as("a gap record is no source's, and not kept shorter for a wildcard")
        .isZero();
    assertThat(RetentionClasses.NONE.of("payments")).isZero();
    assertThat(classes.kept(Duration.ofDays(30)))
        .isEqualTo(Map.of(0, Duration.ofDays(30), 2, Duration.ofDays(365), 3, Duration.ofDays(1)));
    for (String wrong : List.of(
        "- {class: 1, keep: 1d, sources: [a]}",
        "- {class: 2, keep: 1m, sources: [a]}",
        "- {class: 2, keep: 1d, sources: [vedette]}",
        "- {class: 2, keep: 1d, sources: [\"a*b\"]}",
        "- {class: 2, keep: 1d}",
        "- {class: 2, keep: 1d, sources: [a]}\n- {class: 2, keep: 1d, sources: [b]}")) {
      assertThatThrownBy(() -> RetentionClasses.of(ConfigNode.parse("x.yaml", wrong)))
          .as(wrong)
          .hasMessageContaining("x.yaml:");
    }
  }

  @Test
  void pagesAreFoundByEventTime() {
    try (TestTrail trail = TestTrail.open(database)) {
      for (int i = 0; i < 5; i++) {
        trail.append("a", "first", "second");
        trail.clock().advance(Duration.ofSeconds(10));
      }
      RecordReader reader = new RecordReader(database);
      long from = ManualClock.START_US + 10_000_000;
      List<StoredRecord> page = Await.value(reader.byTime(1, from, from + 20_000_000, 0, 3));
      assertThat(page.stream().map(StoredRecord::index)).containsExactly(2L, 3L, 4L);
      assertThat(page.get(2).batch()).isEqualTo(3);
      assertThat(Await.value(reader.byTime(1, from, from + 20_000_000, 5, 3)).stream()
              .map(StoredRecord::index))
          .containsExactly(5L);
      assertThat(Await.value(reader.byTime(1, 0, 1, 0, 3))).isEmpty();
      assertThat(Await.value(reader.newest(1, Long.MAX_VALUE, 2)).stream().map(StoredRecord::index))
          .containsExactly(9L, 8L);
      assertThat(Await.value(new BatchReader(database).lastBefore(1, from))).isEqualTo(1);
    }
  }

  @Test
  void spaceIsJudgedByItsLimit() throws IOException {
    assertThat(new StorageSpace(() -> 99, 100).read().enough()).isFalse();
    assertThat(new StorageSpace(() -> 100, 100).read().enough()).isTrue();
    assertThat(StorageSpace.below(Path.of("."), 1).read().freeBytes()).isPositive();
    assertThat(StorageSpace.elsewhere().read().enough()).isTrue();
  }

  @Test
  void tilesAreInsertedOrEqual() {
    Tiles tiles = new Tiles(database);
    byte[] one = new byte[32];
    byte[] two = new byte[64];
    byte[] other = new byte[32];
    other[3] = 1;
    Await.value(tiles.put(1, List.of(new Tiles.StoredTile(0, 0, one))));
    Await.value(tiles.put(1, List.of(new Tiles.StoredTile(0, 0, two))));
    Await.value(tiles.put(1, List.of(new Tiles.StoredTile(0, 0, one))));
    assertThat(Await.value(tiles.get(1, 0, 0)).orElseThrow().width()).isEqualTo(2);
    assertThat(Await.failure(tiles.put(1, List.of(new Tiles.StoredTile(0, 0, other)))))
        .hasMessageContaining("tile 0/0");
    assertThat(Await.value(tiles.get(1, 1, 0))).isEmpty();
  }

  @Test
  void checkpointIsSetOnlyOnTopOfTheNewest() {
    try (TestTrail trail = TestTrail.open(database)) {
      Checkpoints checkpoints = new Checkpoints(database);
      String epoch = trail.trail().epoch();
      byte[] root = new byte[32];
      assertThat(Await.value(checkpoints.newest(1))).isEmpty();
      assertThat(Await.value(checkpoints.put(1, epoch, -1, 5, root, "note 5"))).isTrue();
      assertThat(Await.value(checkpoints.put(1, epoch, -1, 6, root, "fork"))).isFalse();
      assertThat(Await.value(checkpoints.put(1, epoch, 5, 4, root, "shrunk"))).isFalse();
      assertThat(Await.value(checkpoints.put(1, epoch, 5, 9, root, "note 9"))).isTrue();
      assertThat(Await.value(checkpoints.put(1, epoch, 9, 9, root, "note 9, two signatures")))
          .isTrue();
      assertThat(Await.value(checkpoints.newest(1)).orElseThrow().note())
          .isEqualTo("note 9, two signatures");
      assertThat(Await.value(checkpoints.covering(1, 3)).orElseThrow().size()).isEqualTo(5);
      assertThat(Await.value(checkpoints.covering(1, 10))).isEmpty();
    }
  }
}
