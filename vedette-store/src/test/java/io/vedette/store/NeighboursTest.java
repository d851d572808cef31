package io.vedette.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vedette.model.NodeStatus;
import io.vedette.model.Publication;
import io.vedette.model.Stamps;
import io.vedette.runtime.auth.Principal;
import io.vedette.runtime.auth.Role;
import io.vedette.store.auth.Tokens;
import io.vedette.store.host.NodeBeat;
import io.vedette.store.node.Nodes;
import io.vedette.store.topic.Publications;
import io.vedette.testkit.Await;
import io.vedette.testkit.ManualClock;
import io.vedette.testkit.TestDatabase;
import io.vedette.testkit.TestPostgres;
import io.vedette.testkit.TestTrail;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class NeighboursTest extends StoreTest {
  private static final long SECOND_US = 1_000_000;

  @Test
  void nodesLiveAsLongAsTheyBeat() {
    db.setClock(ManualClock.START_US);
    Nodes nodes = new Nodes(database);
    NodeStatus a = new NodeStatus(
        "a", List.of("edge"), "1", "127.0.0.1", 5000, 7, 0, Map.of("cluster_port", "5701"));
    NodeStatus b = new NodeStatus("b", List.of("alert"), "1", "127.0.0.1", 5001, 8, 0, Map.of());
    Await.value(nodes.beat(a));
    Await.value(nodes.beat(b));
    db.setClock(ManualClock.START_US + 3 * SECOND_US);
    Await.value(nodes.beat(a));
    assertThat(Await.value(nodes.live())).hasSize(2);
    db.setClock(ManualClock.START_US + 5 * SECOND_US);
    List<NodeStatus> live = Await.value(nodes.live());
    assertThat(live).hasSize(1);
    assertThat(live.get(0).aliveUs()).isEqualTo(ManualClock.START_US + 3 * SECOND_US);
    assertThat(live.get(0).services()).containsExactly("edge");
    assertThat(NodeBeat.peers(live, "b")).containsExactly("127.0.0.1:5701");
    assertThat(NodeBeat.peers(live, "a")).isEmpty();
    Await.value(nodes.leave("a"));
    assertThat(Await.value(nodes.live())).isEmpty();
  }

  @Test
  void publicationsAreNumberedWithoutHoles() {
    try (TestTrail trail = TestTrail.open(database)) {
      Publications publications = new Publications(database);
      byte[] json = "{}".getBytes(StandardCharsets.UTF_8);
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        boolean fails = i % 3 == 0;
        all.add(database
            .<Publication>transaction(tx -> publications
                .publish(tx, 1, "alerts", json, Stamps.UNKNOWN)
                .compose(done -> fails
                    ? Future.failedFuture(new IllegalStateException("rolled back"))
                    : Future.succeededFuture(done)))
            .transform(answer -> Future.succeededFuture()));
      }
      Await.value(Future.join(all));
      List<Publication> read = Await.value(publications.read(1, "alerts", 1, 100));
      assertThat(read.stream().map(Publication::offset))
          .containsExactlyElementsOf(LongStream.rangeClosed(1, 13).boxed().toList());
      assertThat(read)
          .allMatch(publication -> publication.epoch().equals(trail.trail().epoch())
              && publication.text().equals("{}"));
      assertThat(Await.value(publications.read(1, "alerts", 12, 1)).get(0).offset())
          .isEqualTo(12);
      trail.append("a", "one", "two");
      assertThat(Await.value(publications.heads(1)).offsets())
          .isEqualTo(Map.of("records", 1L, "alerts", 13L));
    }
  }

  @Test
  void tokenIsKnownUntilItIsRevokedAndOnlyItsHashIsKept() {
    Tokens tokens = new Tokens(database);
    Tokens.Created created =
        Await.value(tokens.create("laptop", Set.of(Role.VIEWER), Duration.ofHours(24), Set.of(1)));
    Principal principal = Await.value(tokens.byToken(created.secret())).orElseThrow();
    assertThat(principal.name()).isEqualTo("laptop");
    assertThat(principal.roles()).containsExactly(Role.VIEWER);
    assertThat(principal.trails()).containsExactly(1);
    assertThat(principal.expiresUs()).isEqualTo(created.expiresUs());
    assertThat(principal.tokenId()).isEqualTo(created.id());
    assertThat(created.toString()).doesNotContain(created.secret());
    assertThat(db.query("SELECT t::text FROM vedette.token t").get(0))
        .doesNotContain(created.secret().substring(4));
    assertThat(Await.value(tokens.byToken(created.secret() + "x"))).isEmpty();
    assertThat(Await.value(tokens.byToken("\0"))).isEmpty();

    Tokens.Created endless =
        Await.value(tokens.create("robot", Set.of(Role.INGEST), null, Set.of(1)));
    assertThat(endless.expiresUs()).isEqualTo(Principal.NEVER);
    assertThat(Await.value(tokens.revoke(created.id()))).isTrue();
    assertThat(Await.value(tokens.revoke(created.id()))).isFalse();
    assertThat(Await.value(tokens.byToken(created.secret()))).isEmpty();
    assertThat(Await.value(tokens.list())).hasSize(2).anyMatch(token -> token.revokedUs() > 0);
    Tokens.Created same =
        Await.value(tokens.ensure(endless.secret(), "robot", Set.of(Role.INGEST), Set.of(1)));
    assertThat(same.id()).isEqualTo(endless.id());
  }

  @Test
  void adminMakesRolesOwnerMigratesAndServicesConnect() {
    try (TestDatabase fresh = TestPostgres.shared().empty()) {
      DatabaseAdmin.Roles roles = DatabaseAdmin.init(fresh.url(), true);
      assertThat(Migrations.pending(roles.owner())).isNotEmpty();
      assertThat(Migrations.migrate(roles.owner())).isPositive();
      assertThat(Migrations.migrate(roles.owner())).isZero();
      Database edge = fresh.connect(vertx, roles.edge());
      Await.value(Migrations.awaitMigrated(edge, missing -> {}));
      Database collector = fresh.connect(vertx, roles.collector());
      try (TestTrail trail = TestTrail.open(collector)) {
        assertThat(trail.append("a", "one").batch().number()).isEqualTo(1);
      }
      DatabaseAdmin.Roles again = DatabaseAdmin.init(fresh.url(), false);
      assertThat(again.edge().password()).isNull();
      Await.value(edge.close());
      Await.value(collector.close());
    }
  }

  @Test
  void unusableDatabaseSaysWhatIsWrongAndNoPassword() {
    DatabaseUrl wrong = db.url().withUser("nobody", "secret%word");
    assertThat(Await.failure(Database.connect(vertx, wrong, db.options())))
        .isInstanceOf(DatabaseException.class)
        .hasMessageNotContaining("secret");
    DatabaseUrl closed = db.url().withAddress("127.0.0.1", 1);
    assertThat(Await.failure(Database.connect(vertx, closed, db.options())))
        .hasMessageContaining("127.0.0.1:1/");
    assertThatThrownBy(() -> DatabaseUrl.parse("postgresql://u:secret@/db"))
        .hasMessageContaining("expected: postgresql://")
        .hasMessageNotContaining("secret");
    assertThatThrownBy(() -> DatabaseUrl.parse("mysql://u:secret@h/db"))
        .hasMessageContaining("mysql");
    assertThatThrownBy(() -> DatabaseUrl.parse("postgresql://u:p@h/db?sslmode=maybe"))
        .hasMessageContaining("maybe");
    DatabaseUrl url = DatabaseUrl.parse("postgresql://us%40er:p%2Fw+d@h:5433/d?sslmode=require");
    assertThat(url.user()).isEqualTo("us@er");
    assertThat(url.password()).isEqualTo("p/w+d");
    assertThat(DatabaseUrl.parse(url.secretText())).isEqualTo(url);
    assertThat(url.toString()).doesNotContain("p%2Fw");
  }
}
