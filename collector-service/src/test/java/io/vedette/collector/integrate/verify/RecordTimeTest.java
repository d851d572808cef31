package io.vedette.collector.integrate.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.model.CanonicalRecord;
import io.vedette.model.RecordDraft;
import io.vedette.model.Severity;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RecordTimeTest {
  private static final long OBSERVED_US = 1_700_000_000_000_001L;
  private static final String FALSE_TIME =
      "\",\"time\":\"2001-01-01T00:00:00.000000000Z\",\"v\":1}";

  private static void assertFound(RecordDraft.Builder draft) {
    CanonicalRecord record = CanonicalRecord.of(draft.observedUs(OBSERVED_US).build(), "a\",x");
    assertThat(RecordTime.us(record.seal(7))).isEqualTo(record.timeUs());
  }

  @Test
  void isThatOfTheRecordElseThatOfItsObservation() {
    assertFound(
        RecordDraft.builder().message("m").time(Instant.parse("2026-01-31T12:00:00.123456789Z")));
    assertFound(
        RecordDraft.builder().message("m").time(Instant.parse("1969-12-31T23:59:59.999999999Z")));
    assertFound(RecordDraft.builder().message("m"));
    assertFound(RecordDraft.builder().action("a").severity(Severity.INFO).target("t"));
  }

  @Test
  void noTextPretendsToBeOne() {
    assertFound(RecordDraft.builder().message(FALSE_TIME).target(FALSE_TIME));
    assertFound(RecordDraft.builder()
        .message("m")
        .target(",\"observed\":\"2001-01-01T00:00:00.000000000Z\"")
        .attribute("observed", "2001-01-01T00:00:00.000000000Z")
        .attribute("z", Map.of("a", "b", "time", "2001-01-01T00:00:00.000000000Z", "v", 1L))
        .attribute("list", List.of("x", "time")));
  }

  @Test
  void whatIsNoRecordHasNone() {
    for (String text : List.of("", "{}", "[]", "hello", "\",\"v\":1}", "{\"time\":5,\"v\":1}")) {
      assertThat(RecordTime.us(text.getBytes(StandardCharsets.UTF_8)))
          .as(text)
          .isEqualTo(RecordTime.NONE);
    }
  }
}
