package io.vedette.edge;

import static io.vedette.edge.RawSocket.BINARY;
import static io.vedette.edge.RawSocket.CLOSE;
import static io.vedette.edge.RawSocket.CONTINUATION;
import static io.vedette.edge.RawSocket.PING;
import static io.vedette.edge.RawSocket.PONG;
import static io.vedette.edge.RawSocket.TEXT;
import static io.vedette.edge.RawSocket.close;
import static io.vedette.edge.RawSocket.deflated;
import static io.vedette.edge.RawSocket.frame;
import static io.vedette.edge.RawSocket.join;
import static io.vedette.edge.RawSocket.text;
import static io.vedette.edge.RawSocket.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.edge.RawSocket.Seen;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
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

/**
 * What RFC 6455 and RFC 7692 allow and forbid, row by row over real sockets, in the order of the public Autobahn suite: framing, pings, reserved bits, opcodes, fragments, UTF-8, closing, limits,
 * compression. A row ends with the session alive, shown by an answer, or with its close code and the end of the stream.
 */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // the edge is started before all tests
class FramingTableTest {
  private static final String DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate";
  private static final int FIN = 0x80;
  private static final int RSV1 = 0x40;
  private static final int LIMIT = 65_536;

  /** Asked when a row should leave the session alive; answered on every door. */
  private static final byte[] PROBE = text("{}");

  private RunningEdge edge;

  @BeforeAll
  void start() {
    edge = new RunningEdge(3, Map.of("edge.auth.anonymous-role", "viewer"));
  }

  @AfterAll
  void stop() {
    RunningEdge.until("every session is gone", () -> edge.sessions() == 0);
    edge.close();
  }

  /** @param codes close codes, any of which will do; none means that the session stays */
  record Row(
      String name,
      boolean compressed,
      List<byte[]> writes,
      List<String> answers,
      List<Integer> codes) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Row alive(String name, byte[] bytes, String... answers) {
    return new Row(name, false, List.of(bytes), List.of(answers), List.of());
  }

  private static Row closed(String name, int code, byte[]... writes) {
    return new Row(name, false, List.of(writes), List.of(), List.of(code));
  }

  private static Row octets(Row row) {
    List<byte[]> octets = new ArrayList<>();
    for (byte[] write : row.writes()) {
      for (byte octet : write) {
        octets.add(new byte[] {octet});
      }
    }
    return new Row(
        row.name() + ", octet by octet", row.compressed(), octets, row.answers(), row.codes());
  }

  private static Row deflating(Row row) {
    return new Row(
        row.name() + ", compression negotiated", true, row.writes(), row.answers(), row.codes());
  }

  private static String unknown(String address) {
    return "{\"type\":\"register\",\"address\":\"" + address + "\"}";
  }

  /** A message of so many bytes that is answered. */
  private static byte[] sized(int bytes) {
    String head = "{\"type\":\"ask\",\"x\":\"";
    return utf8(head + "x".repeat(bytes - head.length() - 2) + "\"}");
  }

  static Stream<Row> framing() {
    List<Row> rows = new ArrayList<>();
    for (int size : List.of(125, 126, 127, 128, 32_768, 65_535, LIMIT)) {
      Row row = alive("text of " + size, frame(FIN | TEXT, sized(size)), "invalid_type");
      rows.add(row);
      rows.add(alive("binary of " + size, frame(FIN | BINARY, sized(size)), "invalid_type"));
      if (size < 1_000) {
        rows.add(octets(row));
      }
    }
    rows.add(alive("empty text on a raw bridge", frame(FIN | TEXT, new byte[0]), "invalid_json"));
    rows.add(
        alive("empty binary on a raw bridge", frame(FIN | BINARY, new byte[0]), "invalid_json"));
    rows.add(closed("text beyond the limit", 1009, frame(FIN | TEXT, sized(LIMIT + 1))));
    rows.add(closed("binary beyond the limit", 1009, frame(FIN | BINARY, sized(LIMIT + 1))));
    rows.add(closed("length 2^63", 1002, header(FIN | TEXT, Long.MIN_VALUE)));
    rows.add(closed("length 2^64-1", 1002, header(FIN | TEXT, -1)));
    rows.add(closed("length 2^63-1", 1009, header(FIN | TEXT, Long.MAX_VALUE)));
    rows.add(closed("length 2^31", 1009, header(FIN | TEXT, 1L << 31)));
    rows.add(closed("length 10 MB", 1009, header(FIN | TEXT, 10_000_000)));
    rows.add(closed("length 126 as 16 bits of 5", 1002, minimal(126, 2, 5)));
    rows.add(closed("length 127 as 64 bits of 5", 1002, minimal(127, 8, 5)));
    rows.add(closed("unmasked text", 1002, unmasked(FIN | TEXT, utf8("{}"))));
    rows.add(closed("unmasked ping", 1002, unmasked(FIN | PING, utf8("p"))));
    rows.add(closed("unmasked close", 1002, unmasked(FIN | CLOSE, new byte[] {3, (byte) 0xe8})));
    return rows.stream();
  }

