package io.vedette.edge;

import static io.vedette.edge.RawSocket.deflated;
import static io.vedette.edge.RawSocket.frame;
import static io.vedette.edge.RawSocket.join;
import static io.vedette.edge.RawSocket.text;
import static io.vedette.edge.RawSocket.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.util.ResourceLeakDetector;
import io.vedette.testkit.Seeds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.LoggerFactory;

/**
 * Good conversations, broken at random, over real sockets: whatever the bytes, no session stays, no buffer leaks, no thread dies, and the next client is served. 3,000 frames; 100,000 with
 * {@code -Plong}. A failure names its seed.
 */
@Timeout(600)
class MutatedFramesTest {
  private static final int FRAMES = Boolean.getBoolean("vedette.long") ? 100_000 : 3_000;
  private static final int FRAMES_PER_SOCKET = 20;

  @RegisterExtension
  private final Seeds seeds = new Seeds();

  private final List<byte[]> good = List.of(
      text("{\"type\":\"ping\"}"),
      text("{\"type\":\"register\",\"address\":\"records\",\"headers\":{\"position\":\"e1:0\"}}"),
      text("{\"type\":\"register\",\"address\":\"cluster\"}"),
      text(
          "{\"type\":\"register\",\"address\":\"statistics.host\",\"headers\":{\"position\":\"new\"}}"),
      text(
          "{\"type\":\"register\",\"address\":\"alerts\",\"headers\":{\"position\":\"new\",\"limit\":3}}"),
      text("{\"type\":\"unregister\",\"address\":\"records\"}"),
      text(
          "{\"type\":\"send\",\"address\":\"alerts.acknowledge\",\"body\":{\"a\":[1,2.5,null]},\"replyAddress\":\"r\"}"),
      text("{\"type\":\"publish\",\"address\":\"records\",\"body\":{}}"),
      text("\u5fc3\u8df3"),
      frame(0x82, utf8("{\"type\":\"ping\"}")),
      frame(0x89, utf8("ping")),
      frame(0x8a, utf8("pong")),
      join(frame(0x01, utf8("{\"type\":")), frame(0x89, utf8("p")), frame(0x80, utf8("\"ping\"}"))),
      frame(0xc1, deflated(utf8("{\"type\":\"register\",\"address\":\"findings\"}"))),
      join(frame(0x41, deflated(utf8("{\"type\":\"ping\"}"))), frame(0x80, new byte[0])),
      frame(0x81, utf8("{\"a\":" + "[".repeat(100) + "]".repeat(100) + "}")),
      RawSocket.close(1000, "bye"));

  @Test
  void whateverTheBytesNothingStaysBehind() throws Exception {
    ResourceLeakDetector.Level before = ResourceLeakDetector.getLevel();
    ListAppender<ILoggingEvent> said = new ListAppender<>();
    Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    said.start();
    root.addAppender(said);
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
    try (RunningEdge edge = new RunningEdge(50, Map.of("edge.auth.anonymous-role", "viewer"))) {
      SplittableRandom random = seeds.random();
      conversation(edge, new ArrayList<>(good)); // what is made once is made now
      settle(edge);
      for (int sent = 0; sent < FRAMES; sent += FRAMES_PER_SOCKET) {
        List<byte[]> frames = new ArrayList<>();
        for (int i = 0; i < FRAMES_PER_SOCKET; i++) {
          frames.add(mutated(good.get(random.nextInt(good.size())), random));
        }
        conversation(edge, frames, random);
        if (sent % 1_000 == 0) {
          edge.publish(3);
          assertServes(edge);
        }
      }
      settle(edge);
      assertServes(edge);
      for (int i = 0; i < 3; i++) {
        System.gc(); // the detector speaks when it sees what was collected
        assertServes(edge);
      }
    } finally {
      ResourceLeakDetector.setLevel(before);
      root.detachAppender(said);
    }
    assertThat(said.list.stream()
            .filter(event -> event.getLevel().isGreaterOrEqual(Level.ERROR)
                || event.getFormattedMessage().contains("LEAK"))
            .map(ILoggingEvent::getFormattedMessage))
        .as("errors logged")
        .isEmpty();
  }

