package io.vedette.collector;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.model.RecordView;
import io.vedette.testkit.Await;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What syslog over TCP has received is in the trail or declared, also when the trail takes nothing while the collector stops. Once such records went without a word: their retry died with the verticle. */
class SyslogStopTest {

  @Test
  void whatTheTrailDidNotTakeBeforeTheStopIsDeclared() throws Exception {
    try (TestCollector collector = new TestCollector()
        .start(Map.of("collector.syslog.enabled", "true", "collector.syslog.port", "0"))) {
      collector.freeBytes(0);
      Await.until(
          () -> collector.post("{\"message\":\"x\"}").statusCode(), status -> status == 503);
      try (Socket stays = connect(collector)) {
        send(stays, "<13>one\n<13>two\n");
        try (Socket leaves = connect(collector)) {
          send(leaves, "<13>three\n<13>four\n<13>five without its line feed");
        }
        // The last one is complete at the end of its connection, which is seen when it is read
        // again.
        Await.until(() -> received(collector), count -> count >= 4);
        collector.stop();
      }
      List<RecordView> records = collector.records();
      assertThat(records.stream().map(record -> record.text("message")))
          .doesNotContain("one", "two", "three", "four");
      assertThat(received(collector)).isEqualTo(5);
      assertThat(declared(records)).isEqualTo(5);
    }
  }

  @Test
  void whatWaitsIsAppendedWhenTheTrailTakesItAgain() throws Exception {
    try (TestCollector collector = new TestCollector()
        .start(Map.of("collector.syslog.enabled", "true", "collector.syslog.port", "0"))) {
      collector.freeBytes(0);
      Await.until(
          () -> collector.post("{\"message\":\"x\"}").statusCode(), status -> status == 503);
      try (Socket leaves = connect(collector)) {
        send(leaves, "<13>one\n<13>two\n<13>three");
      }
      Await.until(() -> received(collector), count -> count >= 2);
      collector.freeBytes(Long.MAX_VALUE);
      Await.until(
          () ->
              collector.records().stream().map(record -> record.text("message")).toList(),
          messages -> messages.containsAll(List.of("one", "two", "three")));
      collector.stop();
      assertThat(declared(collector.records())).isZero();
    }
  }

  private static double received(TestCollector collector) {
    return collector.count("vedette_collector_record_received_total", "kind", "syslog");
  }

  private static long declared(List<RecordView> records) {
    return records.stream()
        .filter(record -> "gap".equals(record.text("kind")))
        .filter(record -> "syslog".equals(record.text("target")))
        .mapToLong(record -> Long.parseLong(String.valueOf(record.attributes().get("count"))))
        .sum();
  }

  private static Socket connect(TestCollector collector) throws Exception {
    return new Socket(InetAddress.getLoopbackAddress(), collector.port("collector.syslog"));
  }

  private static void send(Socket socket, String text) throws Exception {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
  }
}