  static Stream<Row> pings() {
    List<Row> rows = new ArrayList<>();
    rows.add(alive("ping without payload", frame(FIN | PING, new byte[0]), "pong:"));
    rows.add(alive("ping", frame(FIN | PING, utf8("Hello")), "pong:Hello"));
    rows.add(alive(
        "ping of no text",
        frame(FIN | PING, new byte[] {0, (byte) 0xff, (byte) 0xfe, (byte) 0x80}),
        "pong:"));
    Row longest =
        alive("ping of 125", frame(FIN | PING, utf8("x".repeat(125))), "pong:" + "x".repeat(125));
    rows.add(longest);
    rows.add(octets(longest));
    rows.add(closed("ping of 126", 1002, frame(FIN | PING, utf8("x".repeat(126)))));
    rows.add(alive("unasked pong", frame(FIN | PONG, new byte[0])));
    rows.add(alive(
        "unasked pong, then ping",
        join(frame(FIN | PONG, utf8("a")), frame(FIN | PING, utf8("b"))),
        "pong:b"));
    byte[][] ten = new byte[10][];
    String[] answers = new String[10];
    for (int i = 0; i < 10; i++) {
      ten[i] = frame(FIN | PING, utf8("payload-" + i));
      answers[i] = "pong:payload-" + i;
    }
    rows.add(alive("ten pings", join(ten), answers));
    return rows.stream();
  }

  static Stream<Row> reservedBits() {
    List<Row> rows = new ArrayList<>();
    for (int bits = 1; bits <= 7; bits++) {
      int reserved = bits << 4;
      rows.add(
          closed("reserved " + bits + " on text", 1002, frame(FIN | reserved | TEXT, utf8("{}"))));
      rows.add(closed(
          "reserved " + bits + " on binary behind a good message",
          1002,
          frame(FIN | reserved | BINARY, utf8("{}"))));
      rows.add(
          closed("reserved " + bits + " on ping", 1002, frame(FIN | reserved | PING, utf8("p"))));
      rows.add(
          closed("reserved " + bits + " on close", 1002, frame(FIN | reserved | CLOSE, new byte[] {
            3, (byte) 0xe8
          })));
      rows.add(closed(
          "reserved " + bits + " on a continuation",
          1002,
          frame(TEXT, utf8("{")),
          frame(FIN | reserved | CONTINUATION, utf8("}"))));
    }
    List<Row> all = new ArrayList<>(rows);
    rows.stream()
        .filter(row -> !row.name().startsWith("reserved 4 on text")
            && !row.name().startsWith("reserved 4 on binary"))
        .map(FramingTableTest::deflating)
        .forEach(all::add);
    return all.stream();
  }

  static Stream<Row> opcodes() {
    return Stream.of(3, 4, 5, 6, 7, 11, 12, 13, 14, 15)
        .flatMap(opcode -> Stream.of(
            closed("opcode " + opcode + " empty", 1002, frame(FIN | opcode, new byte[0])),
            closed("opcode " + opcode, 1002, frame(FIN | opcode, utf8("reserved"))),
            closed("opcode " + opcode + " not last", 1002, frame(opcode, utf8("reserved"))),
            closed(
                "opcode " + opcode + " between fragments",
                1002,
                frame(TEXT, utf8("{")),
                frame(FIN | opcode, utf8("reserved")))));
  }