  private static void conversation(RunningEdge edge, List<byte[]> frames) throws Exception {
    conversation(edge, frames, new SplittableRandom(1));
  }

  /** Writes them in one or several pieces, reads what is there, and leaves in one of the ways clients leave. */
  private static void conversation(RunningEdge edge, List<byte[]> frames, SplittableRandom random)
      throws Exception {
    String door = random.nextBoolean()
        ? "/monitor"
        : random.nextBoolean()
            ? "/eventbus/websocket"
            : "/eventbus/7/s" + random.nextInt() + "/websocket";
    try (RawSocket socket = random.nextBoolean()
        ? new RawSocket(edge.port, door, "Sec-WebSocket-Extensions: permessage-deflate")
        : new RawSocket(edge.port, door)) {
      assertThat(socket.status()).isEqualTo(101);
      byte[] all = join(frames.toArray(new byte[0][]));
      int from = 0;
      while (from < all.length) {
        int to = Math.min(all.length, from + 1 + random.nextInt(2_000));
        if (!socket.send(Arrays.copyOfRange(all, from, to))) {
          return;
        }
        from = to;
      }
      if (random.nextInt(4) == 0) {
        socket.socket().setSoLinger(true, 0); // a reset
      }
    }
  }

  private static void assertServes(RunningEdge edge) throws Exception {
    try (RawSocket socket = new RawSocket(edge.port, "/monitor")) {
      socket.say(
          "{\"type\":\"register\",\"address\":\"records\",\"headers\":{\"position\":\"new\"}}");
      assertThat(socket.nextBut("welcome").text()).contains("registered");
      edge.publish(1);
      assertThat(socket.nextBut("head").text()).contains("\"type\":\"rec\"");
    }
  }

  /** Every session ends, and with it all that was held for it. */
  private static void settle(RunningEdge edge) {
    RunningEdge.until("every session ends", () -> edge.sessions() == 0);
    RunningEdge.until(
        "subscriptions end", () -> edge.metric("vedette_edge_subscriptions", "") == 0);
    RunningEdge.until(
        "shared frames are freed", () -> edge.metric("vedette_edge_frame_bytes", "") == 0);
  }

  private static byte[] mutated(byte[] bytes, SplittableRandom random) {
    byte[] out = bytes.clone();
    for (int times = random.nextInt(3); times >= 0; times--) {
      int at = out.length == 0 ? 0 : random.nextInt(out.length);
      switch (random.nextInt(8)) {
        case 0 -> {
          if (out.length > 0) {
            out[at] ^= (byte) (1 << random.nextInt(8));
          }
        }
        case 1 -> {
          if (out.length > 0) {
            out[random.nextInt(Math.min(2, out.length))] = (byte) random.nextInt(256);
          }
        }
        case 2 -> out = Arrays.copyOf(out, at);
        case 3 -> out = join(out, out);
        case 4 -> {
          byte[] noise = new byte[random.nextInt(40)];
          random.nextBytes(noise);
          out = join(Arrays.copyOf(out, at), noise, Arrays.copyOfRange(out, at, out.length));
        }
        case 5 ->
          out = join(
              Arrays.copyOf(out, at),
              Arrays.copyOfRange(out, Math.min(out.length, at + 3), out.length));
        case 6 -> {
          byte[] rewritten = out.clone();
          for (int i = 6; i < Math.min(rewritten.length, 12); i++) {
            rewritten[i] = (byte) random.nextInt(256);
          }
          out = rewritten;
        }
        default -> {
          // as it is: broken ones come between good ones
        }
      }
    }
    return out;
  }
}
