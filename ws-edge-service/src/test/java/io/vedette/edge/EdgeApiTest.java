package io.vedette.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.edge.resume.StatisticMemory;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What is read over HTTP. */
class EdgeApiTest extends LocalEdge {
  /** A time range could not be paged, an index range had no end, and before an erased record came what was asked for twice. */
  @Test
  void recordsArePagedByIndexByTimeAndBackwards() throws Exception {
    append(0, 10);
    up(Map.of());
    assertThat(indices("from=2&to=4")).containsExactly(2L, 3L);
    assertThat(indices("to=2")).containsExactly(0L, 1L);
    String range = "since=1970-01-01T00:00:00Z&limit=3";
    List<Long> paged = new ArrayList<>();
    List<Long> page = indices(range);
    while (!page.isEmpty()) {
      paged.addAll(page);
      page = indices(range + "&from=" + (paged.get(paged.size() - 1) + 1));
    }
    assertThat(paged).hasSize(store.rows.size()).isSorted().doesNotHaveDuplicates();
    assertThat(indices(range + "&from=1&to=3")).containsExactly(1L, 2L);
    io.vedette.edge.api.EdgeStore.Row erased = store.rows.remove(3);
    try {
      assertThat(indices("before=5&limit=2")).containsExactly(2L, 4L);
      assertThat(indices("before=4&limit=2")).containsExactly(1L, 2L);
    } finally {
      store.rows.add(3, erased);
    }
    for (String query : List.of("before=3&from=1", "before=3&to=9", "before=3&since=0", "to=-1")) {
      assertThat(http(HttpMethod.GET, "/api/v1/records?" + query, "viewer", "").statusCode())
          .as(query)
          .isEqualTo(400);
    }
  }

  private List<Long> indices(String query) throws Exception {
    List<Long> indices = new ArrayList<>();
    get("/api/v1/records?" + query)
        .getJsonArray("records")
        .forEach(record -> indices.add(((JsonObject) record).getLong("index")));
    return indices;
  }

  @Test
  void theApiReadsRecordsAndStatistics() throws Exception {
    append(0, 30);
    up(Map.of());
    assertThat(get("/api/v1/records?limit=2")
            .getJsonArray("records")
            .getJsonObject(1)
            .getLong("index"))
        .isEqualTo(29);
    assertThat(get("/api/v1/records?from=5&limit=1")
            .getJsonArray("records")
            .getJsonObject(0)
            .getLong("index"))
        .isEqualTo(5);
    assertThat(get("/api/v1/records/3").getJsonObject("record").getString("message"))
        .isEqualTo("m3");
    assertThat(get("/api/v1/records/3/canonical").getString("message")).isEqualTo("m3");
    assertThat(http(HttpMethod.GET, "/api/v1/records/99", "viewer", "").statusCode())
        .isEqualTo(404);
    assertThat(http(HttpMethod.GET, "/api/v1/records?limit=x", "viewer", "").statusCode())
        .isEqualTo(400);
    assertThat(http(HttpMethod.GET, "/api/v1/records", "", "").statusCode()).isEqualTo(401);
    assertThat(http(HttpMethod.GET, "/api/v1/records", "ingest", "").statusCode())
        .isEqualTo(403);
    store.down = true;
    HttpClientResponse unavailable = http(HttpMethod.GET, "/api/v1/records", "viewer", "");
    assertThat(unavailable.statusCode()).isEqualTo(503);
    assertThat(unavailable.getHeader("Content-Type")).startsWith("application/problem+json");
  }

  @Test
  void theApiGivesTheFieldsSeriesAndAlertAskedFor() throws Exception {
    List<String> fields = List.of("last", "mean", "max");
    List<StatisticMemory.Point> points =
        List.of(new StatisticMemory.Point(NOW_US, new double[] {1, 2, 3}));
    store.panes.put(
        "host",
        List.of(
            new StatisticMemory.History(new TreeMap<>(Map.of("cpu", "0")), fields, points),
            new StatisticMemory.History(new TreeMap<>(Map.of("cpu", "1")), fields, points)));
    store.alerts.add("{\"fingerprint\":\"f00\"}".getBytes(StandardCharsets.UTF_8));
    up(Map.of());
    String range = "/api/v1/statistics/host?until=" + (NOW_US / 1000 + 1);
    assertThat(get(range).getJsonArray("series")).hasSize(2);
    JsonArray some =
        get(range + "&fields=max,last,nothing&selector=%7Bcpu%3D%221%22%7D").getJsonArray("series");
    assertThat(some).hasSize(1);
    assertThat(some.getJsonObject(0).getJsonArray("fields").encode())
        .isEqualTo("[\"max\",\"last\",\"nothing\"]");
    assertThat(some.getJsonObject(0).getJsonArray("points").getJsonArray(0).encode())
        .isEqualTo("[" + NOW_US / 1000 + ",3,1,null]");
    assertThat(http(HttpMethod.GET, range + "&fields=,", "viewer", "").statusCode())
        .isEqualTo(400);
    assertThat(http(HttpMethod.GET, range + "&selector=cpu", "viewer", "").statusCode())
        .isEqualTo(400);
    assertThat(get("/api/v1/alerts/f00").getString("fingerprint")).isEqualTo("f00");
    assertThat(http(HttpMethod.GET, "/api/v1/alerts/f01", "viewer", "").statusCode())
        .isEqualTo(404);
  }

  @Test
  void aTokenIsExchangedForACookieThatOpensTheSocket() throws Exception {
    up(Map.of());
    HttpClientResponse response =
        http(HttpMethod.POST, "/api/v1/session", "", "{\"token\":\"operator\"}");
    assertThat(response.statusCode()).isEqualTo(200);
    String cookie = response.getHeader("Set-Cookie");
    assertThat(cookie).containsIgnoringCase("HttpOnly").contains("SameSite=Strict");
    Client client = new Client(
        "/monitor",
        Map.of(
            "Cookie",
            cookie.substring(0, cookie.indexOf(';')),
            "Origin",
            "http://localhost:" + port));
    assertThat(client.next("welcome").getString("principal")).isEqualTo("otto");
    assertThat(http(HttpMethod.POST, "/api/v1/session", "", "{\"token\":\"nobody\"}")
            .statusCode())
        .isEqualTo(401);
  }

  @Test
  void theOpenApiDocumentListsWhatIsServedAndNothingElse() throws Exception {
    up(Map.of());
    HttpClientResponse response = http(HttpMethod.GET, "/api/v1/openapi.json", "", "");
    JsonObject paths = await(response.body()).toJsonObject().getJsonObject("paths");
    for (String path : paths.fieldNames()) {
      for (String method : paths.getJsonObject(path).fieldNames()) {
        String uri = path.replace("{index}", "0")
            .replace("{name}", "host")
            .replace("{fingerprint}", "f")
            .replace("{silenceID}", "s");
        int status = http(
                HttpMethod.valueOf(method.toUpperCase(java.util.Locale.ROOT)), uri, "", "")
            .statusCode();
        boolean open =
            paths.getJsonObject(path).getJsonObject(method).getString("x-role").equals("none");
        if (open) {
          assertThat(status).as(method + " " + uri).isNotIn(401, 404, 405);
        } else {
          assertThat(status).as(method + " " + uri).isEqualTo(401);
        }
      }
    }
    assertThat(http(HttpMethod.GET, "/api/v1/other", "viewer", "").statusCode()).isEqualTo(404);
  }
}
