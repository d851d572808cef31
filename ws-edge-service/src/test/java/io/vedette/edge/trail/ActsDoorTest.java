package io.vedette.edge.trail;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vedette.edge.hub.Actions;
import io.vedette.model.CanonicalRecord;
import io.vedette.model.GapRecord;
import io.vedette.model.Outcome;
import io.vedette.model.RecordDraft;
import io.vedette.runtime.ServiceContext;
import io.vedette.runtime.auth.Principal;
import io.vedette.runtime.auth.Role;
import io.vedette.runtime.auth.TokenLookup;
import io.vedette.runtime.config.Config;
import io.vedette.store.trail.Gaps.Gap;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Erasure, declared losses and what is recorded of who asked, over real HTTP; the store is in memory. */
@Timeout(60)
class ActsDoorTest {
  private final MemoryActs acts = new MemoryActs();
  private final List<RecordDraft> recorded = new ArrayList<>();
  private final HttpClient client = HttpClient.newHttpClient();
  private Vertx vertx;
  private TrailSide side;
  private HttpServer server;

  @BeforeEach
  void start() throws Exception {
    vertx = Vertx.vertx();
    TokenLookup tokens = token -> Future.succeededFuture(
        switch (token) {
          case "viewer" -> Optional.of(who("vera", Role.VIEWER));
          case "admin" -> Optional.of(who("ada", Role.ADMIN));
          default -> Optional.empty();
        });
    ServiceContext ctx = ServiceContext.create(
        vertx, Config.of(Map.of()), new SimpleMeterRegistry(), tokens, true, false);
    side = MemoryTrail.side(ctx, new MemoryTrail(), acts, drafts -> {
      recorded.addAll(drafts);
      return Future.succeededFuture();
    });
    Router router = ctx.http().router("edge");
    side.mount(router);
    server = await(vertx.createHttpServer().requestHandler(router).listen(0, "127.0.0.1"));
  }

  private static Principal who(String name, Role role) {
    return new Principal(name, Set.of(role), Set.of(1), Principal.NEVER, name);
  }

