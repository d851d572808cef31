package io.vedette.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.erdtman.jcs.JsonCanonicalizer;
import org.junit.jupiter.api.Test;

class RecordParserTest {
  private static final long OBSERVED_US = 1_800_000_000_123_456L;

  private final RecordParser parser = new RecordParser();

  private RecordDraft draft(String json) {
    Decoded decoded = parser.parse(json.getBytes(StandardCharsets.UTF_8), OBSERVED_US);
    assertThat(decoded).as(json).isInstanceOf(RecordDraft.class);
    return (RecordDraft) decoded;
  }

  private Rejection rejection(String json) {
    Decoded decoded = parser.parse(json.getBytes(StandardCharsets.UTF_8), OBSERVED_US);
    assertThat(decoded).as(json).isInstanceOf(Rejection.class);
    return (Rejection) decoded;
  }

  private static String canonical(RecordDraft draft) {
    return new String(CanonicalRecord.of(draft, "web").seal(7), StandardCharsets.UTF_8);
  }

  @Test
  void readsEveryKnownField() {
    RecordDraft draft = draft("""
            {"time":"2026-01-31T13:00:00.5+01:00","severity":"WARN","kind":"auth","actor":"alice","action":"login",
             "target":"db1","outcome":"Failure","origin":"10.0.0.1","session":"s1","message":"no","attributes":{"n":1.10}}
            """);
    assertThat(draft.time()).isEqualTo(Instant.parse("2026-01-31T12:00:00.5Z"));
    assertThat(canonical(draft))
        .isEqualTo(
            "{\"action\":\"login\",\"actor\":\"alice\",\"attributes\":{\"n\":1.1},\"kind\":\"auth\",\"message\":\"no\","
                + "\"observed\":\"2027-01-15T08:00:00.123456000Z\",\"origin\":\"10.0.0.1\",\"outcome\":\"failure\",\"sequence\":7,"
                + "\"session\":\"s1\",\"severity\":\"warn\",\"source\":\"web\",\"target\":\"db1\","
                + "\"time\":\"2026-01-31T12:00:00.500000000Z\",\"v\":1}");
  }

  @Test
  void unknownFieldsAndOursBecomeAttributes() {
    RecordDraft draft = draft(
        "{\"message\":\"m\",\"source\":\"forged\",\"sequence\":5,\"v\":9,\"x\":{\"y\":[1,null,true]}}");
    assertThat(draft.attributes())
        .containsEntry("source", "forged")
        .containsEntry("sequence", 5L)
        .containsEntry("v", 9L);
    assertThat(draft.attributes().get("x"))
        .isEqualTo(Map.of("y", java.util.Arrays.asList(1L, null, true)));
    assertThat(canonical(draft)).contains("\"source\":\"web\"", "\"sequence\":7,", "\"v\":1}");
  }

  @Test
  void aKnownFieldOfTheWrongTypeNamesWhatWasFoundAndExpected() {
    assertThat(rejection("{\"message\":42}").text())
        .isEqualTo("message: the number 42 (expected: a string)");
    assertThat(rejection("{\"message\":\"m\",\"severity\":42}").text())
        .isEqualTo("severity: 42 (expected: 1..24 or trace, debug, info, warn, error, fatal)");
    assertThat(rejection("{\"message\":\"m\",\"severity\":{}}").reason())
        .isEqualTo(Rejection.Reason.WRONG_TYPE);
    assertThat(rejection("{\"message\":\"m\",\"outcome\":\"maybe\"}").text())
        .isEqualTo("outcome: maybe (expected: success, failure, denied, unknown)");
    assertThat(rejection("{\"message\":\"m\",\"attributes\":[]}").text())
        .isEqualTo("attributes: an array (expected: an object)");
    assertThat(rejection("{\"message\":\"m\",\"time\":1234}").reason())
        .isEqualTo(Rejection.Reason.WRONG_TYPE);
    assertThat(rejection("{\"message\":\"m\",\"time\":\"yesterday\"}").text())
        .startsWith("time: yesterday (expected: an RFC 3339");
    assertThat(rejection("{\"actor\":\"a\"}").text())
        .isEqualTo("record: neither message nor action (expected: at least one of them, a string)");
    assertThat(rejection("{\"message\":null}").reason()).isEqualTo(Rejection.Reason.MISSING_FIELD);
    assertThat(rejection("[1]").reason()).isEqualTo(Rejection.Reason.NOT_AN_OBJECT);
    assertThat(rejection("").text()).isEqualTo("record: nothing (expected: a JSON object)");
    assertThat(rejection("{\"message\":\"a\"} x").reason())
        .isEqualTo(Rejection.Reason.INVALID_JSON);
    assertThat(rejection("{\"message\":\"a").reason()).isEqualTo(Rejection.Reason.INVALID_JSON);
  }