  static Stream<Row> fragments() {
    byte[] half = frame(TEXT, utf8("{\"type\""));
    byte[] rest = frame(FIN | CONTINUATION, utf8(":\"ask\"}"));
    byte[][] single = new byte[14][];
    byte[] letters = utf8("{\"type\":\"ask\"}");
    for (int i = 0; i < letters.length; i++) {
      single[i] = frame(
          (i == letters.length - 1 ? FIN : 0) | (i == 0 ? TEXT : CONTINUATION),
          new byte[] {letters[i]});
    }
    byte[] empty = frame(CONTINUATION, new byte[0]);
    List<Row> rows = new ArrayList<>(List.of(
        alive("two fragments", join(half, rest), "invalid_type"),
        alive(
            "binary in two fragments",
            join(frame(BINARY, utf8("{\"type\"")), rest),
            "invalid_type"),
        alive("a fragment for each letter", join(single), "invalid_type"),
        alive(
            "empty fragments",
            join(frame(TEXT, new byte[0]), empty, empty, half(), rest),
            "invalid_type"),
        alive(
            "ping between fragments",
            join(half, frame(FIN | PING, utf8("between")), rest),
            "pong:between",
            "invalid_type"),
        alive(
            "pong between fragments",
            join(half, frame(FIN | PONG, utf8("between")), rest),
            "invalid_type"),
        closed(
            "ping in two fragments",
            1002,
            frame(PING, utf8("a")),
            frame(FIN | CONTINUATION, utf8("b"))),
        closed(
            "pong in two fragments",
            1002,
            frame(PONG, utf8("a")),
            frame(FIN | CONTINUATION, utf8("b"))),
        closed(
            "close in two fragments",
            1002,
            frame(CLOSE, new byte[] {3}),
            frame(FIN | CONTINUATION, new byte[] {(byte) 0xe8})),
        closed("continuation of nothing, last", 1002, frame(FIN | CONTINUATION, utf8("{}"))),
        closed("continuation of nothing", 1002, frame(CONTINUATION, utf8("{}"))),
        closed(
            "continuation behind a whole message",
            1002,
            text("{}"),
            frame(FIN | CONTINUATION, utf8("{}"))),
        closed("text within fragments", 1002, half, text("{}")),
        closed("binary within fragments", 1002, half, frame(FIN | BINARY, utf8("{}"))),
        closed(
            "fragments beyond the limit",
            1009,
            frame(TEXT, sized(LIMIT)),
            frame(FIN | CONTINUATION, utf8("x"))),
        closed("fragments that never end", 1009, many(40, 2_000)),
        new Row(
            "close within fragments",
            false,
            List.of(half, close(1000, "")),
            List.of(),
            List.of(1000))));
    List<Row> all = new ArrayList<>(rows);
    rows.stream()
        .filter(row -> row.writes().get(0).length < 200)
        .map(FramingTableTest::octets)
        .forEach(all::add);
    return all.stream();
  }

  private static byte[] half() {
    return frame(CONTINUATION, utf8("{\"type\""));
  }

  private static byte[] many(int count, int bytes) {
    byte[][] parts = new byte[count][];
    for (int i = 0; i < count; i++) {
      parts[i] = frame(i == 0 ? TEXT : CONTINUATION, new byte[bytes]);
    }
    return join(parts);
  }

  static Stream<Row> unicode() {
    List<Row> rows = new ArrayList<>();
    for (String good : List.of(
        "Hello-\u00b5@\u00df\u00f6\u00e4\u00fc\u00e0\u00e1-UTF-8!!",
        "\u03ba\u1f79\u03c3\u03bc\u03b5",
        "\u5fc3\u8df3",
        "\ud7ff\ue000\ufffd\ufffe\uffff",
        new String(Character.toChars(0x1f600)),
        new String(Character.toChars(0x10ffff)))) {
      byte[] message = utf8(unknown(good));
      rows.add(alive("text " + good, frame(FIN | TEXT, message), good));
      rows.add(alive("binary " + good, frame(FIN | BINARY, message), good));
      byte[][] letters = new byte[message.length][];
      for (int i = 0; i < message.length; i++) {
        letters[i] = frame(
            (i == message.length - 1 ? FIN : 0) | (i == 0 ? TEXT : CONTINUATION),
            new byte[] {message[i]});
      }
      rows.add(alive("every code point split: " + good, join(letters), good));
    }
    for (String bad : List.of(
        "80",
        "bf",
        "80bf80",
        "c0",
        "c0af",
        "c1bf",
        "e0809f",
        "e09fbf",
        "f0808080",
        "f08fbfbf",
        "f8888080",
        "f88080808a",
        "fc848080",
        "fc80808080af",
        "fe",
        "ff",
        "feff",
        "eda080",
        "edafbf",
        "edb080",
        "edbfbf",
        "eda080edb080",
        "f4908080",
        "f7bfbfbf",
        "ce",
        "cebae1bd",
        "f0908d",
        "cebae1bdb9cf83cebcceb5eda080656469746564",
        "cebae1bdb9cf83cebcceb5f4908080656469746564")) {
      byte[] bytes = java.util.HexFormat.of().parseHex(bad);
      byte[] message = join(utf8("{\"a\":\""), bytes, utf8("\"}"));
      rows.add(closed("text " + bad, 1007, frame(FIN | TEXT, message)));
      rows.add(closed("text " + bad + " alone", 1007, frame(FIN | TEXT, bytes)));
      rows.add(closed("binary " + bad, 1003, frame(FIN | BINARY, message)));
      rows.add(closed(
          "text " + bad + " split",
          1007,
          frame(TEXT, utf8("{\"a\":\"")),
          frame(CONTINUATION, Arrays.copyOf(bytes, 1)),
          frame(CONTINUATION, Arrays.copyOfRange(bytes, 1, bytes.length)),
          frame(FIN | CONTINUATION, utf8("\"}"))));
    }
    return rows.stream();
  }

