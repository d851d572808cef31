package io.vedette.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The dashboard, its libraries and the client module. */
class PagesTest extends LocalEdge {
  @Test
  void thePageComesWithAPolicyThatNamesItsImportMap() throws Exception {
    up(Map.of());
    HttpClientResponse page = http(HttpMethod.GET, "/", "", "");
    assertThat(page.statusCode()).isEqualTo(200);
    String html = await(page.body()).toString();
    String map = html.substring(html.indexOf("<script type=\"importmap\">") + 25);
    map = map.substring(0, map.indexOf("</script>"));
    String hash = java.util.Base64.getEncoder()
        .encodeToString(java.security.MessageDigest.getInstance("SHA-256")
            .digest(map.getBytes(StandardCharsets.UTF_8)));
    assertThat(page.getHeader("Content-Security-Policy"))
        .contains("'sha256-" + hash + "'")
        .doesNotContain("unsafe-eval");
    JsonObject imports = new JsonObject(map).getJsonObject("imports");
    assertThat(http(HttpMethod.GET, imports.getString("lit"), "", "").statusCode())
        .isEqualTo(200);
    assertThat(
            http(HttpMethod.GET, imports.getString("echarts/dist/") + "echarts.esm.min.js", "", "")
                .statusCode())
        .isEqualTo(200);
    assertThat(http(HttpMethod.GET, "/client/vedette.js", "", "").statusCode()).isEqualTo(200);
    assertThat(http(HttpMethod.GET, "/app/../../etc/passwd", "", "").statusCode())
        .isEqualTo(404);
  }
}
