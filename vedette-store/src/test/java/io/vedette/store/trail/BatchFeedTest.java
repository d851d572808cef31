package io.vedette.store.trail;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.model.Batch;
import io.vedette.model.RecordDraft;
import io.vedette.runtime.Addresses;
import io.vedette.store.Database;
import io.vedette.store.StoreTest;
import io.vedette.testkit.Await;
import io.vedette.testkit.TcpProxy;
import io.vedette.testkit.TestTrail;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BatchFeedTest extends StoreTest {
  private TestTrail trail;
  private final List<Batch> got = Collections.synchronizedList(new ArrayList<>());
  private Promise<Void> enough = Promise.promise();
  private long until;

  @BeforeEach
  void openTrail() {
    trail = TestTrail.open(database);
  }

  @AfterEach
  void closeTrail() {
    trail.close();
  }

  private Future<Void> take(Batch batch) {
    got.add(batch);
    if (batch.number() == until) {
      enough.complete();
    }
    return Future.succeededFuture();
  }

  private void awaitBatch(long number) {
    until = number;
    if (got.stream().noneMatch(batch -> batch.number() == number)) {
      Await.value(enough.future());
    }
    enough = Promise.promise();
  }

  private void assertNumbers(long from, long to) {
    assertThat(got.stream().map(Batch::number))
        .containsExactlyElementsOf(LongStream.rangeClosed(from, to).boxed().toList());
    assertThat(got).allMatch(Batch::inline);
  }

  @Test
  void storedBatchesComeFirstThenAnnouncedOnes() {
    for (int i = 0; i < 5; i++) {
      trail.append("a", "stored " + i);
    }
    until = 10;
    BatchFeed feed = BatchFeed.start(database, 1, 2, this::take);
    Await.value(feed.listening());
    for (int i = 0; i < 5; i++) {
      trail.append("a", "announced " + i);
    }
    Await.value(enough.future());
    Await.value(feed.stop());
    assertNumbers(2, 10);
    assertThat(feed.next()).isEqualTo(11);
    assertThat(feed.lag()).isZero();
  }

  @Test
  void holesAndTooLargeBatchesAreReadFromTheStore() {
    until = 6;
    BatchFeed feed = BatchFeed.start(database, 1, 1, this::take);
    Await.value(feed.listening());
    Batch one = quietly("one");
    Batch two = quietly("two");
    Batch three = quietly("three");
    // Announced out of order, the first ones never.
    trail.appender().announce(three);
    trail.appender().announce(three);
    trail.append("b", "four");
    String large = "x".repeat(200_000);
    Batch five = trail.append("b", List.of(big(large), big(large), big(large))).batch();
    assertThat(five.forBus().inline()).isFalse();
    trail.append("b", "six");
    Await.value(enough.future());
    Await.value(feed.stop());
    assertNumbers(1, 6);
    assertThat(got.get(4).records()).hasSize(3);
    assertThat(one.number() + two.number()).isEqualTo(3);
  }

  @Test
  void unannouncedHeadIsNoticed() {
    until = 1;
    BatchFeed feed = BatchFeed.start(database, 1, 1, this::take);
    Await.value(feed.listening());
    quietly("never announced");
    Await.value(enough.future());
    Await.value(feed.stop());
    assertNumbers(1, 1);
  }

  @Test
  void handlerHasOneAtATimeAndPauseHolds() {
    List<Promise<Void>> handled = Collections.synchronizedList(new ArrayList<>());
    Promise<Void> first = Promise.promise();
    Promise<Void> second = Promise.promise();
    BatchFeed feed = BatchFeed.start(database, 1, 1, batch -> {
      got.add(batch);
      Promise<Void> done = Promise.promise();
      handled.add(done);
      (batch.number() == 1 ? first : second).tryComplete();
      return done.future();
    });
    Await.value(feed.listening());
    trail.append("a", "one");
    trail.append("a", "two");
    Await.value(first.future());
    assertThat(got).hasSize(1);
    feed.pause();
    handled.get(0).complete();
    feed.resume();
    Await.value(second.future());
    assertNumbers(1, 2);
    handled.get(1).complete();
    Await.value(feed.stop());
  }

  @Test
  void databaseAwayAndBackLosesNothing() {
    TcpProxy proxy = TcpProxy.to(vertx, db.url().host(), db.url().port());
    Database far = db.connect(vertx, db.url().withAddress("127.0.0.1", proxy.port()));
    BatchFeed feed = BatchFeed.start(far, 1, 1, this::take);
    Await.value(feed.listening());
    trail.append("a", "one");
    awaitBatch(1);
    proxy.goAway();
    quietly("two");
    trail.append("b", "three"); // announced: the hole before it cannot be filled now
    proxy.comeBack();
    awaitBatch(3);
    Await.value(feed.stop());
    assertNumbers(1, 3);
    Await.value(far.close());
    proxy.close();
  }

  @Test
  void handlersFailureStopsTheFeed() {
    BatchFeed feed = BatchFeed.start(
        database, 1, 1, batch -> Future.failedFuture(new IllegalStateException("cannot fold")));
    Await.value(feed.listening());
    trail.append("a", "one");
    assertThat(Await.failure(feed.failure())).hasMessage("cannot fold");
    assertThat(feed.next()).isEqualTo(1);
  }

  @Test
  void otherTrailsBatchesAreNotOurs() {
    until = 1;
    BatchFeed feed = BatchFeed.start(database, 1, 1, this::take);
    Await.value(feed.listening());
    vertx
        .eventBus()
        .publish(
            Addresses.RECORD_APPENDED,
            new Batch(
                2,
                "e",
                1,
                0,
                0,
                0,
                1,
                true,
                List.of(),
                new byte[0],
                io.vedette.model.Stamps.UNKNOWN));
    trail.append("a", "ours");
    Await.value(enough.future());
    Await.value(feed.stop());
    assertThat(got).hasSize(1).allMatch(batch -> batch.trail() == 1);
  }

  /** Appended, but not a word on the bus. */
  private Batch quietly(String message) {
    return Await.value(database.transaction(tx -> trail
            .appender()
            .appendWithin(tx, 1, List.of(RecordDraft.builder().message(message).build()))))
        .batch();
  }

  private static RecordDraft big(String text) {
    return RecordDraft.builder().message(text).observedUs(1).build();
  }
}
