package io.vedette.edge.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrameParserTest {
  private final FrameParser parser = new FrameParser(200);

  private ClientFrame parse(String text) {
    return parser.parse(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void registerKeepsPlainHeadersAsText() {
    assertThat(
            parse(
                "{\"type\":\"register\",\"address\":\"records\",\"headers\":{\"position\":\"e:1\",\"limit\":5,\"x\":null}}"))
        .isEqualTo(new ClientFrame.Register("records", Map.of("position", "e:1", "limit", "5")));
  }

  @Test
  void aBodyIsKeptAsItsJson() {
    ClientFrame frame = parse(
        "{\"body\":{\"a\":[1,2.50,\"\u5fc3\"]},\"address\":\"x\",\"type\":\"send\",\"replyAddress\":\"r\",\"more\":{\"b\":1}}");
    assertThat(frame).isInstanceOf(ClientFrame.Send.class);
    ClientFrame.Send send = (ClientFrame.Send) frame;
    assertThat(send.body()).isEqualTo(ServerFrames.utf8("{\"a\":[1,2.50,\"\u5fc3\"]}"));
    assertThat(send.replyAddress()).isEqualTo("r");
  }

  @ParameterizedTest(name = "{0} is {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "nothing                                                    | INVALID_JSON",
        "[]                                                         | INVALID_JSON",
        "{                                                          | INVALID_JSON",
        "{} {}                                                      | INVALID_JSON",
        "{\"type\":\"ping\",\"type\":\"ping\"}                      | INVALID_JSON",
        "{\"type\":null}                                            | MISSING_TYPE",
        "{\"type\":{\"a\":1}}                                       | MISSING_TYPE",
        "{\"type\":\"register\",\"address\":\"\"}                   | MISSING_ADDRESS",
        "{\"type\":\"register\",\"address\":7}                      | MISSING_ADDRESS",
        "{\"type\":\"REGISTER\",\"address\":\"a\"}                  | INVALID_TYPE",
        "{\"type\":\"register\",\"address\":\"a\",\"headers\":[]}   | REJECTED",
        "{\"type\":\"register\",\"address\":\"a\",\"headers\":{\"b\":{}}} | REJECTED",
        "{\"type\":\"send\",\"address\":\"a\",\"replyAddress\":{}}  | REJECTED"
      })
  void whatIsNoFrameNamesItsCode(String text, ErrorCode code) {
    ClientFrame frame = parse(text.strip());
    assertThat(frame).isInstanceOf(ClientFrame.Invalid.class);
    assertThat(((ClientFrame.Invalid) frame).code()).isEqualTo(code);
  }

  @Test
  void depthIsBounded() {
    String deep = "{\"type\":\"send\",\"address\":\"a\",\"body\":" + "[".repeat(10_000)
        + "]".repeat(10_000) + "}";
    assertThat(parse(deep)).isInstanceOf(ClientFrame.Invalid.class);
  }

  /** A hundred thousand mutants of good frames: an answer for each, and nothing thrown. */
  @Test
  void mutatedFramesNeverThrow() {
    Random random = new Random(42);
    byte[][] good = {
      ServerFrames.utf8(
          "{\"type\":\"register\",\"address\":\"records\",\"headers\":{\"position\":\"new\"}}"),
      ServerFrames.utf8(
          "{\"type\":\"send\",\"address\":\"alerts.acknowledge\",\"body\":{\"a\":[1,null,true]},\"replyAddress\":\"r1\"}"),
      ServerFrames.utf8("{\"type\":\"ping\"}")
    };
    for (int i = 0; i < 100_000; i++) {
      byte[] mutant = good[i % good.length].clone();
      for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
        mutant[random.nextInt(mutant.length)] = (byte) random.nextInt(256);
      }
      assertThat(parser.parse(mutant)).isNotNull();
    }
  }

  @ParameterizedTest
  @CsvSource({"e:1,e,1", "a:b:7,a:b,7", "e:-1,e,-1"})
  void positionsAreEpochAndOffset(String text, String epoch, long offset) {
    assertThat(Position.parse(text)).isEqualTo(new Position(epoch, offset)).hasToString(text);
  }

  @ParameterizedTest
  @CsvSource({"e", ":1", "e:", "e:x", "e:-2", "e:99999999999999999999"})
  void whatIsNoPositionIsNone(String text) {
    assertThat(Position.parse(text)).isNull();
  }

  @Test
  void framesSpliceBodiesVerbatim() {
    byte[] body =
        ServerFrames.recordBody(3, "2026-01-01T00:00:00Z", ServerFrames.utf8("{\"n\":1.50}"));
    assertThat(new String(ServerFrames.rec("records", "e:3", body), StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"type\":\"rec\",\"address\":\"records\",\"headers\":{\"position\":\"e:3\"},\"body\":{\"index\":3,\"at\":\"2026-01-01T00:00:00Z\",\"record\":{\"n\":1.50}}}");
  }
}
