package io.vedette.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.edge.api.EdgeStore;
import io.vedette.model.TopicHeads;
import io.vedette.runtime.Codecs;
import io.vedette.store.Database;
import io.vedette.testkit.TestDatabase;
import io.vedette.testkit.TestPostgres;
import io.vedette.testkit.TestTrail;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Against a real PostgreSQL: every read the API and the resume rest on. */
@Timeout(120)
@SuppressWarnings("NullAway.Init") // fields are set before each test
class StoreReadsTest {
  private Vertx vertx;
  private TestDatabase database;
  private Database connected;
  private TestTrail trail;
  private StoreReads reads;

  @BeforeEach
  void open() {
    vertx = Vertx.vertx();
    Codecs.register(vertx.eventBus());
    database = TestPostgres.sharedWithoutFsync().fresh();
    connected = database.connect(vertx);
    trail = TestTrail.open(connected);
    reads = new StoreReads(connected);
  }

  @AfterEach
  void close() throws Exception {
    trail.close();
    await(connected.close());
    database.close();
    await(vertx.close());
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  @Test
  void recordsComeWithTheLogTimeOfTheirBatch() throws Exception {
    trail.append("app", "one", "two");
    trail.append("app", "three");
    List<EdgeStore.Row> rows = await(reads.recordsFrom(0, 10));
    assertThat(rows).extracting(EdgeStore.Row::index).containsExactly(0L, 1L, 2L);
    assertThat(new String(rows.get(2).canonical(), StandardCharsets.UTF_8)).contains("\"three\"");
    assertThat(rows.get(0).atUs()).isPositive().isEqualTo(rows.get(1).atUs());
    assertThat(await(reads.recordsFrom(1, 1))).hasSize(1);
    assertThat(await(reads.recordsFrom(99, 1))).isEmpty();
  }

  @Test
  void recordsAreReadBackwardsAndByTimeFromAnIndexOn() throws Exception {
    trail.append("app", "one", "two", "three", "four");
    database.execute("DELETE FROM vedette.record WHERE index = 2"); // erased
    assertThat(await(reads.recordsBefore(4, 2)))
        .extracting(EdgeStore.Row::index)
        .containsExactly(1L, 3L);
    assertThat(await(reads.recordsBefore(Long.MAX_VALUE, 2)))
        .extracting(EdgeStore.Row::index)
        .containsExactly(1L, 3L);
    assertThat(await(reads.recordsByTime(Long.MIN_VALUE, Long.MAX_VALUE, 1, 1)))
        .extracting(EdgeStore.Row::index)
        .containsExactly(1L);
    assertThat(await(reads.recordsByTime(Long.MIN_VALUE, Long.MAX_VALUE, 2, 9)))
        .extracting(EdgeStore.Row::index)
        .containsExactly(3L);
  }

  @Test
  void headsNameTheEpochAndTheNewestRecord() throws Exception {
    assertThat(await(reads.heads()).offsets()).containsEntry("records", -1L);
    trail.append("app", "one");
    TopicHeads heads = await(reads.heads());
    assertThat(heads.offsets()).containsEntry("records", 0L);
    assertThat(heads.epoch()).isEqualTo(trail.trail().epoch());
  }

  @Test
  void anEmptyStoreAnswersEverythingWithNothing() throws Exception {
    assertThat(await(reads.statistics())).isEmpty();
    assertThat(await(reads.statistic("host", 0, Long.MAX_VALUE / 2))).isEmpty();
    assertThat(await(reads.alerts(true, 10))).isEmpty();
    assertThat(await(reads.alerts(false, 10))).isEmpty();
    assertThat(await(reads.publications("alerts", 1, 10))).isEmpty();
    assertThat(await(reads.nodes())).isEmpty();
    assertThat(await(reads.sources())).isEmpty();
    assertThat(await(reads.rules()).getLong("revision")).isZero();
  }
}
