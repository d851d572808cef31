package io.vedette.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.edge.RawSocket.Seen;
import io.vedette.model.Batch;
import io.vedette.model.Stamps;
import io.vedette.runtime.Addresses;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What goes over the wire, with the shared frames and without, and what is told of it. */
@Timeout(120)
class SharedCompressionTest {
  private static final String DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate";
  private static final String TOKEN = "Authorization: Bearer viewer";
  private static final String REGISTER =
      "{\"type\":\"register\",\"address\":\"records\",\"headers\":{\"position\":\"new\"}}";
  private static final String FILLER = "a long text that repeats itself ".repeat(40);

  private static RawSocket registered(RunningEdge edge, String... headers) throws Exception {
    RawSocket socket = new RawSocket(edge.port, "/monitor", headers);
    socket.say(REGISTER);
    assertThat(socket.nextBut("welcome").text()).contains("registered");
    return socket;
  }

  @Test
  void aPublicationIsCompressedOnceForAllWhoWantItCompressed() throws Exception {
    try (RunningEdge edge = new RunningEdge(1, Map.of());
        RawSocket one = registered(edge, TOKEN, DEFLATE);
        RawSocket two = registered(edge, TOKEN, DEFLATE);
        RawSocket plain = registered(edge, TOKEN)) {
      SharedFrames frames = Objects.requireNonNull(edge.service().frames());
      long before = frames.deflations();
      edge.publish(1, FILLER);
      Seen first = one.nextBut("head");
      Seen second = two.nextBut("head");
      Seen whole = plain.nextBut("head");
      assertThat(first.text()).isEqualTo(whole.text()).contains(FILLER);
      assertThat(second.text()).isEqualTo(whole.text());
      assertThat(first.deflated()).isTrue();
      assertThat(second.deflated()).isTrue();
      assertThat(whole.deflated()).isFalse();
      assertThat(first.onWire()).isLessThan(whole.onWire() / 4);
      assertThat(second.onWire()).isEqualTo(first.onWire());
      assertThat(frames.deflations() - before).isEqualTo(1);
    }
  }

  @Test
  void whatIsShortIsNotCompressed() throws Exception {
    try (RunningEdge edge = new RunningEdge(1, Map.of());
        RawSocket socket = registered(edge, TOKEN, DEFLATE)) {
      edge.publish(1);
      Seen seen = socket.nextBut("head");
      assertThat(seen.text()).contains("\"rec\"");
      assertThat(seen.deflated()).isFalse();
    }
  }

  /** Where the trial at the start fails, everything works that a client can see, but for compression. */
  @Test
  void withoutSharedFramesThePublicApiDoesIt() throws Exception {
    try (RunningEdge edge =
        new RunningEdge(300, Map.of(), (vertx, frames) -> Future.failedFuture("another Vert.x"))) {
      assertThat(edge.service().frames()).isNull();
      double plainBefore = edge.metric("vedette_edge_message_bytes_total", "");
      try (RawSocket monitor = registered(edge, TOKEN, DEFLATE);
          RawSocket resumes = new RawSocket(edge.port, "/eventbus/websocket", TOKEN);
          RawSocket sockjs = new RawSocket(edge.port, "/eventbus/001/fallback/websocket", TOKEN)) {
        assertThat(monitor.compresses()).isFalse();
        edge.publish(3, FILLER);
        for (int i = 300; i < 303; i++) {
          assertThat(monitor.nextBut("head").text()).contains("\"" + "e1:" + i + "\"", FILLER);
        }
        resumes.say(REGISTER.replace("new", "e1:99"));
        assertThat(resumes.next().text()).contains("registered", "\"replay\":203");
        for (int i = 100; i < 303; i++) {
          assertThat(resumes.nextBut("head").text()).contains("\"e1:" + i + "\"");
        }
        resumes.send(RawSocket.frame(0x89, RawSocket.utf8("p")));
        assertThat(resumes.nextBut("head").opcode()).as("pong").isEqualTo(0xA);
        assertThat(sockjs.next().text()).isEqualTo("o");
        sockjs.say("[\"" + REGISTER.replace("\"", "\\\"") + "\"]");
        assertThat(sockjs.next().text()).startsWith("a[").contains("registered");
        assertThat(edge.metric("vedette_edge_message_bytes_total", "") - plainBefore)
            .isGreaterThan(3.0 * FILLER.length());
        monitor.socket().close();
        RunningEdge.until("it is gone", () -> edge.sessions() == 2);
      }
    }
  }

  @Test
  void theLoadShowsWhatHappened() throws Exception {
    try (RunningEdge edge = new RunningEdge(1, Map.of());
        RawSocket one = registered(edge, TOKEN, DEFLATE);
        RawSocket two = registered(edge, TOKEN)) {
      edge.appendQuietly(1);
      byte[] record = RunningEdge.message(1).getBytes(StandardCharsets.UTF_8);
      long hourAgoUs = VertxLoop.nowMicros() - 3_600_000_000L;
      edge.vertx
          .eventBus()
          .publish(
              Addresses.RECORD_APPENDED,
              new Batch(
                  1,
                  FakeStore.EPOCH,
                  2,
                  1,
                  1,
                  RunningEdge.BATCH_AT_US,
                  0,
                  true,
                  List.of(record),
                  new byte[0],
                  new Stamps(0, 0, hourAgoUs)));
      assertThat(one.nextBut("head").text()).contains("\"rec\"");
      int length = two.nextBut("head").text().length();
      RunningEdge.until(
          "both are counted", () -> load(edge, "edge.publications_sent").equals("2"));
      assertThat(load(edge, "edge.sessions")).isEqualTo("2");
      assertThat(load(edge, "edge.subscriptions")).isEqualTo("2");
      assertThat(load(edge, "edge.publications_received")).isEqualTo("1");
      assertThat(load(edge, "edge.sent_bytes")).isEqualTo(String.valueOf(2 * length));
      assertThat(load(edge, "edge.dropped.disconnect")).isEqualTo("0");
      assertThat(load(edge, "edge.dropped.full")).isEqualTo("0");
      assertThat(Double.parseDouble(load(edge, "edge.connect_ms"))).isPositive();
      assertThat(Double.parseDouble(load(edge, "edge.loop_lag_ms"))).isNotNegative();
      assertThat(Double.parseDouble(load(edge, "edge.cpu"))).isBetween(0.0, 1.0);
      assertThat(edge.metric("vedette_stage_duration_seconds_sum", "deliver"))
          .as("since the commit")
          .isGreaterThanOrEqualTo(3_600);
      two.socket().close();
      RunningEdge.until("its end is told", () -> load(edge, "edge.sessions").equals("1"));
      assertThat(Double.parseDouble(load(edge, "edge.transfer_ms"))).isPositive();
      long plain = Long.parseLong(load(edge, "edge.message_bytes"));
      assertThat(plain).as("publications, answers and heads").isGreaterThan(2L * length);
      edge.publish(1, FILLER);
      assertThat(one.nextBut("head").deflated()).isTrue();
      RunningEdge.until(
          "smaller on the wire",
          () -> Long.parseLong(load(edge, "edge.wire_bytes"))
              < Long.parseLong(load(edge, "edge.message_bytes")) - FILLER.length() / 2);
    }
  }

  private static String load(RunningEdge edge, String name) {
    return Objects.requireNonNull(edge.ctx.about().now().get(name));
  }
}