  @AfterEach
  void stop() throws Exception {
    await(vertx.close());
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private HttpResponse<String> send(String method, String path, String token, String body)
      throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + server.actualPort() + path))
        .timeout(Duration.ofSeconds(20))
        .method(method, HttpRequest.BodyPublishers.ofString(body));
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> erase(String token, String body) throws Exception {
    return send("POST", "/api/v1/records/erase", token, body);
  }

  @Test
  void anAdminErasesAndIsToldWhereTheBytesMayStillBe() throws Exception {
    HttpResponse<String> done = erase(
        "admin",
        "{\"reason\":\"request 17\",\"indices\":[5],\"ranges\":[[7,9]],\"filter\":{\"actor\":\"anna\",\"text\":\"anna@\"},\"purge\":false}");
    assertThat(done.statusCode()).isEqualTo(200);
    assertThat(acts.asked)
        .containsExactly(
            "ada Wish[ranges=[Range[first=5, last=5], Range[first=7, last=9]],"
                + " filter=RecordFilter[members={actor=anna}, text=anna@], reason=request 17, purge=false]");
    JsonObject body = new JsonObject(done.body());
    assertThat(body.getInteger("erased")).isEqualTo(2);
    assertThat(body.getJsonArray("ranges").encode()).isEqualTo("[[5,6]]");
    assertThat(body.getJsonArray("acts").encode()).isEqualTo("[9]");
    assertThat(body.getJsonObject("until").getString("tables"))
        .endsWith("VACUUM (FULL) vedette.quarantine, vedette.record_c0_t1_p0");
    assertThat(body.getJsonObject("until").getString("replicas"))
        .isEqualTo("there are none of Vedette's own");
    assertThat(body.getJsonObject("until").getString("wal"))
        .isEqualTo("within 1 h: overwritten bit by bit");
    assertThat(body.getJsonObject("until").getString("backups"))
        .isEqualTo("until each backup and WAL archive made before now has expired or was deleted");
    JsonObject purged =
        new JsonObject(erase("admin", "{\"reason\":\"r\",\"indices\":[5]}").body());
    assertThat(purged.getJsonObject("until").getString("wal")).startsWith("now");
  }

  @Test
  void whatCouldEraseMoreThanWasMeantIsRefused() throws Exception {
    assertThat(erase("", "{}").statusCode()).isEqualTo(401);
    assertThat(erase("viewer", "{}").statusCode()).isEqualTo(403);
    for (String body : List.of(
        "",
        "[]",
        "{",
        "{\"reason\":\"r\"}",
        "{\"reason\":\"r\",\"filter\":{}}",
        "{\"reason\":\"r\",\"filter\":{\"actr\":\"anna\"}}",
        "{\"reason\":\"r\",\"filter\":{\"actor\":\"\"}}",
        "{\"reason\":\"r\",\"filter\":{\"actor\":1}}",
        "{\"reason\":\"r\",\"filter\":\"anna\"}",
        "{\"reason\":\"r\",\"index\":5}",
        "{\"reason\":\"r\",\"indices\":5}",
        "{\"reason\":\"r\",\"indices\":[1.5]}",
        "{\"reason\":\"r\",\"indices\":[-1]}",
        "{\"reason\":\"r\",\"ranges\":[[2,1]]}",
        "{\"reason\":\"r\",\"ranges\":[1]}",
        "{\"reason\":\"\",\"indices\":[1]}",
        "{\"indices\":[1]}",
        "{\"reason\":\"r\",\"indices\":[1],\"purge\":\"yes\"}")) {
      HttpResponse<String> refused = erase("admin", body);
      assertThat(refused.statusCode()).as(body).isEqualTo(400);
      assertThat(new JsonObject(refused.body()).getString("detail")).as(body).contains("expected");
    }
    assertThat(acts.asked).isEmpty();
  }

  @Test
  void gapsNameSourceCountCauseAndTimes() throws Exception {
    RecordDraft draft = GapRecord.of("syslog", 3, "queue full", null, null).toBuilder()
        .observedUs(1_000_000)
        .build();
    acts.gaps.add(new Gap(7, 1_000_000, CanonicalRecord.of(draft, "vedette").seal(1)));
    HttpResponse<String> found = send(
        "GET", "/api/v1/gaps?source=syslog&since=1970-01-01T00:00:01Z&until=5000", "viewer", "");
    JsonObject gap = new JsonObject(found.body()).getJsonArray("gaps").getJsonObject(0);
    assertThat(gap.getLong("index")).isEqualTo(7);
    assertThat(gap.getString("source")).isEqualTo("syslog");
    assertThat(gap.getLong("count")).isEqualTo(3);
    assertThat(gap.getString("cause")).isEqualTo("queue full");
    assertThat(gap.getString("time")).isEqualTo("1970-01-01T00:00:01Z");
    assertThat(acts.asked).containsExactly("syslog 1000000 5000000 " + Long.MAX_VALUE + " 100");
    for (String query : List.of("since=yesterday", "limit=0", "limit=1001", "before=x")) {
      assertThat(send("GET", "/api/v1/gaps?" + query, "viewer", "").statusCode())
          .as(query)
          .isEqualTo(400);
    }
  }

  @Test
  void readsAndRefusalsAreRecordedChangesAreNot() throws Exception {
    send("GET", "/api/v1/trail?x=1", "viewer", "");
    send("GET", "/api/v1/trail?x=2", "viewer", "");
    send("GET", "/api/v1/trail", "", "");
    send("GET", "/api/v1/gaps", "", "");
    erase("viewer", "{}");
    erase("admin", "{\"reason\":\"r\",\"indices\":[5]}");
    send("GET", "/checkpoint", "viewer", "");
    send("GET", "/health/live", "", "");
    Actions actions = side.watched((principal, address, body) -> CompletableFuture.completedFuture(
        address.equals("done")
            ? new Actions.Answer.Reply(new byte[0])
            : new Actions.Answer.Denied("no")));
    for (String address : List.of("done", "silences.create")) {
      assertThat(actions.request(who("otto", Role.VIEWER), address, null)).isCompleted();
    }
    await(side.stop());
    assertThat(recorded)
        .extracting(
            RecordDraft::actor, RecordDraft::action, RecordDraft::target, RecordDraft::outcome)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(
                "vera", "api.read", "/api/v1/trail", Outcome.SUCCESS),
            org.assertj.core.groups.Tuple.tuple("anonymous", "api.read", "/api", Outcome.DENIED),
            org.assertj.core.groups.Tuple.tuple(
                "vera", "api.change", "/api/v1/records/erase", Outcome.DENIED),
            org.assertj.core.groups.Tuple.tuple(
                "otto", "bus.request", "silences.create", Outcome.DENIED),
            org.assertj.core.groups.Tuple.tuple(
                "vera", "api.read", "/api/v1/trail", Outcome.SUCCESS),
            org.assertj.core.groups.Tuple.tuple("anonymous", "api.read", "/api", Outcome.DENIED));
    assertThat(recorded.get(0).attributes()).containsEntry("query", "x=1");
    assertThat(recorded.get(4).attributes()).containsEntry("repeats", 1L);
    assertThat(recorded.get(0).kind()).isEqualTo("audit");
    assertThat(Buffer.buffer(CanonicalRecord.of(recorded.get(0), "vedette").seal(1))
            .length())
        .isLessThan(400);
  }
}