  @Test
  void nanAndInfinityAreNotJson() {
    assertThat(rejection("{\"message\":\"m\",\"x\":NaN}").text())
        .isEqualTo(
            "record: NaN at byte 22 (expected: JSON, which has no NaN and no Infinity: send null or a string)");
    assertThat(rejection("{\"message\":\"m\",\"x\":Infinity}").text()).contains("Infinity");
    assertThat(rejection("{\"message\":\"m\",\"x\":-Infinity}").reason())
        .isEqualTo(Rejection.Reason.INVALID_JSON);
  }

  @Test
  void numbersBeyondADoubleBecomeTextWithTheirDigits() {
    RecordDraft draft = draft(
        "{\"message\":\"m\",\"a\":0.1,\"b\":1.10,\"c\":1e22,\"d\":9007199254740993,\"e\":1e400,\"f\":-0,\"g\":1E-400,\"h\":12345678901234567890123}");
    assertThat(canonical(draft))
        .contains(
            "\"attributes\":{\"a\":0.1,\"b\":1.1,\"c\":1e+22,\"d\":\"9007199254740993\",\"e\":\"1e400\",\"f\":0,\"g\":\"1E-400\",\"h\":\"12345678901234567890123\"}");
    assertThat(draft.flags()).containsExactly(Flags.NUMBER_AS_TEXT);
    String digits = "9".repeat(100_000);
    assertThat(draft("{\"message\":\"m\",\"x\":" + digits + "}").attributes())
        .containsEntry("x", digits);
    assertThat(draft("{\"message\":\"m\",\"x\":1e99999999999999}").attributes())
        .containsEntry("x", "1e99999999999999");
    assertThat(draft("{\"message\":\"m\",\"x\":1." + "0".repeat(5000) + "}").attributes())
        .containsEntry("x", 1L);
  }

  @Test
  void aFineSeverityNumberIsKept() {
    RecordDraft draft = draft("{\"message\":\"m\",\"severity\":14}");
    assertThat(draft.severity()).isEqualTo(Severity.WARN);
    assertThat(draft.attributes()).containsEntry("severity_number", 14L);
    assertThat(draft("{\"message\":\"m\",\"severity\":13}").attributes()).isEmpty();
  }

  @Test
  void theLastOfDuplicateMembersCountsAndTheOthersAreKept() {
    RecordDraft draft = draft(
        "{\"message\":\"first\",\"x\":1,\"message\":\"second\",\"x\":2,\"attributes\":{\"x\":3,\"o\":{\"k\":1,\"k\":2}}}");
    assertThat(draft.message()).isEqualTo("second");
    assertThat(draft.attributes()).containsEntry("x", 3L).containsEntry("o", Map.of("k", 2L));
    assertThat(draft.attributes().get(RecordDraft.SHADOWED))
        .isEqualTo(List.of(
            Map.of("field", "/message", "value", "first"),
            Map.of("field", "/x", "value", 1L),
            Map.of("field", "/attributes/o/k", "value", 1L),
            Map.of("field", "/x", "value", 2L)));
    assertThat(draft.flags()).containsExactly(Flags.DUPLICATE_KEYS);
  }

