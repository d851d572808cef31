package io.vedette.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.runtime.auth.Principal;
import io.vedette.runtime.auth.Role;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How SockJS' fallbacks learn that there is no session, or none any more. Vert.x' sessions know one close code, 3000. */
@Timeout(60)
class SockJsDoorTest {
  private static String ask(
      RunningEdge edge, String session, String transport, Map<String, String> headers) {
    String uri = "/eventbus/000/" + session + "/" + transport;
    return (transport.equals("eventsource")
            ? edge.http("GET", uri, headers, "")
            : edge.poll(uri, headers, ""))
        .body();
  }

  /** The close frame in the form of a transport, without the end of its reason. */
  private static String closes(String transport, int code, String reason) {
    return (transport.equals("eventsource") ? "\r\ndata: " : "") + "c[" + code + ",\"" + reason;
  }

  @Test
  void whoIsRefusedReadsCodeAndReasonOnEveryTransport() throws Exception {
    try (RunningEdge edge = new RunningEdge(1, Map.of("edge.session.max", "1"))) {
      for (String transport : List.of("xhr", "xhr_streaming", "eventsource")) {
        for (int asked = 0; asked < 2; asked++) { // the second time as well
          assertThat(ask(edge, "nobody", transport, Map.of()))
              .startsWith(closes(transport, 4401, "token missing"));
          assertThat(ask(edge, "bad", transport, RunningEdge.bearer("nonsense")))
              .startsWith(closes(transport, 4401, ""));
          assertThat(ask(edge, "ingest", transport, RunningEdge.bearer("ingest")))
              .startsWith(closes(transport, 4403, ""));
        }
      }
      assertThat(edge.metric("vedette_edge_sessions_refused_total", "missing")).isEqualTo(6);
      assertThat(edge.sessions()).isZero();
      try (RawSocket full = new RawSocket(edge.port, "/monitor", "Authorization: Bearer viewer")) {
        assertThat(full.next().text()).contains("welcome");
        assertThat(ask(edge, "late", "xhr", RunningEdge.bearer("viewer")))
            .startsWith(closes("xhr", 4503, "session limit"));
      }
    }
  }

  @Test
  void aPageOfAListedOriginMayReadWhyItIsRefused() {
    String origin = "https://page.example";
    try (RunningEdge edge = new RunningEdge(1, Map.of("http.origins", origin))) {
      RunningEdge.Answer answer = edge.poll("/eventbus/000/page/xhr", Map.of(), "");
      assertThat(answer.headers()).doesNotContainKey("Access-Control-Allow-Origin");
      assertThat(answer.headers().get("Content-Type")).startsWith("application/javascript");
      answer = edge.poll("/eventbus/000/page/xhr", Map.of("Origin", origin), "");
      assertThat(answer.body()).startsWith("c[4401,");
      assertThat(answer.headers())
          .containsEntry("Access-Control-Allow-Origin", origin)
          .containsEntry("Access-Control-Allow-Credentials", "true");
    }
  }

  /** An open session is Vert.x': it ends with 3000, but not without having said why. */
  @Test
  void whoseSessionEndsReadsTheReasonBeforeSockJsOwnCode() {
    try (RunningEdge edge = new RunningEdge(1, Map.of("edge.session.message-bytes", "2048"))) {
      Map<String, String> viewer = RunningEdge.bearer("viewer");
      assertThat(ask(edge, "large", "xhr", viewer)).isEqualTo("o\n");
      String message = "[\"" + "x".repeat(3_000) + "\"]";
      assertThat(edge.poll("/eventbus/000/large/xhr_send", viewer, message).status())
          .isEqualTo(204);
      assertThat(ask(edge, "large", "xhr", viewer))
          .startsWith("a[")
          .contains("\\\"err\\\"", "\\\"rejected\\\"", "1009: message larger");
      assertThat(ask(edge, "large", "xhr", viewer)).startsWith("c[3000,");
    }
  }

  @Test
  void aPollThatWaitsWhenItsTokenEndsIsTold() throws Exception {
    try (RunningEdge edge = new RunningEdge(1, Map.of())) {
      edge.tokens.put("brief", RunningEdge.who("bea", Role.VIEWER, 1, Principal.NEVER));
      Map<String, String> brief = RunningEdge.bearer("brief");
      assertThat(ask(edge, "brief", "xhr", brief)).isEqualTo("o\n");
      CompletableFuture<String> waits =
          CompletableFuture.supplyAsync(() -> ask(edge, "brief", "xhr", brief));
      edge.tokens.remove("brief");
      assertThat(waits.get(20, TimeUnit.SECONDS)).contains("4401");
      assertThat(ask(edge, "brief", "xhr", brief)).startsWith("c[4401,");
    }
  }
}