  static Stream<Row> closing() {
    List<Row> rows = new ArrayList<>();
    rows.add(new Row(
        "close without code",
        false,
        List.of(frame(FIN | CLOSE, new byte[0])),
        List.of(),
        List.of(1000, 1005)));
    rows.add(closed("close of one byte", 1002, frame(FIN | CLOSE, new byte[] {3})));
    for (int code : List.of(
        1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000,
        4999)) {
      rows.add(closed("close " + code, code, close(code, "")));
      rows.add(closed("close " + code + " with a reason", code, close(code, "bye")));
    }
    for (int code : List.of(0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999)) {
      rows.add(closed("close " + code + ", which is none", 1002, close(code, "")));
    }
    for (int code : List.of(5000, 32_768, 65_535)) { // RFC 6455 says nothing about these
      rows.add(new Row(
          "close " + code, false, List.of(close(code, "")), List.of(), List.of(1002, code)));
    }
    rows.add(closed("close with 123 bytes of reason", 1000, close(1000, "r".repeat(123))));
    rows.add(closed("close with 124 bytes of reason", 1002, close(1000, "r".repeat(124))));
    rows.add(new Row(
        "close whose reason is no UTF-8",
        false,
        List.of(frame(FIN | CLOSE, new byte[] {3, (byte) 0xe8, (byte) 0xce, (byte) 0xff})),
        List.of(),
        List.of(1007, 1002)));
    rows.add(closed("text behind a close", 1000, join(close(1000, ""), text("{}"))));
    rows.add(closed(
        "ping behind a close", 1000, join(close(1000, ""), frame(FIN | PING, utf8("late")))));
    rows.add(closed("two closes", 1000, join(close(1000, ""), close(1001, ""))));
    rows.add(closed(
        "broken frame behind a close",
        1000,
        join(close(1000, ""), frame(FIN | 0x70 | 15, utf8("x")))));
    return rows.stream();
  }

