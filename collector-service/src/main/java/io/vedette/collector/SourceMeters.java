package io.vedette.collector;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What became of the records of one kind of source: received = admitted + rejected + pushed back, once nothing is on its way. Thread safe. */
final class SourceMeters {
  private final MeterRegistry registry;
  private final String kind;
  private final Counter received;
  private final Counter admitted;
  private final Counter bytes;
  private final Map<String, Counter> rejected = new ConcurrentHashMap<>();
  private final Map<String, Counter> pushedBack = new ConcurrentHashMap<>();

  SourceMeters(MeterRegistry registry, String kind) {
    this.registry = registry;
    this.kind = kind;
    this.received = counter(
        "vedette_collector_record_received_total", "Records that arrived, whatever became of them");
    this.admitted =
        counter("vedette_collector_record_admitted_total", "Records that are in the trail");
    this.bytes = counter("vedette_collector_source_read_bytes_total", "Bytes as received");
  }

  private Counter counter(String name, String description) {
    return Counter.builder(name).description(description).tag("kind", kind).register(registry);
  }

  void received(long records, long bytesRead) {
    received.increment((double) records);
    bytes.increment((double) bytesRead);
  }

  void admitted(long records) {
    admitted.increment((double) records);
  }

  void rejected(String reason, long records) {
    if (records > 0) {
      rejected
          .computeIfAbsent(reason, why -> Counter.builder("vedette_collector_record_rejected_total")
              .description("Records that are no record, or that the database refused")
              .tag("kind", kind)
              .tag("reason", why)
              .register(registry))
          .increment((double) records);
    }
  }

  void pushedBack(String reason, long records) {
    if (records > 0) {
      pushedBack
          .computeIfAbsent(
              reason, why -> Counter.builder("vedette_collector_record_pushed_back_total")
                  .description(
                      "Records that were not taken now: their sender keeps them, or their loss is declared")
                  .tag("kind", kind)
                  .tag("reason", why)
                  .register(registry))
          .increment((double) records);
    }
  }
}
