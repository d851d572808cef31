package io.vedette.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.vedette.model.RecordView;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What senders get wrong, each between two good neighbours of the same request: kept as documented, or refused with what was found and expected. The neighbours never notice. */
class BadInputTest {
  private static final int LIMIT = 256 * 1024;

  @SuppressWarnings("NullAway.Init") // by start()
  private static TestCollector collector;

  @BeforeAll
  static void start() {
    collector =
        new TestCollector().start(Map.of("collector.record.max-bytes", Integer.toString(LIMIT)));
  }

  @AfterAll
  static void stop() {
    collector.close();
  }

  static Stream<Arguments> kept() {
    return Stream.of(
        arguments(
            "invalid UTF-8 is escaped and flagged",
            bytes("{\"message\":\"a", 0xff, 0xc3, "b\"}"),
            says("\"message\":\"a\\\\xff\\\\xc3b\"", "\"invalid-utf8\"")),
        arguments(
            "U+0000 is escaped and flagged, escaped or raw",
            bytes("{\"message\":\"a\\u0000b", 0, "c\"}"),
            says("\"message\":\"a\\u0000b\\u0000c\"", "\"nul\"")),
        arguments(
            "of duplicate keys the last counts, the others are kept aside",
            bytes("{\"message\":\"first\",\"message\":\"second\"}"),
            says("\"message\":\"second\"", "\"first\"", "\"duplicate-keys\"")),
        arguments(
            "numbers beyond double precision keep their digits as text",
            bytes("{\"message\":\"m\",\"a\":9007199254740993,\"b\":1e400,\"c\":1.10}"),
            says(
                "\"a\":\"9007199254740993\"",
                "\"b\":\"1e400\"",
                "\"c\":1.1}",
                "\"number-as-text\"")),
        arguments(
            "1970",
            bytes("{\"message\":\"m\",\"time\":\"1970-01-01T00:00:00Z\"}"),
            says("\"time\":\"1970-01-01T00:00:00.000000000Z\"")),
        arguments(
            "2200",
            bytes("{\"message\":\"m\",\"time\":\"2200-06-30T12:00:00.5+02:00\"}"),
            says("\"time\":\"2200-06-30T10:00:00.500000000Z\"")),
        arguments("10,000 attributes", attributes(10_000), (Consumer<String>)
            json -> assertThat(new RecordView(json.getBytes(StandardCharsets.UTF_8)).attributes())
                .hasSize(10_000)
                .containsEntry("attribute9999", 9999L)));
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        arguments(
            "above the size limit",
            bytes("{\"message\":\"" + "x".repeat(LIMIT) + "\"}"),
            "too-large",
            LIMIT + " bytes (collector.record.max-bytes)"),
        arguments(
            "NaN",
            bytes("{\"message\":\"m\",\"x\":NaN}"),
            "invalid-json",
            "JSON, which has no NaN"),
        arguments(
            "a known field of another type",
            bytes("{\"message\":\"m\",\"severity\":42}"),
            "wrong-value",
            "1..24"),
        arguments("no record at all", bytes("{\"x\":1}"), "", "at least one of them"),
        arguments(
            "no time at all", bytes("{\"message\":\"m\",\"time\":\"soon\"}"), "", "RFC 3339"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("kept")
  void isKept(String what, byte[] value, Consumer<String> expected) throws Exception {
    JsonObject receipt = between(what, value, 3, 0);
    long first = receipt.getLong("first_index");
    assertNeighbours(what, first, first + 2);
    expected.accept(new String(collector.canonical(first + 1), StandardCharsets.UTF_8));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refused")
  void isRefusedWithItsReason(String what, byte[] value, String reason, String expected)
      throws Exception {
    JsonObject receipt = between(what, value, 2, 1);
    long first = receipt.getLong("first_index");
    assertNeighbours(what, first, first + 1);
    JsonObject rejection = receipt.getJsonArray("rejections").getJsonObject(0);
    assertThat(rejection.getLong("line")).isEqualTo(2);
    assertThat(rejection.getString("reason")).contains(reason);
    assertThat(rejection.getString("expected")).contains(expected);
    assertThat(rejection.getString("found")).isNotEmpty();
    // and alone it is a problem with the same words
    HttpResponse<String> alone = collector.post(value);
    assertThat(alone.statusCode()).isEqualTo(reason.equals("too-large") ? 413 : 400);
    assertThat(new JsonObject(alone.body()).getString("expected"))
        .isEqualTo(rejection.getString("expected"));
  }

  private static JsonObject between(String what, byte[] value, int accepted, int rejected)
      throws Exception {
    long size = collector.server().number("SELECT size FROM vedette.trail_head");
    HttpResponse<String> answer = collector.post(bytes(
        "{\"message\":\"before " + what + "\"}\n",
        value,
        "\n{\"message\":\"after " + what + "\"}\n"));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    JsonObject receipt = new JsonObject(answer.body());
    assertThat(receipt.getInteger("accepted")).as(answer.body()).isEqualTo(accepted);
    assertThat(receipt.getInteger("rejected")).isEqualTo(rejected);
    assertThat(receipt.containsKey("quarantined")).isFalse();
    long first = receipt.getLong("first_index");
    assertThat(first)
        .isGreaterThanOrEqualTo(size); // what was refused before may be told in between
    assertThat(receipt.getLong("last_index")).isEqualTo(first + accepted - 1);
    return receipt;
  }

  private static void assertNeighbours(String what, long before, long after) {
    assertThat(new RecordView(collector.canonical(before)).text("message"))
        .isEqualTo("before " + what);
    assertThat(new RecordView(collector.canonical(after)).text("message"))
        .isEqualTo("after " + what);
  }

  private static Consumer<String> says(String... parts) {
    return json -> assertThat(json).contains(parts);
  }

  private static byte[] attributes(int count) {
    StringBuilder json = new StringBuilder("{\"message\":\"m\"");
    for (int i = 0; i < count; i++) {
      json.append(",\"attribute").append(i).append("\":").append(i);
    }
    return bytes(json.append('}').toString());
  }

  /** Texts, bytes and single byte values, one after the other. */
  private static byte[] bytes(Object... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (Object part : parts) {
      if (part instanceof Integer one) {
        all.write(one);
      } else {
        all.writeBytes(
            part instanceof byte[] raw ? raw : part.toString().getBytes(StandardCharsets.UTF_8));
      }
    }
    return all.toByteArray();
  }
}
