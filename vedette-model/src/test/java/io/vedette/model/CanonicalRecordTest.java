package io.vedette.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import org.erdtman.jcs.JsonCanonicalizer;
import org.junit.jupiter.api.Test;

class CanonicalRecordTest {
  private static final long OBSERVED_US = 1_800_000_000_000_001L;

  /** The stored form is for ever: a line that changes here needs a new {@code v}. */
  @Test
  void theGoldenFileHolds() throws IOException {
    String[] lines = resource("golden/canonical-v1.txt").split("\n");
    int checked = 0;
    for (int i = 0; i + 1 < lines.length; i += 3) {
      RecordDraft draft = (RecordDraft)
          new RecordParser().parse(lines[i].getBytes(StandardCharsets.UTF_8), OBSERVED_US);
      byte[] sealed = CanonicalRecord.of(draft, "golden").seal(1 + i / 3);
      assertThat(new String(sealed, StandardCharsets.UTF_8)).isEqualTo(lines[i + 1]);
      assertThat(new JsonCanonicalizer(sealed).getEncodedUTF8()).isEqualTo(sealed);
      checked++;
    }
    assertThat(checked).isEqualTo(6);
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = CanonicalRecordTest.class.getClassLoader().getResourceAsStream(name)) {
      return new String(
          java.util.Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void sealingAgainChangesOnlyTheSequence() {
    CanonicalRecord record = CanonicalRecord.of(
        RecordDraft.builder().message("m").observedUs(OBSERVED_US).build(), "s");
    String first = new String(record.seal(9), StandardCharsets.UTF_8);
    assertThat(new String(record.seal(10), StandardCharsets.UTF_8))
        .isEqualTo(first.replace("\"sequence\":9", "\"sequence\":10"));
    assertThat(record.timeUs()).isEqualTo(OBSERVED_US);
    assertThatThrownBy(() -> record.seal(0)).hasMessage("sequence: 0 (expected: 1..2^53)");
    assertThatThrownBy(() -> record.seal((1L << 53) + 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void whatCodeGivesIsTidied() {
    RecordDraft draft = RecordDraft.builder()
        .action("a")
        .observedUs(OBSERVED_US)
        .attribute("big", Long.MAX_VALUE)
        .attribute("nan", Double.NaN)
        .attribute("float", 0.5f)
        .attribute("when", Instant.EPOCH)
        .attribute("map", Map.of("list", java.util.List.of(1, "x")))
        .build();
    assertThat(new String(CanonicalRecord.of(draft, "s").seal(1), StandardCharsets.UTF_8))
        .contains(
            "{\"big\":\"9223372036854775807\",\"float\":0.5,\"map\":{\"list\":[1,\"x\"]},\"nan\":\"NaN\",\"when\":\"1970-01-01T00:00:00.000000000Z\"}",
            "\"flags\":[\"number-as-text\"]");
  }

  @Test
  void theViewReadsWhatWasWritten() {
    RecordDraft draft = RecordDraft.builder()
        .message("m")
        .time(Instant.parse("2026-01-31T12:00:00.000001Z"))
        .severity(Severity.ERROR)
        .outcome(Outcome.DENIED)
        .attribute("x", 1.5)
        .attribute("n", 3)
        .flag(Flags.BACKFILL)
        .observedUs(OBSERVED_US)
        .build();
    RecordView view = new RecordView(CanonicalRecord.of(draft, "files").seal(12));
    assertThat(view.source()).isEqualTo("files");
    assertThat(view.sequence()).isEqualTo(12);
    assertThat(view.severity()).isEqualTo(Severity.ERROR);
    assertThat(view.outcome()).isEqualTo(Outcome.DENIED);
    assertThat(view.timeUs()).isEqualTo(Times.toUs(Instant.parse("2026-01-31T12:00:00.000001Z")));
    assertThat(view.observedUs()).isEqualTo(OBSERVED_US);
    assertThat(view.attributes()).containsEntry("x", 1.5).containsEntry("n", 3L);
    assertThat(view.backfill()).isTrue();
    assertThat(view.text("actor")).isNull();
  }

  @Test
  void aGapSaysWhatIsMissing() {
    RecordDraft gap =
        GapRecord.of("syslog", 12, "queue full", Instant.EPOCH, Instant.EPOCH.plusSeconds(1));
    assertThat(gap.message()).isEqualTo("12 records of syslog not kept: queue full");
    assertThat(gap.attributes())
        .containsEntry("count", 12L)
        .containsEntry("to", "1970-01-01T00:00:01.000000000Z");
    assertThat(GapRecord.of("f", -1, "older than the first read", null, null).attributes())
        .doesNotContainKey("count");
  }
}
