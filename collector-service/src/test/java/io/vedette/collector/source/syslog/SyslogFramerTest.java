package io.vedette.collector.source.syslog;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SyslogFramerTest {

  private static List<String> frames(String stream, int chunk, int maxBytes) {
    SyslogFramer framer = new SyslogFramer(maxBytes);
    List<String> messages = new ArrayList<>();
    SyslogFramer.Sink sink = (bytes, from, to, cut) -> messages.add(
        new String(bytes, from, to - from, StandardCharsets.UTF_8) + (cut ? "|cut" : ""));
    byte[] bytes = stream.getBytes(StandardCharsets.UTF_8);
    for (int at = 0; at < bytes.length; at += chunk) {
      framer.feed(bytes, at, Math.min(bytes.length, at + chunk), sink);
    }
    framer.end(sink);
    return messages;
  }

  @Test
  void bothFramingsOfRfc6587EvenMixed() {
    for (int chunk = 1; chunk < 50; chunk++) {
      assertThat(
              frames("10 <34>1 - a\nx<13>line one\n\n10 <13>1 - b12apples\n<14>last", chunk, 1000))
          .containsExactly("<34>1 - a\n", "x<13>line one", "<13>1 - b1", "2apples", "<14>last");
    }
  }

  @Test
  void whatIsTooLongIsCutAndTheNextIsWhole() {
    assertThat(frames(
            "<13>" + "x".repeat(100) + "\n<13>y\n60 <13>" + "z".repeat(56) + "<13>w\n", 7, 20))
        .containsExactly(
            "<13>" + "x".repeat(16) + "|cut", "<13>y", "<13>" + "z".repeat(16) + "|cut", "<13>w");
  }

  @Test
  void garbageNeverFails() {
    Random random = new Random(3);
    for (int round = 0; round < 2_000; round++) {
      SyslogFramer framer = new SyslogFramer(500);
      byte[] bytes = new byte[random.nextInt(3_000)];
      random.nextBytes(bytes);
      int[] count = {0};
      framer.feed(bytes, 0, bytes.length, (message, from, to, cut) -> count[0] += to - from);
      framer.end((message, from, to, cut) -> count[0] += to - from);
      assertThat(count[0]).isLessThanOrEqualTo(bytes.length);
    }
  }

  @Test
  void readsWhatTheKernelDropped() {
    List<String> table = List.of(
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops",
        " 1234: 0100007F:158A 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 12345 2 0000000000000000 42",
        " 1235: 0100007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 12346 2 0000000000000000 7");
    assertThat(KernelDrops.of(table, 5514)).isEqualTo(42);
    assertThat(KernelDrops.of(table, 1)).isZero();
  }
}
