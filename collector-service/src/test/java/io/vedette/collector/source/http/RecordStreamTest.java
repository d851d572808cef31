package io.vedette.collector.source.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.collector.process.Pipeline;
import io.vedette.model.RecordParser;
import io.vedette.model.Rejection;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecordStreamTest {
  private static final long NOW_US = 1_800_000_000_000_000L;

  private static RecordStream stream(RecordStream.Resume resume) {
    return new RecordStream("web", 1 << 20, new RecordParser(), new Pipeline(List.of()), resume);
  }

  private static RecordStream read(String body, RecordStream.Resume resume) {
    RecordStream stream = stream(resume);
    stream.feed(body.getBytes(StandardCharsets.UTF_8), NOW_US);
    stream.end(NOW_US);
    return stream;
  }

  @Test
  void rejectionsNameTheirLineAndLeaveTheirNeighbours() {
    RecordStream stream = read(
        "{\"message\":\"a\"}\n{\"message\":7}\n{\"message\":\"c\"}\n", RecordStream.Resume.NONE);
    assertThat(stream.ready()).isEqualTo(2);
    assertThat(stream.rejected()).isEqualTo(1);
    assertThat(stream.listed().get(0).line()).isEqualTo(2);
    assertThat(stream.listed().get(0).rejection().text())
        .isEqualTo("message: the number 7 (expected: a string)");
  }

  @Test
  void aHundredMebibytesAreOneRejectionAndNoMemory() {
    RecordStream stream = stream(RecordStream.Resume.NONE);
    stream.feed("{\"message\":\"".getBytes(StandardCharsets.UTF_8), NOW_US);
    byte[] chunk = new byte[1 << 20];
    java.util.Arrays.fill(chunk, (byte) 'x');
    for (int i = 0; i < 100; i++) {
      stream.feed(chunk, NOW_US);
    }
    assertThat(stream.isOversized()).isTrue();
    stream.feed("\"}\n{\"message\":\"next\"}".getBytes(StandardCharsets.UTF_8), NOW_US);
    stream.end(NOW_US);
    assertThat(stream.ready()).isEqualTo(1);
    assertThat(stream.listed().get(0).rejection().reason()).isEqualTo(Rejection.Reason.TOO_LARGE);
  }

  @Test
  void aRetryContinuesWhereTheTrailStands() {
    String body = "{\"message\":\"a\"}\n{\"message\":\"b\"}\n{\"message\":\"c\"}\n";
    byte[] prefix = read(
            "{\"message\":\"a\"}\n{\"message\":\"b\"}\n",
            new RecordStream.Resume(true, 0, new byte[0]))
        .prefixHash();
    RecordStream retry = read(body, new RecordStream.Resume(true, 2, prefix));
    assertThat(retry.isOther()).isFalse();
    assertThat(retry.ready()).isEqualTo(1);
    assertThat(retry.values()).isEqualTo(3);
    assertThat(read(body.replace("\"a\"", "\"A\""), new RecordStream.Resume(true, 2, prefix))
            .isOther())
        .isTrue();
    assertThat(read("{\"message\":\"a\"}", new RecordStream.Resume(true, 2, prefix))
            .isOther())
        .isTrue();
  }
}
