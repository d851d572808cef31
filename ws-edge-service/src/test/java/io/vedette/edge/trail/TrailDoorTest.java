package io.vedette.edge.trail;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vedette.runtime.ServiceContext;
import io.vedette.runtime.auth.Principal;
import io.vedette.runtime.auth.Role;
import io.vedette.runtime.auth.TokenLookup;
import io.vedette.runtime.config.Config;
import io.vedette.trail.TileId;
import io.vedette.trail.verify.LogKey;
import io.vedette.trail.verify.LogVerifier;
import io.vedette.trail.verify.ProofCheck;
import io.vedette.trail.verify.RemoteLog;
import io.vedette.trail.verify.SignedCheckpoint;
import io.vedette.trail.verify.Verdict;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The log over real HTTP, read by the verifier that shares no code with its writer. */
@Timeout(60)
class TrailDoorTest {
  private static final LogKey KEY = LogKey.parse(MemoryTrail.KEY.verifier().vkey());

  private final MemoryTrail trail = new MemoryTrail();
  private final HttpClient client = HttpClient.newHttpClient();
  private Vertx vertx;

  @SuppressWarnings("NullAway.Init") // each test says how it is opened
  private HttpServer server;

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
  }

  private void up(boolean open) throws Exception {
    TokenLookup tokens = token -> Future.succeededFuture(
        switch (token) {
          case "viewer" -> Optional.of(who("vera", Role.VIEWER, 1));
          case "other" -> Optional.of(who("olga", Role.VIEWER, 2));
          case "ingest" -> Optional.of(who("ines", Role.INGEST, 1));
          default -> Optional.empty();
        });
    ServiceContext ctx = ServiceContext.create(
        vertx, Config.of(Map.of()), new SimpleMeterRegistry(), tokens, true, false);
    Router router = ctx.http().router("edge");
    new PayloadDoor(ctx.access(), trail).mount(router);
    new TrailDoor(ctx.access(), open, trail).mount(router);
    server = await(vertx.createHttpServer().requestHandler(router).listen(0, "127.0.0.1"));
  }

  private static Principal who(String name, Role role, int trail) {
    return new Principal(name, Set.of(role), Set.of(trail), Principal.NEVER, name);
  }

  @AfterEach
  void stop() throws Exception {
    await(vertx.close());
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + server.actualPort() + path);
  }

  private HttpResponse<byte[]> get(String path, String token, String... headers) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri(path)).timeout(Duration.ofSeconds(20));
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }

  private static JsonObject json(HttpResponse<byte[]> response) {
    return new JsonObject(io.vertx.core.buffer.Buffer.buffer(response.body()));
  }

  @Test
  void anotherVerifierAcceptsTheWholeLog() throws Exception {
    trail.append(700);
    trail.sign();
    trail.append(400); // tiles grow beyond the checkpoint; none of that may show
    trail.integrate();
    up(false);
    for (String prefix : List.of("/", "/trails/1/")) {
      RemoteLog remote = RemoteLog.at(uri(prefix), "Authorization", "Bearer viewer");
      SignedCheckpoint checkpoint = SignedCheckpoint.open(remote.checkpoint(), KEY);
      try (LogVerifier verifier =
          LogVerifier.against(checkpoint).tiles(remote).threads(1).start()) {
        remote.feed(verifier);
        assertThat(verifier.finish()).isEqualTo(new Verdict(700, 0, 0, null));
      }
    }
  }

  @Test
  void aPartialTileIsTheBeginningOfTheWiderOneForEver() throws Exception {
    trail.append(300);
    trail.sign();
    up(false);
    byte[] narrow = get("/tile/0/001.p/44", "viewer").body();
    assertThat(narrow).hasSize(44 * 32);
    assertThat(get("/tile/0/001.p/45", "viewer").statusCode()).isEqualTo(404);
    assertThat(get("/tile/0/001", "viewer").statusCode()).isEqualTo(404);
    assertThat(get("/tile/entries/001.p/44", "viewer").body()).hasSize(44 * 35);
    trail.append(300);
    trail.sign();
    byte[] full = get("/tile/0/001", "viewer").body();
    assertThat(full).hasSize(256 * 32).startsWith(narrow);
    assertThat(get("/tile/0/001.p/44", "viewer").body()).isEqualTo(narrow);
    assertThat(get("/tile/entries/001.p/44", "viewer").statusCode()).isEqualTo(200);
    assertThat(get("/tile/1/000.p/2", "viewer").body()).hasSize(64);
    assertThat(get("/tile/2/000.p/1", "viewer").statusCode()).isEqualTo(404);
  }

  @Test
  void tilesAreForEverAndCheckpointsForSeconds() throws Exception {
    trail.append(3);
    trail.sign();
    up(false);
    HttpResponse<byte[]> tile = get("/tile/0/000.p/3", "viewer");
    assertThat(header(tile, "Content-Type")).isEqualTo("application/octet-stream");
    assertThat(header(tile, "Cache-Control")).isEqualTo("private, max-age=31536000, immutable");
    String tag = header(tile, "ETag");
    HttpResponse<byte[]> again = get("/tile/0/000.p/3", "viewer", "If-None-Match", tag);
    assertThat(again.statusCode()).isEqualTo(304);
    assertThat(again.body()).isEmpty();
    HttpResponse<byte[]> checkpoint = get("/checkpoint", "viewer");
    assertThat(header(checkpoint, "Content-Type")).isEqualTo("text/plain; charset=utf-8");
    assertThat(header(checkpoint, "Cache-Control")).isEqualTo("private, max-age=2");
    assertThat(header(get("/tile/0/001", "viewer"), "Cache-Control")).isEqualTo("no-store");
  }

  @Test
  void itNeedsAViewerOfThatTrailUnlessItIsPublic() throws Exception {
    trail.append(3);
    trail.sign();
    up(false);
    for (String path : List.of(
        "/checkpoint",
        "/tile/0/000.p/3",
        "/trails/1/checkpoint",
        "/trails/1/tile/entries/000.p/3",
        "/api/v1/trail/key",
        "/api/v1/trail",
        "/trails/1/minimum-index",
        "/minimum-index",
        "/api/v1/records/canonical",
        "/api/v1/records/0/proof")) {
      assertThat(get(path, "").statusCode()).as(path).isEqualTo(401);
      assertThat(get(path, "ingest").statusCode()).as(path).isEqualTo(403);
      assertThat(get(path, "other").statusCode()).as(path).isEqualTo(403);
      assertThat(get(path, "viewer").statusCode()).as(path).isEqualTo(200);
    }
    await(vertx.close());
    vertx = Vertx.vertx();
    up(true);
    HttpResponse<byte[]> tile = get("/trails/1/tile/0/000.p/3", "");
    assertThat(tile.statusCode()).isEqualTo(200);
    assertThat(header(tile, "Cache-Control")).isEqualTo("public, max-age=31536000, immutable");
    assertThat(header(tile, "Access-Control-Allow-Origin")).isEqualTo("*");
    assertThat(get("/checkpoint", "").statusCode()).isEqualTo(200);
    assertThat(get("/api/v1/records/0/proof", "").statusCode()).isEqualTo(401);
  }

  @Test
  void badPathsAreRefusedWithTheirReason() throws Exception {
    trail.append(3);
    trail.sign();
    up(true);
    for (String path : List.of(
        "/tile/0/0",
        "/tile/0/000.p/0",
        "/tile/0/000.p/256",
        "/tile/64/000",
        "/tile/0/x000/000",
        "/tile/00/000",
        "/tile/0/%30%30%30",
        "/tile/0/999999999999999999999")) {
      HttpResponse<byte[]> refused = get(path, "");
      assertThat(refused.statusCode()).as(path).isEqualTo(400);
      assertThat(json(refused).getString("detail")).as(path).contains("expected: tile/");
    }
    assertThat(get("/tile/8/000.p/1", "").statusCode()).isEqualTo(404);
    assertThat(get("/tile/0/x922/x337/x203/x685/477", "").statusCode()).isEqualTo(404);
    assertThat(get("/trails/0/checkpoint", "").statusCode()).isEqualTo(404);
    assertThat(get("/trails/2/checkpoint", "").statusCode()).isEqualTo(404);
    assertThat(get("/trails/2/tile/0/000.p/3", "").statusCode()).isEqualTo(404);
    assertThat(get("/api/v1/records/-1/proof", "viewer").statusCode()).isEqualTo(400);
  }

  @Test
  void everyRecordHasAProofThatHoldsOffline() throws Exception {
    trail.append(300);
    trail.sign();
    up(false);
    for (long index : new long[] {0, 255, 256, 299}) {
      HttpResponse<byte[]> answer = get("/api/v1/records/" + index + "/proof", "viewer");
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(ProofCheck.record(
                  answer.body(), trail.record(index), MemoryTrail.ORIGIN, List.of(KEY))
              .index())
          .isEqualTo(index);
    }
    assertThat(header(get("/api/v1/records/7/proof", "viewer"), "Content-Disposition"))
        .isEqualTo("attachment; filename=\"record-7.tlog-proof\"");
  }

  @Test
  void whatCannotBeProvenIsSaidWithItsReason() throws Exception {
    trail.append(10);
    up(false);
    HttpResponse<byte[]> early = get("/api/v1/records/9/proof", "viewer");
    assertThat(early.statusCode()).isEqualTo(503);
    assertThat(header(early, "Retry-After")).isEqualTo("1");
    assertThat(json(early).getString("type")).endsWith("not-covered-yet");
    assertThat(get("/checkpoint", "viewer").statusCode()).isEqualTo(404);
    trail.sign();
    assertThat(get("/api/v1/records/9/proof", "viewer").statusCode()).isEqualTo(200);
    assertThat(get("/api/v1/records/10/proof", "viewer").statusCode()).isEqualTo(404);
    trail.erase(4);
    assertThat(get("/api/v1/records/4/proof", "viewer").statusCode()).isEqualTo(410);
    trail.replace(5, "{\"message\":\"6\"}");
    HttpResponse<byte[]> broken = get("/api/v1/records/5/proof", "viewer");
    assertThat(broken.statusCode()).isEqualTo(500);
    assertThat(json(broken).getString("type")).endsWith("trail-broken");
  }

  @Test
  void storedBytesComeInPagesWithTheirSaltsOrWhyTheyAreGone() throws Exception {
    trail.append(8);
    trail.erase(1);
    trail.erase(4);
    trail.erase(6);
    trail.erasedFirst = 6; // as a record of the trail names it
    trail.erasedEnd = 7;
    up(false);
    long next = 1;
    StringBuilder lines = new StringBuilder();
    while (next < 7) {
      HttpResponse<byte[]> page = get(PayloadDoor.PATH + "?from=" + next + "&to=7", "viewer");
      assertThat(page.statusCode()).isEqualTo(200);
      assertThat(header(page, "Content-Type")).isEqualTo("application/x-ndjson");
      assertThat(header(page, "Cache-Control")).isEqualTo("no-store");
      next = Long.parseLong(header(page, PayloadDoor.NEXT));
      lines.append(new String(page.body(), java.nio.charset.StandardCharsets.US_ASCII));
    }
    List<JsonObject> records = lines.toString().lines().map(JsonObject::new).toList();
    assertThat(records)
        .extracting(line -> line.getLong("index"))
        .containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
    assertThat(records.get(0).getString("gone")).isEqualTo("expired");
    assertThat(records.get(3).getString("gone")).isEqualTo("unknown");
    assertThat(records.get(5).getString("gone")).isEqualTo("erased");
    assertThat(records.get(2).getBinary("canonical")).isEqualTo(trail.record(3));
    assertThat(records.get(2).getBinary("salt")).startsWith((byte) '3').hasSize(16);
    HttpResponse<byte[]> beyond = get(PayloadDoor.PATH + "?from=100", "viewer");
    assertThat(beyond.body()).isEmpty();
    assertThat(header(beyond, PayloadDoor.NEXT)).isEqualTo("100");
    assertThat(get(PayloadDoor.PATH + "?trail=1&from=7", "viewer").body()).isNotEmpty();
    assertThat(get(PayloadDoor.PATH + "?trail=2", "viewer").statusCode()).isEqualTo(403);
    assertThat(get(PayloadDoor.PATH + "?trail=2", "other").body()).isEmpty();
    for (String bad :
        List.of("?from=-1", "?trail=x", "?to=x", "?from=5&to=4", "?from=9999999999999999999")) {
      assertThat(get(PayloadDoor.PATH + bad, "viewer").statusCode()).as(bad).isEqualTo(400);
    }
  }

  @Test
  void theTrailNamesItsSizeItsFirstIndexAndItsKeys() throws Exception {
    trail.append(5);
    trail.sign();
    trail.append(1);
    up(false);
    JsonObject body = json(get("/api/v1/trail", "viewer"));
    assertThat(body.getLong("size")).isEqualTo(6);
    assertThat(body.getLong("min_index")).isZero();
    assertThat(body.getString("origin")).isEqualTo(MemoryTrail.ORIGIN);
    assertThat(body.getJsonObject("checkpoint").getLong("size")).isEqualTo(5);
    assertThat(new String(
            get("/api/v1/trail/key", "viewer").body(), java.nio.charset.StandardCharsets.UTF_8))
        .isEqualTo(MemoryTrail.KEY.verifier().vkey() + "\n");
  }

  @Test
  void theFirstIndexThatMayHaveItsPayloadIsServed() throws Exception {
    trail.append(5);
    trail.sign();
    trail.minIndex = 3; // a partition was dropped
    up(false);
    assertThat(get("/trails/1/minimum-index", "viewer").body()).isEqualTo(new byte[] {'3', '\n'});
    assertThat(json(get("/api/v1/trail", "viewer")).getLong("min_index")).isEqualTo(3);
  }

  /** Who trusts what stands here must not be given a key that was put out of use. */
  @Test
  void keysThatSignAndKeysThatSignedEarlierAreToldApart() throws Exception {
    trail.append(5);
    trail.sign();
    trail.keys = List.of(
        new TrailStore.Key("a+1+x", true),
        new TrailStore.Key("b+2+x", true),
        new TrailStore.Key("c+3+x", false));
    up(false);
    assertThat(new String(
            get("/api/v1/trail/key", "viewer").body(), java.nio.charset.StandardCharsets.UTF_8))
        .isEqualTo("a+1+x\nb+2+x\n");
    JsonObject body = json(get("/api/v1/trail", "viewer"));
    assertThat(body.getJsonArray("keys").encode()).isEqualTo("[\"a+1+x\",\"b+2+x\"]");
    assertThat(body.getJsonArray("retired_keys").encode()).isEqualTo("[\"c+3+x\"]");
  }

  @Test
  void headAsksForWhatGetHasWithoutTheBody() throws Exception {
    trail.append(300);
    trail.sign();
    up(false);
    for (String path : List.of("/checkpoint", "/tile/0/000", "/trails/1/tile/entries/001.p/44")) {
      HttpResponse<byte[]> whole = get(path, "viewer");
      HttpResponse<byte[]> head = client.send(
          HttpRequest.newBuilder(uri(path))
              .timeout(Duration.ofSeconds(20))
              .header("Authorization", "Bearer viewer")
              .method("HEAD", HttpRequest.BodyPublishers.noBody())
              .build(),
          HttpResponse.BodyHandlers.ofByteArray());
      assertThat(head.statusCode()).as(path).isEqualTo(200);
      assertThat(head.body()).isEmpty();
      for (String name : List.of("ETag", "Content-Type", "Cache-Control", "Content-Length")) {
        assertThat(header(head, name)).as(path + " " + name).isEqualTo(header(whole, name));
      }
    }
    assertThat(client
            .send(
                HttpRequest.newBuilder(uri("/checkpoint"))
                    .method("HEAD", HttpRequest.BodyPublishers.noBody())
                    .build(),
                HttpResponse.BodyHandlers.ofByteArray())
            .statusCode())
        .isEqualTo(401);
  }

  @Test
  void aWeakTagAndAStarAreKnownAsWell() throws Exception {
    trail.append(3);
    trail.sign();
    up(false);
    String tag = header(get("/checkpoint", "viewer"), "ETag");
    for (String known : List.of(tag, "W/" + tag, "\"x\", W/" + tag, "*")) {
      assertThat(get("/checkpoint", "viewer", "If-None-Match", known).statusCode())
          .as(known)
          .isEqualTo(304);
    }
    assertThat(get("/checkpoint", "viewer", "If-None-Match", "W/\"x\"").statusCode())
        .isEqualTo(200);
  }

  /** Widths and places at the edges of a tree, against the plain definition. */
  @Test
  void aTileIsWithinATreeWhenAllItsHashesAre() {
    for (long size : new long[] {0, 1, 255, 256, 257, 65_535, 65_536, 70_000}) {
      for (int level : new int[] {TileId.ENTRIES, 0, 1, 2, 8}) {
        for (long index : new long[] {0, 1, 255, 256, Long.MAX_VALUE / 1000}) {
          for (int width : new int[] {1, 112, 255, 256}) {
            java.math.BigInteger end = java.math.BigInteger.valueOf(index)
                .multiply(java.math.BigInteger.valueOf(256))
                .add(java.math.BigInteger.valueOf(width));
            long hashes = level <= 0 ? size : level == 8 ? 0 : size >> (8 * level);
            assertThat(TrailDoor.isWithin(new TileId(level, index, width), size))
                .as(Arrays.toString(new long[] {size, level, index, width}))
                .isEqualTo(end.compareTo(java.math.BigInteger.valueOf(hashes)) <= 0);
          }
        }
      }
    }
  }
}
