package io.vedette.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** Somebody who knows the name of an administrator's SockJS session, and writes it in every way. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // the edge is started before all tests
class AnothersSessionTest {
  private static final Map<String, String> ADMIN = RunningEdge.bearer("admin");

  /** What a frame without a type is answered in the session it came to. */
  private static final String EXECUTED = "missing_type";

  /** Behind an answer that neither ends nor says whose it is. */
  private static final String UNREFUSED = "(waits for more)";

  private static final List<String> TRANSPORTS = List.of(
      "xhr",
      "xhr_send",
      "xhr_streaming",
      "eventsource",
      "jsonp",
      "jsonp_send",
      "htmlfile",
      "websocket");

  /** With the session's name, the name with its first letter escaped, and the transport. */
  private static final List<String> SPELLINGS = List.of(
      "/eventbus/000/{name}/{transport}",
      "/eventbus/001/{name}/{transport}",
      "/eventbus/000/{escaped}/{transport}",
      "/%65ventbus/000/{name}/{transport}",
      "/eventbus/%30/{name}/{transport}",
      "/eventbus/000/{name}/%78{transport}",
      "/eventbus/%2e/000/{name}/{transport}",
      "/eventbus/x/../000/{name}/{transport}",
      "/eventbus/x/%2e%2E/000/{name}/{transport}",
      "/x/../eventbus/000/{name}/{transport}",
      "/eventbus/./000/{name}/{transport}",
      "/eventbus/000/./{name}/{transport}",
      "/eventbus/000/x/../{name}/{transport}",
      "/eventbus//000/{name}/{transport}",
      "/eventbus/000//{name}/{transport}",
      "/eventbus/000/{name}//{transport}",
      "//eventbus/000/{name}/{transport}",
      "/eventbus/000/{name}/{transport}/",
      "/eventbus/000/{name}/{transport}?param0={name}",
      "/eventbus/000/fresh/{transport}?param0={name}",
      "/eventbus/000/fresh/{transport}?PARAM0={escaped}",
      "/eventbus/000/fresh/{transport}?form");

  private RunningEdge edge;
  private int sessions;

  @BeforeAll
  void start() {
    edge = new RunningEdge(3, Map.of());
  }

  @AfterAll
  void stop() {
    edge.close();
  }

  /** A session with something to read that nobody has read yet. */
  private String victim() {
    String name = "victim" + sessions++;
    assertThat(edge.poll("/eventbus/000/" + name + "/xhr", ADMIN, "").body()).isEqualTo("o\n");
    say(name, "{\\\"type\\\":\\\"publish\\\",\\\"address\\\":\\\"the-secret\\\"}");
    return name;
  }

  private void say(String name, String quoted) {
    assertThat(edge.poll("/eventbus/000/" + name + "/xhr_send", ADMIN, "[\"" + quoted + "\"]")
            .status())
        .isEqualTo(204);
  }

  /** All that the session was told, up to the answer to what is said now. */
  private String told(String name) {
    say(name, "{\\\"type\\\":\\\"publish\\\",\\\"address\\\":\\\"the-end\\\"}");
    StringBuilder all = new StringBuilder();
    while (all.indexOf("the-end") < 0) {
      String polled = edge.poll("/eventbus/000/" + name + "/xhr", ADMIN, "").body();
      all.append(polled);
      if (polled.startsWith("c[")) {
        return all.toString();
      }
    }
    return all.toString();
  }

