package io.vedette.collector.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.model.Flags;
import io.vedette.model.RecordDraft;
import io.vedette.model.Severity;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class LineDecoderTest {
  private final LineDecoder decoder = new LineDecoder(ZoneOffset.UTC);

  private RecordDraft line(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return decoder.decode(bytes, 0, bytes.length, 1_800_000_000_000_000L);
  }

  @Test
  void readsTheCommonShapes() {
    RecordDraft syslog = line("2026-01-31T12:00:00.123456+01:00 host cron[5]: (root) CMD");
    assertThat(syslog.time()).isEqualTo(Instant.parse("2026-01-31T11:00:00.123456Z"));
    assertThat(syslog.attributes()).containsEntry("app", "cron");
    RecordDraft apache =
        line("[Sun Dec 04 04:47:44 2005] [error] mod_jk child workerEnv in error state 6");
    assertThat(apache.time()).isEqualTo(Instant.parse("2005-12-04T04:47:44Z"));
    assertThat(apache.severity()).isEqualTo(Severity.ERROR);
    assertThat(apache.message()).isEqualTo("mod_jk child workerEnv in error state 6");
    RecordDraft dated = line("2026-01-31 12:00:00,123 WARN something odd");
    assertThat(dated.time()).isEqualTo(Instant.parse("2026-01-31T12:00:00.123Z"));
    assertThat(dated.severity()).isEqualTo(Severity.WARN);
    assertThat(line("{\"message\":\"json\",\"x\":1}").attributes()).containsEntry("x", 1L);
    assertThat(line("{no json}").message()).isEqualTo("{no json}");
    assertThat(line("081109 203615 148 INFO dfs.DataNode: x").message()).startsWith("081109");
  }

  @Test
  void bytesThatAreNoTextAreEscaped() {
    byte[] bytes = {'a', (byte) 0xe9, 'b'};
    RecordDraft draft = decoder.decode(bytes, 0, 3, 1);
    assertThat(draft.message()).isEqualTo("a\\xe9b");
    assertThat(draft.flags()).containsExactly(Flags.INVALID_UTF8);
  }

  @Test
  void aJournalEntryIsARecord() {
    byte[] line =
        "{\"__CURSOR\":\"s=1\",\"MESSAGE\":[104,105,255],\"PRIORITY\":\"3\",\"_HOSTNAME\":\"h\",\"SYSLOG_IDENTIFIER\":\"sshd\",\"_PID\":\"7\",\"__REALTIME_TIMESTAMP\":\"1800000000000001\",\"CODE_LINE\":\"5\",\"_UID\":\"0\"}"
            .getBytes(StandardCharsets.UTF_8);
    JournalDecoder.Entry entry = new JournalDecoder().decode(line, 0, line.length, 1);
    assertThat(entry.cursor()).isEqualTo("s=1");
    RecordDraft record = java.util.Objects.requireNonNull(entry.record());
    assertThat(record.message()).isEqualTo("hi\\xff");
    assertThat(record.severity()).isEqualTo(Severity.ERROR);
    assertThat(record.time()).isEqualTo(Instant.parse("2027-01-15T08:00:00.000001Z"));
    assertThat(record.attributes()).containsOnlyKeys("host", "app", "procid", "code_line");
    assertThat(new JournalDecoder()
            .decode("{bad".getBytes(StandardCharsets.UTF_8), 0, 4, 1)
            .rejection())
        .isNotNull();
  }
}
