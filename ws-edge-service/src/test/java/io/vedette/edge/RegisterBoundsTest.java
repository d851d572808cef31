package io.vedette.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What clients leave behind by asking: nothing that stays, and no more than their queue. */
class RegisterBoundsTest {
  private static final Map<String, String> OPEN =
      Map.of("edge.auth.anonymous-role", "viewer", "edge.session.message-rate", "100000");

  /** Each such register once kept a topic, with its consumer in the cluster, for ever. */
  @Test
  void refusedRegistersLeaveNoTopic() throws Exception {
    try (RunningEdge edge = new RunningEdge(1, OPEN);
        RawSocket socket = new RawSocket(edge.port, "/eventbus/websocket")) {
      for (int i = 0; i < 600; i++) {
        socket.say("{\"type\":\"register\",\"address\":\"statistics.x" + i
            + "\",\"headers\":{\"filter\":\"a\"}}");
        assertThat(socket.next().text()).contains("\"rejected\"");
      }
      socket.say("{\"type\":\"register\",\"address\":\"statistics.host\"}");
      assertThat(socket.next().text()).contains("\"snapshot\":true");
    }
  }

  /** A client that registers over and over without reading once filled the memory with pages of history. */
  @Test
  void whoRegistersWithoutReadingIsCutOff() throws Exception {
    try (RunningEdge edge = new RunningEdge(0, OPEN)) {
      edge.publish(400, "f".repeat(1_000));
      RunningEdge.until(
          "the edge has them",
          () -> edge.metric("vedette_edge_publications_received_total", "records") == 400);
      Socket narrow = new Socket();
      narrow.setReceiveBufferSize(8 << 10);
      narrow.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), edge.port));
      try (RawSocket deaf = new RawSocket(narrow, "/eventbus/websocket")) {
        byte[] loop = RawSocket.join(
            RawSocket.text(
                "{\"type\":\"register\",\"address\":\"records\",\"headers\":{\"position\":\"e1:-1\"}}"),
            RawSocket.text("{\"type\":\"unregister\",\"address\":\"records\"}"));
        boolean open = true;
        for (int i = 0; i < 4_000 && open; i++) {
          open = deaf.send(loop)
              && edge.metric("vedette_edge_sessions_closed_total", "code=\"slow\"") == 0;
        }
        RunningEdge.until(
            "it is cut",
            () -> edge.metric("vedette_edge_sessions_closed_total", "code=\"slow\"") == 1);
      }
    }
  }

  /** A refused upgrade once took its connection out of sight: what came after it could trickle for ever. */
  @Test
  void whoIsRefusedASocketIsWatchedAgain() throws Exception {
    try (RunningEdge edge = new RunningEdge(
            1, Map.of("edge.http.request-limit", "10m", "edge.session.idle-limit", "1s"));
        Socket socket = RawSocket.connect(edge.port)) {
      socket.setSoTimeout((int) RunningEdge.LIMIT_MS);
      byte[] plain = ("GET /monitor HTTP/1.1\r\nHost: localhost:" + edge.port + "\r\n\r\n")
          .getBytes(StandardCharsets.US_ASCII);
      socket.getOutputStream().write(plain);
      InputStream in = socket.getInputStream();
      assertThat(new String(in.readNBytes(12), StandardCharsets.US_ASCII)).endsWith("426");
      long trickle = edge.vertx.setPeriodic(100, tick -> {
        try {
          socket.getOutputStream().write('G');
        } catch (java.io.IOException cut) {
          edge.vertx.cancelTimer(tick);
        }
      });
      byte[] rest = new byte[4096];
      int read = in.read(rest);
      while (read >= 0) {
        read = in.read(rest);
      }
      edge.vertx.cancelTimer(trickle);
      RunningEdge.until(
          "the cut is counted", () -> edge.metric("vedette_edge_connections_cut_total", "") == 1);
    }
  }
}