  private static String request(String method, String uri, String token, String form, int port) {
    boolean sends = uri.contains("_send");
    String body = method.equals("GET") ? "" : form.isEmpty() ? sends ? "[\"{}\"]" : "" : form;
    return method + " " + uri + " HTTP/1.1\r\nHost: localhost:" + port + "\r\n"
        + (token.isEmpty() ? "" : "Authorization: Bearer " + token + "\r\n")
        + (form.isEmpty() ? "" : "Content-Type: application/x-www-form-urlencoded\r\n")
        + (uri.contains("/websocket")
            ? "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            : "Connection: close\r\nContent-Length: " + body.length() + "\r\n")
        + "\r\n" + body;
  }

  /** The answer: of a socket or stream, until it shows whose it is. */
  private String ask(String request) throws IOException {
    try (Socket socket = RawSocket.connect(edge.port)) {
      socket.setSoTimeout((int) RunningEdge.LIMIT_MS);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      InputStream in = socket.getInputStream();
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      byte[] some = new byte[8192];
      try {
        for (int read = in.read(some); read >= 0; read = in.read(some)) {
          all.write(some, 0, read);
          String text = all.toString(StandardCharsets.ISO_8859_1);
          int head = text.indexOf("\r\n\r\n");
          if (head > 0 && isSettled(text.substring(0, head), text.substring(head + 4))) {
            break;
          }
        }
      } catch (SocketTimeoutException waits) {
        return all.toString(StandardCharsets.ISO_8859_1) + UNREFUSED;
      }
      return all.toString(StandardCharsets.ISO_8859_1);
    }
  }

  private static boolean isSettled(String head, String body) {
    return head.startsWith("HTTP/1.1 4")
        || body.contains("a[")
        || body.contains("c[")
        || body.contains("o\n")
        || body.contains("data: o")
        || body.contains("(\"o\")")
        || head.contains("101 ") && body.indexOf('o') >= 0;
  }

  private void tryAll(String token) throws IOException {
    SoftAssertions all = new SoftAssertions();
    for (String spelling : SPELLINGS) {
      String name = victim();
      for (String transport : TRANSPORTS) {
        boolean reads = transport.equals("eventsource")
            || transport.equals("jsonp")
            || transport.equals("htmlfile")
            || transport.equals("websocket");
        String uri = spelling
            .replace(
                "%78{transport}",
                "%" + Integer.toHexString(transport.charAt(0)) + transport.substring(1))
            .replace("{transport}", transport)
            .replace("{name}", name)
            .replace("{escaped}", "%76" + name.substring(1))
            .replace("/fresh/", "/fresh" + sessions++ + "/");
        String form = uri.endsWith("?form") && !reads ? "param0=" + name : "";
        if (transport.equals("jsonp") || transport.equals("htmlfile")) {
          uri += (uri.contains("?") ? "&" : "?") + "c=f";
        }
        String answer = ask(request(reads ? "GET" : "POST", uri, token, form, edge.port));
        String what = transport + " " + uri + ": " + answer.lines().findFirst().orElse("");
        all.assertThat(answer).as(what).doesNotContain("a[", "HTTP/1.1 204", UNREFUSED);
        if (transport.equals("jsonp")
            || transport.equals("jsonp_send")
            || transport.equals("htmlfile")
            || transport.equals("xhr_send")) {
          all.assertThat(answer).as(what).startsWith("HTTP/1.1 40");
        } else if (answer.startsWith("HTTP/1.1 200") && token.isEmpty()) {
          all.assertThat(answer).as(what).contains("c[4401,");
        }
      }
      String told = told(name);
      all.assertThat(told).as(spelling).contains("the-end").doesNotContain(EXECUTED);
      all.assertThat(told).as(spelling + ": nothing was taken").contains("the-secret");
    }
    all.assertAll();
  }

  @Test
  void withoutATokenNobodyReadsOrActs() throws Exception {
    tryAll("");
  }

  @Test
  void withATokenThatMayLessNobodyReadsOrActs() throws Exception {
    tryAll("viewer");
  }

  /** The name is free when the head of the request comes, and taken when its body does. */
  @Test
  void aRequestThatBeganBeforeTheSessionIsNotItsOwn() throws Exception {
    for (String transport : List.of("xhr", "xhr_streaming", "xhr_send")) {
      String name = "victim" + sessions;
      String body = "[\"{}\"]";
      try (Socket early = RawSocket.connect(edge.port)) {
        early.setSoTimeout((int) RunningEdge.LIMIT_MS);
        early
            .getOutputStream()
            .write(("POST /eventbus/000/" + name + "/" + transport
                    + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer viewer\r\n"
                    + "Expect: 100-continue\r\nContent-Length: " + body.length() + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        byte[] first = new byte[12];
        assertThat(early.getInputStream().readNBytes(first, 0, 12)).isEqualTo(12);
        String status = new String(first, StandardCharsets.US_ASCII);
        assertThat(victim()).isEqualTo(name);
        if (status.endsWith("100")) {
          early.getOutputStream().write(body.getBytes(StandardCharsets.US_ASCII));
          String answer = "";
          byte[] some = new byte[8192];
          while (!answer.contains("\"}") && !answer.contains("[")) {
            int read = early.getInputStream().read(some);
            if (read < 0) {
              break;
            }
            answer += new String(some, 0, read, StandardCharsets.ISO_8859_1);
          }
          assertThat(answer).as(transport).containsAnyOf("c[4403,", "HTTP/1.1 40");
        } else {
          assertThat(status).as(transport).endsWith("404");
        }
      }
      assertThat(told(name))
          .as(transport)
          .contains("the-end", "the-secret")
          .doesNotContain(EXECUTED);
    }
  }
}
