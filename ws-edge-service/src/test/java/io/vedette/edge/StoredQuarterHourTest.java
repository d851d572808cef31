package io.vedette.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vedette.edge.trail.MemoryTrail;
import io.vedette.runtime.ServiceContext;
import io.vedette.runtime.auth.Principal;
import io.vedette.runtime.auth.Role;
import io.vedette.runtime.config.Config;
import io.vedette.store.Database;
import io.vedette.store.analysis.AnalysisStore;
import io.vedette.store.analysis.KeyPanes;
import io.vedette.store.analysis.Pane;
import io.vedette.store.analysis.PaneBlockRow;
import io.vedette.store.analysis.PartitionRow;
import io.vedette.store.lease.Lease;
import io.vedette.store.lease.Leases;
import io.vedette.testkit.Await;
import io.vedette.testkit.TestDatabase;
import io.vedette.testkit.TestPostgres;
import io.vedette.testkit.TestTrail;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An edge that has just started remembers nothing: the quarter of an hour that the dashboard shows after a reload is all from stored panes, and none of its seconds may be missing. */
class StoredQuarterHourTest {
  private static final long SECOND_US = 1_000_000;
  private static final int STORED_S = 20 * 60;
  private static final int SHOWN_S = 15 * 60;

  private final TestDatabase stored = TestPostgres.sharedWithoutFsync().fresh();
  private final Vertx vertx = Vertx.vertx();
  private final HttpClient http = HttpClient.newHttpClient();
  private Database database;
  private long endUs;

  @BeforeEach
  void open() {
    database = stored.connect(vertx);
    TestTrail.open(database).close();
    endUs = VertxLoop.nowMicros() / SECOND_US * SECOND_US;
  }

  @AfterEach
  void close() {
    Await.value(database.close());
    Await.value(vertx.close());
    stored.close();
  }

  private static Pane pane(long startUs) {
    double value = startUs / SECOND_US % 97;
    return new Pane(
        startUs, 1, value, value, value, value, 0, -1, -1, new long[0], new int[0], new int[0]);
  }

  /** Stores 20 minutes of panes of a second each as this many owners do: every 5 s a block of its own keys, each owner with another beat. */
  private void store(int owners) {
    AnalysisStore store = new AnalysisStore(database);
    for (int owner = 0; owner < owners; owner++) {
      List<Lease> held = Await.value(new Leases(database)
          .claim(
              1, AnalysisStore.LEASE, List.of("" + owner), "node-" + owner, Duration.ofHours(1)));
      List<PaneBlockRow> blocks = new ArrayList<>();
      TreeMap<String, String> key = new TreeMap<>(Map.of("host", "h" + owner));
      int from = 0;
      for (int to = 1 + owner % 5; from < STORED_S; to = Math.min(STORED_S, to + 5)) {
        List<Pane> panes = LongStream.range(from, to)
            .mapToObj(second -> pane(endUs - (STORED_S - second) * SECOND_US))
            .toList();
        blocks.add(new PaneBlockRow(
            "host", "ab12", 1, SECOND_US, List.of(new KeyPanes(owner, key, panes))));
        from = to;
      }
      PartitionRow state = new PartitionRow(1, owner, 1, endUs, 1, 0, new byte[0]);
      Await.value(store.save(1, held, List.of(state), blocks));
    }
  }

  /** What the dashboard asks right after it was loaded. */
  private JsonObject asked() throws Exception {
    HttpResponse<String> answer = asked(new StoreReads(database));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return new JsonObject(answer.body());
  }

  private HttpResponse<String> asked(StoreReads reads) throws Exception {
    ServiceContext ctx = ServiceContext.create(
        vertx,
        Config.of(Map.of("edge.http.port", "0", "edge.http.loops", "1")),
        new SimpleMeterRegistry(),
        token -> Future.succeededFuture(Optional.of(
            new Principal("vic", Set.of(Role.VIEWER), Set.of(1), Principal.NEVER, "1"))),
        true,
        false);
    EdgeService edge = new EdgeService(ctx, reads, MemoryTrail.side(ctx));
    int port = Objects.requireNonNull(Await.value(edge.start()).get("edge.http"));
    try {
      long sinceMs = endUs / 1_000 - SHOWN_S * 1_000L;
      return http.send(
          HttpRequest.newBuilder(URI.create(
                  "http://127.0.0.1:" + port + "/api/v1/statistics/host?since=" + sinceMs))
              .header("Authorization", "Bearer any")
              .build(),
          HttpResponse.BodyHandlers.ofString());
    } finally {
      Await.value(edge.stop());
    }
  }

  private void assertWhole(JsonObject answer, int owners) {
    List<Long> wanted = LongStream.rangeClosed(1, SHOWN_S)
        .map(second -> endUs / 1_000 - (SHOWN_S - second) * 1_000L)
        .boxed()
        .toList();
    JsonArray series = answer.getJsonArray("series");
    assertThat(series).hasSize(owners);
    for (int i = 0; i < series.size(); i++) {
      JsonObject one = series.getJsonObject(i);
      List<Long> ends = new ArrayList<>();
      for (Object point : one.getJsonArray("points")) {
        JsonArray values = (JsonArray) point;
        ends.add(values.getLong(0));
        assertThat(values.getDouble(1)).isEqualTo((values.getLong(0) / 1_000 - 1) % 97);
      }
      assertThat(ends).as(one.getJsonObject("key").encode()).containsExactlyElementsOf(wanted);
    }
    assertThat(series.getJsonObject(0).getJsonArray("fields").getString(0)).isEqualTo("last");
  }

  @Test
  void allOfItIsThereAtOnce() throws Exception {
    store(1);
    assertWhole(asked(), 1);
  }

  /** More blocks than one read takes, of owners that store at different moments. */
  @Test
  void nothingIsMissingBetweenTwoReadsOfManyOwnersBlocks() throws Exception {
    store(7);
    assertThat(stored.number("SELECT count(*) FROM vedette.pane_block WHERE to_us > "
            + (endUs - SHOWN_S * SECOND_US)))
        .isGreaterThan(1_000);
    assertWhole(asked(), 7);
  }

  /** An answer that would leave out what is newest, and not say so, or take the memory of everybody. */
  @Test
  void aRangeThatOneAnswerCannotHoldIsRefused() throws Exception {
    store(7);
    HttpResponse<String> answer = asked(new StoreReads(database, 1_000));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
    assertThat(new JsonObject(answer.body()).getString("detail"))
        .contains(
            "points of 7 series up to ", "expected: a range of which one answer can hold all");
  }
}