  static Stream<Row> compression() throws IOException {
    byte[] question = deflated(utf8("{\"type\":\"ask\",\"x\":\"" + "abc".repeat(200) + "\"}"));
    byte[] half = Arrays.copyOf(question, question.length / 2);
    byte[] rest = Arrays.copyOfRange(question, question.length / 2, question.length);
    byte[] large = deflated(sized(LIMIT));
    byte[] bomb = deflated(new byte[50_000_000]);
    assertThat(bomb.length).isLessThan(LIMIT);
    byte[] broken = question.clone();
    Arrays.fill(broken, 0, 8, (byte) 0xff);
    List<Row> rows = new ArrayList<>(List.of(
        alive("compressed text", frame(FIN | RSV1 | TEXT, question), "invalid_type"),
        alive("compressed binary", frame(FIN | RSV1 | BINARY, question), "invalid_type"),
        alive(
            "compressed text, three times",
            join(
                frame(FIN | RSV1 | TEXT, question),
                frame(FIN | RSV1 | TEXT, question),
                frame(FIN | RSV1 | TEXT, question)),
            "invalid_type",
            "invalid_type",
            "invalid_type"),
        alive("plain text", text("{\"type\":\"ask\"}"), "invalid_type"),
        alive(
            "plain between compressed",
            join(
                frame(FIN | RSV1 | TEXT, question),
                text("{\"type\":5}"),
                frame(FIN | RSV1 | TEXT, question)),
            "invalid_type",
            "missing_type",
            "invalid_type"),
        alive(
            "compressed in fragments",
            join(frame(RSV1 | TEXT, half), frame(FIN | CONTINUATION, rest)),
            "invalid_type"),
        alive(
            "ping between compressed fragments",
            join(
                frame(RSV1 | TEXT, half),
                frame(FIN | PING, utf8("p")),
                frame(FIN | CONTINUATION, rest)),
            "pong:p",
            "invalid_type"),
        alive("compressed at the limit", frame(FIN | RSV1 | TEXT, large), "invalid_type"),
        closed(
            "compressed continuation",
            1002,
            frame(RSV1 | TEXT, half),
            frame(FIN | RSV1 | CONTINUATION, rest)),
        closed("compressed ping", 1002, frame(FIN | RSV1 | PING, deflated(utf8("p")))),
        closed(
            "inflates beyond the limit",
            1009,
            frame(FIN | RSV1 | TEXT, deflated(sized(LIMIT + 1)))),
        closed("bomb", 1009, frame(FIN | RSV1 | TEXT, bomb)),
        closed(
            "bomb in fragments",
            1009,
            frame(RSV1 | TEXT, Arrays.copyOf(bomb, 20_000)),
            frame(FIN | CONTINUATION, Arrays.copyOfRange(bomb, 20_000, bomb.length))),
        new Row(
            "no deflate at all",
            true,
            List.of(frame(FIN | RSV1 | TEXT, utf8("no deflate"))),
            List.of(),
            List.of(1002, 1007)),
        new Row(
            "broken deflate",
            true,
            List.of(frame(FIN | RSV1 | TEXT, broken)),
            List.of(),
            List.of(1002, 1007)),
        alive(
            "truncated deflate, which spoils nothing behind it",
            join(frame(FIN | RSV1 | TEXT, half), frame(FIN | RSV1 | TEXT, question)),
            "invalid_json",
            "invalid_type"),
        closed(
            "compressed text that is no UTF-8",
            1007,
            frame(FIN | RSV1 | TEXT, deflated(new byte[] {'{', (byte) 0xff, (byte) 0xfe})))));
    return rows.stream().map(FramingTableTest::deflating);
  }

  @ParameterizedTest
  @MethodSource({
    "framing",
    "pings",
    "reservedBits",
    "opcodes",
    "fragments",
    "unicode",
    "closing",
    "compression"
  })
  void row(Row row) throws Exception {
    run(edge, row, "/eventbus/websocket");
    run(edge, row, "/monitor");
  }

  static void run(RunningEdge edge, Row row, String door) throws Exception {
    boolean monitor = door.equals("/monitor");
    if (monitor && row.answers().contains("invalid_json")) {
      return; // an empty text is a heartbeat there
    }
    try (RawSocket socket = row.compressed()
        ? new RawSocket(edge.port, door, DEFLATE)
        : new RawSocket(edge.port, door)) {
      assertThat(socket.status()).as(socket.answer).isEqualTo(101);
      assertThat(socket.compresses()).isEqualTo(row.compressed());
      if (monitor) {
        assertThat(socket.next().text()).contains("welcome");
      }
      for (byte[] write : row.writes()) {
        socket.send(write);
      }
      for (String answer : row.answers()) {
        Seen seen = socket.next();
        if (answer.startsWith("pong:")) {
          assertThat(seen.opcode()).as(door + ": " + seen).isEqualTo(PONG);
          assertThat(seen.text()).startsWith(answer.substring(5));
        } else {
          assertThat(seen.text()).as(door).contains(answer);
        }
      }
      if (row.codes().isEmpty()) {
        socket.send(PROBE);
        assertThat(socket.next().text()).as(door).contains("missing_type");
        socket.send(close(1000, ""));
        assertThat(socket.closeCode()).as(door + ": the way out").isEqualTo(1000);
      } else {
        assertThat(row.codes()).as(door + ": close code").contains(socket.closeCode());
      }
    }
  }

