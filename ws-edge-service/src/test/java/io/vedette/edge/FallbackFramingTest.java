package io.vedette.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.edge.RawSocket.Seen;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The same table where the shared frames do not work, and so neither their guard nor compression: the same limits, by Vert.x' public API. */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // the edge is started before all tests
class FallbackFramingTest {
  private static final int NO_CLOSE_FRAME = 1006;

  private RunningEdge edge;

  @BeforeAll
  void start() {
    edge = new RunningEdge(
        3,
        Map.of("edge.auth.anonymous-role", "viewer"),
        (vertx, frames) -> Future.failedFuture("another Vert.x"));
    assertThat(edge.service().frames()).isNull();
  }

  @AfterAll
  void stop() {
    RunningEdge.until("every session is gone", () -> edge.sessions() == 0);
    edge.close();
  }

  static Stream<FramingTableTest.Row> rows() {
    return Stream.of(
            FramingTableTest.framing(),
            FramingTableTest.pings(),
            FramingTableTest.reservedBits(),
            FramingTableTest.opcodes(),
            FramingTableTest.fragments(),
            FramingTableTest.unicode(),
            FramingTableTest.closing())
        .flatMap(rows -> rows)
        .filter(row -> !row.compressed())
        .map(FallbackFramingTest::orCut);
  }

  /** What breaks the protocol and is read together with what did not is cut off before our close frame is flushed. */
  private static FramingTableTest.Row orCut(FramingTableTest.Row row) {
    List<Integer> codes = new ArrayList<>(row.codes());
    if (row.writes().size() > 1 && !codes.isEmpty()) {
      codes.add(NO_CLOSE_FRAME);
    }
    return new FramingTableTest.Row(
        row.name(), row.compressed(), row.writes(), row.answers(), codes);
  }

  @ParameterizedTest
  @MethodSource("rows")
  void row(FramingTableTest.Row row) throws Exception {
    FramingTableTest.run(edge, row, "/eventbus/websocket");
    FramingTableTest.run(edge, row, "/monitor");
  }

  /** No bombs without compression: it is declined, and a frame that claims to be compressed breaks the protocol. */
  @Test
  void compressionIsDeclined() throws Exception {
    try (RawSocket socket =
        new RawSocket(edge.port, "/monitor", "Sec-WebSocket-Extensions: permessage-deflate")) {
      assertThat(socket.compresses()).isFalse();
      socket.send(
          RawSocket.frame(0x80 | 0x40 | RawSocket.TEXT, RawSocket.deflated(new byte[1 << 20])));
      Seen seen = socket.nextBut("welcome");
      assertThat(seen.closeCode()).isEqualTo(1002);
      assertThat(socket.next()).isEqualTo(RawSocket.END);
    }
  }
}
