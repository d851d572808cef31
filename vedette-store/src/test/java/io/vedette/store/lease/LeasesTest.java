package io.vedette.store.lease;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.store.StoreTest;
import io.vedette.testkit.Await;
import io.vedette.testkit.ManualClock;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LeasesTest extends StoreTest {
  private static final long SECOND_US = 1_000_000;
  private final List<String> names =
      IntStream.range(0, 8).mapToObj(i -> "p" + i).toList();
  private Leases leases;

  @BeforeEach
  void stopClock() {
    db.setClock(ManualClock.START_US);
    leases = new Leases(database);
  }

  private List<Lease> claim(String owner) {
    return Await.value(leases.claim(1, "partition", names, owner, Leases.TTL));
  }

  @Test
  void ofTwoClaimantsEachNameHasOneOwner() {
    List<Future<List<Lease>>> claims = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      claims.add(leases.claim(1, "partition", names, "a", Leases.TTL));
      claims.add(leases.claim(1, "partition", names, "b", Leases.TTL));
    }
    Await.value(Future.all(claims));
    List<Lease> held = Await.value(leases.listHeld(1, "partition"));
    assertThat(held).hasSize(8).allMatch(lease -> lease.epoch() == 1);
    for (Future<List<Lease>> claim : claims) {
      assertThat(held).containsAll(claim.result());
    }
  }

  @Test
  void leaseThatRanOutGoesToWhoClaimsItUnderANewEpoch() {
    List<Lease> first = claim("a");
    assertThat(claim("b")).isEmpty();
    db.setClock(ManualClock.START_US + 2 * SECOND_US);
    List<Lease> renewed = Await.value(leases.renew(first, Leases.TTL));
    assertThat(renewed)
        .hasSize(8)
        .allMatch(
            lease -> lease.epoch() == 1 && lease.untilUs() == ManualClock.START_US + 5 * SECOND_US);
    db.setClock(ManualClock.START_US + 5 * SECOND_US);
    assertThat(claim("b")).hasSize(8).allMatch(lease -> lease.epoch() == 2);
    assertThat(Await.value(leases.renew(renewed, Leases.TTL))).isEmpty();
    assertThat(claim("a")).isEmpty();
  }

  @Test
  void ownerThatComesBackTooLateHasANewEpochToo() {
    claim("a");
    db.setClock(ManualClock.START_US + 4 * SECOND_US);
    assertThat(claim("a")).allMatch(lease -> lease.epoch() == 2);
    assertThat(claim("a")).allMatch(lease -> lease.epoch() == 2);
  }

  @Test
  void handedOverLeaseIsFreeAtOnce() {
    List<Lease> held = claim("a");
    Await.value(leases.handOver(held.subList(0, 3)));
    assertThat(Await.value(leases.listHeld(1, "partition"))).hasSize(5);
    assertThat(claim("b")).hasSize(3).allMatch(lease -> lease.epoch() == 2);
    Await.value(leases.handOver(held)); // the first three are b's now
    assertThat(Await.value(leases.list(1, "partition")).stream()
            .filter(lease -> lease.owner().equals("b")))
        .hasSize(3);
  }

  @Test
  void fenceFailsTheTransactionOfAFormerOwner() {
    List<Lease> held = claim("a");
    Await.value(database.transaction(tx -> leases.fence(tx, held)));
    db.setClock(ManualClock.START_US + 4 * SECOND_US);
    // Nobody took them: still the owner's.
    Await.value(database.transaction(tx -> leases.fence(tx, held)));
    Await.value(leases.claim(1, "partition", names.subList(0, 1), "b", Leases.TTL));
    assertThat(Await.failure(database.transaction(tx -> leases.fence(tx, held))))
        .isInstanceOf(LeaseLostException.class);
  }

  @Test
  void nobodyTakesWhatATransactionHasFenced() {
    List<Lease> held = claim("a");
    db.setClock(ManualClock.START_US + 4 * SECOND_US);
    List<Future<List<Lease>>> claims = new ArrayList<>();
    Await.value(database.transaction(tx -> leases
        .fence(tx, held)
        .compose(fenced -> {
          claims.add(leases.claim(1, "partition", names, "b", Leases.TTL));
          return tx.query("CREATE TEMPORARY TABLE written ON COMMIT DROP AS SELECT 1")
              .execute();
        })
        .map(done -> claims.get(0).isComplete())
        .onSuccess(complete -> assertThat(complete).isFalse())));
    assertThat(Await.value(claims.get(0))).hasSize(8);
  }

  @Test
  void rendezvousMovesOnlyWhatALeaverOwned() {
    List<String> three = List.of("node-a", "node-b", "node-c");
    List<String> two = List.of("node-a", "node-c");
    int moved = 0;
    int ofLeaver = 0;
    for (int i = 0; i < 640; i++) {
      String before = Rendezvous.owner("p" + i, three).orElseThrow();
      String after = Rendezvous.owner("p" + i, two).orElseThrow();
      moved += before.equals(after) ? 0 : 1;
      ofLeaver += before.equals("node-b") ? 1 : 0;
    }
    assertThat(moved).isEqualTo(ofLeaver).isBetween(160, 270);
    assertThat(Rendezvous.owner("p", List.of())).isEqualTo(Optional.empty());
    assertThat(Duration.ofSeconds(3)).isEqualTo(Leases.TTL);
  }
}