  @Test
  void nulInvalidUtf8AndLoneSurrogatesAreEscapedAndFlagged() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes("{\"message\":\"a\\u0000b".getBytes(StandardCharsets.UTF_8));
    bytes.writeBytes(new byte[] {
      0, (byte) 0xff, (byte) 0xe2, (byte) 0x82, 'x', (byte) 0xed, (byte) 0xa0, (byte) 0x80
    });
    bytes.writeBytes("\",\"k\\ud800\":\"\\udc00\\ud83d\\ude00\"}".getBytes(StandardCharsets.UTF_8));
    Decoded decoded = parser.parse(bytes.toByteArray(), OBSERVED_US);
    assertThat(decoded).isInstanceOf(RecordDraft.class);
    RecordDraft draft = (RecordDraft) decoded;
    assertThat(draft.message()).isEqualTo("a\0b\0\\xff\\xe2\\x82x\\xed\\xa0\\x80");
    assertThat(draft.attributes()).containsEntry("k\\ud800", "\\udc00\ud83d\ude00");
    assertThat(draft.flags()).containsExactly(Flags.INVALID_UTF8, Flags.LONE_SURROGATE, Flags.NUL);
    byte[] sealed = CanonicalRecord.of(draft, "web").seal(1);
    assertThat(sealed).isEqualTo(new JsonCanonicalizer(sealed).getEncodedUTF8());
    assertThat(new String(sealed, StandardCharsets.UTF_8))
        .contains("a\\u0000b\\u0000")
        .doesNotContain("\0");
  }

  @Test
  void timesOf1970And2200AreKept() {
    assertThat(canonical(draft("{\"message\":\"m\",\"time\":\"1970-01-01T00:00:00Z\"}")))
        .contains("\"time\":\"1970-01-01T00:00:00.000000000Z\"");
    RecordDraft far = draft("{\"message\":\"m\",\"time\":\"2200-12-31t23:59:60.1234567891z\"}");
    assertThat(canonical(far)).contains("\"time\":\"2200-12-31T23:59:59.999999999Z\"");
    assertThat(far.flags()).containsExactly(Flags.TIME_CUT);
    assertThat(CanonicalRecord.of(
                draft("{\"message\":\"m\",\"time\":\"1969-12-31T23:59:59.999999Z\"}"), "web")
            .timeUs())
        .isEqualTo(-1);
  }

  @Test
  void tenThousandAttributesAreFine() {
    StringBuilder json = new StringBuilder("{\"message\":\"m\"");
    for (int i = 0; i < 10_000; i++) {
      json.append(",\"attribute-").append(i).append("\":").append(i);
    }
    RecordDraft draft = draft(json.append('}').toString());
    assertThat(draft.attributes()).hasSize(10_000).containsEntry("attribute-9999", 9999L);
  }

  @Test
  void nestingIsBounded() {
    assertThat(draft("{\"message\":\"m\",\"x\":" + "[".repeat(99) + "]".repeat(99) + "}")
            .attributes())
        .containsKey("x");
    Rejection deep =
        rejection("{\"message\":\"m\",\"x\":" + "[".repeat(100) + "]".repeat(100) + "}");
    assertThat(deep.text()).isEqualTo("record: deeper nesting (expected: at most 100 levels)");
    assertThat(rejection("{\"message\":\"m\",\"x\":" + "[".repeat(1_000_000)).reason())
        .isEqualTo(Rejection.Reason.TOO_DEEP);
  }

  /** Whatever comes: a record whose bytes another canonicaliser agrees with, or a rejection; never an exception. */
  @Test
  void mutatedRecordsAreRecordsOrRejections() throws Exception {
    long seed = Long.getLong("seed", 20260131L);
    Random random = new Random(seed);
    byte[][] seeds = {
      "{\"time\":\"2026-01-31T13:00:00.5+01:00\",\"severity\":14,\"actor\":\"alice\",\"action\":\"login\",\"outcome\":\"failure\",\"x\":{\"y\":[1,2.5e3,null,true]}}"
          .getBytes(StandardCharsets.UTF_8),
      "{\"message\":\"h\u00e9llo \ud83d\ude00 \\u0000 \\\"q\\\"\",\"attributes\":{\"n\":9007199254740993,\"k\":1,\"k\":2},\"k\":\"\"}"
          .getBytes(StandardCharsets.UTF_8),
    };
    byte[] interesting = {
      0,
      '"',
      '\\',
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      'e',
      '-',
      '9',
      (byte) 0xff,
      (byte) 0xc2,
      (byte) 0xed,
      'u',
      '\n'
    };
    int records = 0;
    for (int round = 0; round < 100_000; round++) {
      byte[] mutated = seeds[round & 1].clone();
      for (int change = random.nextInt(3); change >= 0; change--) {
        int at = random.nextInt(mutated.length);
        mutated[at] = random.nextBoolean()
            ? interesting[random.nextInt(interesting.length)]
            : (byte) random.nextInt(256);
      }
      int length = random.nextInt(10) == 0 ? random.nextInt(mutated.length) : mutated.length;
      Decoded decoded = parser.parse(mutated, 0, length, OBSERVED_US);
      if (decoded instanceof RecordDraft draft) {
        byte[] sealed = CanonicalRecord.of(draft, "web").seal(round + 1);
        if (records++ % 10 == 0) {
          assertThat(new JsonCanonicalizer(sealed).getEncodedUTF8())
              .as("seed %d, round %d", seed, round)
              .isEqualTo(sealed);
          assertThat(new RecordView(sealed).sequence()).isEqualTo(round + 1);
        }
      } else {
        assertThat(((Rejection) decoded).text()).isNotEmpty();
      }
    }
    assertThat(records).isGreaterThan(1000);
  }
}