  /** Offers of RFC 7692, section 7.1: what we accept we accept without context takeover, the rest is declined and the socket opens without it. */
  @Test
  void offers() throws Exception {
    for (String offer : List.of(
        "permessage-deflate",
        "permessage-deflate; client_max_window_bits",
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
        "permessage-deflate; client_max_window_bits; server_no_context_takeover",
        "x-unknown, permessage-deflate",
        "permessage-deflate; server_max_window_bits=9, permessage-deflate")) {
      try (RawSocket socket =
          new RawSocket(edge.port, "/monitor", "Sec-WebSocket-Extensions: " + offer)) {
        assertThat(socket.status()).as(offer).isEqualTo(101);
        assertThat(socket.answer)
            .as(offer)
            .containsIgnoringCase("permessage-deflate")
            .contains("server_no_context_takeover")
            .contains("client_no_context_takeover");
        alive(offer, socket);
      }
    }
    for (String offer : List.of(
        "",
        "x-unknown",
        "permessage-bzip2",
        "permessage-deflate; unknown=1",
        "permessage-deflate; server_max_window_bits=15",
        "permessage-deflate; server_max_window_bits=9",
        "permessage-deflate; server_max_window_bits=7",
        "permessage-deflate; server_max_window_bits=x",
        "permessage-deflate; client_max_window_bits=99",
        ";;;,,,=",
        "permessage-deflate; \"")) {
      try (RawSocket socket =
          new RawSocket(edge.port, "/monitor", "Sec-WebSocket-Extensions: " + offer)) {
        // Netty cuts the connection over a number that is none.
        assertThat(socket.status()).as(offer).isIn(101, 400, RawSocket.CUT);
        if (socket.status() == 101) {
          assertThat(socket.compresses()).as(offer + ": " + socket.answer).isFalse();
          alive(offer, socket);
        }
      }
    }
  }

  /** The other rows let the server hear the end of the client's stream behind the close frame; here it must find the end by itself. */
  @Test
  void aBrokenSocketIsCutEvenIfItsClientHoldsOn() throws Exception {
    try (RawSocket socket = new RawSocket(edge.port, "/monitor")) {
      socket.send(frame(FIN | 3, utf8("reserved")));
      Seen seen = socket.nextBut("welcome");
      assertThat(seen.closeCode()).isEqualTo(1002);
      assertThat(socket.next()).isEqualTo(RawSocket.END);
    }
  }

  private static void alive(String what, RawSocket socket) throws IOException {
    socket.send(PROBE);
    assertThat(socket.nextBut("welcome").text()).as(what).contains("missing_type");
  }

  /** A handshake that is none gets an HTTP answer, never a socket. */
  @Test
  void handshakes() throws Exception {
    String good = RawSocket.upgrade("localhost", "/monitor");
    Map<String, String> rows = Map.of(
        "no key", good.replaceAll("Sec-WebSocket-Key:[^\\r]*\\r\\n", ""),
        "version 12", good.replace("Version: 13", "Version: 12"),
        "no version", good.replaceAll("Sec-WebSocket-Version:[^\\r]*\\r\\n", ""),
        "no connection header", good.replaceAll("Connection:[^\\r]*\\r\\n", ""),
        "POST", good.replace("GET ", "POST "));
    for (Map.Entry<String, String> row : rows.entrySet()) {
      try (var socket = RawSocket.connect(edge.port)) {
        socket.setSoTimeout((int) RunningEdge.LIMIT_MS);
        socket.getOutputStream().write(utf8(row.getValue()));
        byte[] answer = new byte[4096];
        int length = socket.getInputStream().read(answer);
        String text = length < 0
            ? ""
            : new String(answer, 0, length, java.nio.charset.StandardCharsets.US_ASCII);
        assertThat(text).as(row.getKey()).doesNotContain(" 101 ").startsWith("HTTP/1.1 4");
      }
    }
  }

  private static byte[] header(int head, long length) {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    RawSocket.header(frame, head, length, true);
    return frame.toByteArray();
  }

  private static byte[] minimal(int marker, int bytes, int length) {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    frame.write(FIN | TEXT);
    frame.write(0x80 | marker);
    for (int i = 0; i < bytes - 1; i++) {
      frame.write(0);
    }
    frame.write(length);
    frame.writeBytes(new byte[4 + length]);
    return frame.toByteArray();
  }

  private static byte[] unmasked(int head, byte[] payload) {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    RawSocket.header(frame, head, payload.length, false);
    frame.writeBytes(payload);
    return frame.toByteArray();
  }
}
