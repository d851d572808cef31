package io.vedette.collector.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.model.Decoded;
import io.vedette.model.Flags;
import io.vedette.model.RecordDraft;
import io.vedette.model.Rejection;
import io.vedette.model.Severity;
import io.vedette.model.Times;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SyslogDecoderTest {
  private static final long NOW_US = Times.toUs(Instant.parse("2026-01-31T12:00:00Z"));

  private final SyslogDecoder decoder = new SyslogDecoder(ZoneOffset.UTC);

  private RecordDraft draft(String message) {
    return (RecordDraft) decode(message.getBytes(StandardCharsets.UTF_8));
  }

  private Decoded decode(byte[] bytes) {
    return decoder.decode(bytes, 0, bytes.length, NOW_US, "192.0.2.9");
  }

  @Test
  void rfc5424WithStructuredData() {
    RecordDraft draft = draft(
        "<165>1 2026-01-31T11:14:15.003+02:00 mymachine evntslog 77 ID47 [ex@32473 iut=\"3\" src=\"a \\\"q\\\" \\] \\\\\"][p@1 x=\"1\" x=\"2\"] \ufeffAn event");
    assertThat(draft.message()).isEqualTo("An event");
    assertThat(draft.time()).isEqualTo(Instant.parse("2026-01-31T09:14:15.003Z"));
    assertThat(draft.severity()).isEqualTo(Severity.INFO);
    assertThat(draft.attributes())
        .containsEntry("facility", "local4")
        .containsEntry("severity_number", 10L)
        .containsEntry("host", "mymachine")
        .containsEntry("app", "evntslog")
        .containsEntry("procid", "77")
        .containsEntry("msgid", "ID47")
        .containsEntry("peer", "192.0.2.9")
        .containsEntry(
            "structured_data",
            Map.of(
                "ex@32473",
                Map.of("iut", "3", "src", "a \"q\" ] \\"),
                "p@1",
                Map.of("x", List.of("1", "2"))));
  }

  @Test
  void rfc5424WithoutAnything() {
    RecordDraft draft = draft("<34>1 - - - - - -");
    assertThat(draft.message()).isEmpty();
    assertThat(draft.severity()).isEqualTo(Severity.ERROR);
    assertThat(draft.attributes()).containsOnlyKeys("facility", "severity_number", "peer");
  }

  @Test
  void rfc3164TakesTheYearThatFits() {
    RecordDraft draft = draft("<38>Dec 10 06:55:46 LabSZ sshd[24200]: Failed password");
    assertThat(draft.time()).isEqualTo(Instant.parse("2025-12-10T06:55:46Z"));
    assertThat(draft.message()).isEqualTo("Failed password");
    assertThat(draft.attributes())
        .containsEntry("host", "LabSZ")
        .containsEntry("app", "sshd")
        .containsEntry("procid", "24200")
        .containsEntry("facility", "auth");
    assertThat(draft("<13>Feb  1 11:00:00 h a: x").time())
        .isEqualTo(Instant.parse("2026-02-01T11:00:00Z"));
    assertThat(draft("<13>Feb  2 11:00:00 h a: x").time())
        .isEqualTo(Instant.parse("2025-02-02T11:00:00Z"));
    assertThat(draft("<13>Feb 29 11:00:00 h a: x").time())
        .isEqualTo(Instant.parse("2024-02-29T11:00:00Z"));
    assertThat(draft("<13>2026-01-31T11:00:00.5Z host app: text").attributes())
        .containsEntry("app", "app");
  }

  @Test
  void whateverIsMissingTheTextIsKept() {
    assertThat(draft("<13>just text").message()).isEqualTo("just text");
    assertThat(draft("no priority").attributes())
        .containsEntry("facility", "user")
        .containsEntry("severity_number", 10L);
    assertThat(draft("<999>x").message()).isEqualTo("<999>x");
    assertThat(draft("<13>1 not a header").message()).isEqualTo("1 not a header");
    assertThat(draft("<13>1 - - - - - [unclosed").message()).isEqualTo("1 - - - - - [unclosed");
  }

  @Test
  void markedGarbageIsEscapedAndUnmarkedGarbageRejected() {
    RecordDraft marked = (RecordDraft) decode(new byte[] {'<', '1', '3', '>', (byte) 0xff, 0, 'x'});
    assertThat(marked.message()).isEqualTo("\\xff\0x");
    assertThat(marked.flags()).containsExactly(Flags.INVALID_UTF8, Flags.NUL);
    Decoded unmarked = decode(new byte[] {1, 2, (byte) 0xfe});
    assertThat(((Rejection) unmarked).text())
        .contains("expected: a message that begins with <0>..<191>, or text");
  }

  @Test
  void mutatedMessagesAreRecordsOrRejections() {
    long seed = Long.getLong("seed", 8L);
    Random random = new Random(seed);
    byte[] message = "<165>1 2026-01-31T11:14:15.003Z m e 7 I [ex@1 iut=\"3\"] text"
        .getBytes(StandardCharsets.UTF_8);
    for (int round = 0; round < 100_000; round++) {
      byte[] mutated = message.clone();
      for (int change = random.nextInt(4); change >= 0; change--) {
        mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(256);
      }
      Decoded decoded =
          decode(java.util.Arrays.copyOf(mutated, random.nextInt(mutated.length + 1)));
      assertThat(decoded).as("seed %d", seed).isNotNull();
    }
  }
}
