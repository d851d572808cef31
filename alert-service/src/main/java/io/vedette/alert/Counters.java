package io.vedette.alert;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vedette.alert.lifecycle.Change;
import java.util.EnumMap;
import java.util.Map;

/** The alert service's counters; tags are closed sets. Safe for any thread. */
final class Counters {
  private final MeterRegistry metrics;
  private final Map<Change.Kind, Counter> changes = new EnumMap<>(Change.Kind.class);
  private final Counter findings;
  private final Counter failedSteps;
  private final Counter refusedRequests;

  Counters(MeterRegistry metrics) {
    this.metrics = metrics;
    for (Change.Kind kind : Change.Kind.values()) {
      changes.put(
          kind,
          Counter.builder("vedette.alert.changes")
              .description("Changes of alerts, by kind")
              .tag("kind", kind.text())
              .register(metrics));
    }
    findings = Counter.builder("vedette.alert.findings.taken")
        .description("Findings taken by cursor")
        .register(metrics);
    failedSteps = Counter.builder("vedette.alert.steps.failed")
        .description("Steps whose transaction failed and that were begun again from the rows")
        .register(metrics);
    refusedRequests = Counter.builder("vedette.alert.requests.refused")
        .description("Requests refused because too many waited")
        .register(metrics);
  }

  void changed(Change.Kind kind) {
    Counter counter = changes.get(kind);
    if (counter != null) {
      counter.increment();
    }
  }

  void found(int n) {
    findings.increment(n);
  }

  void stepFailed() {
    failedSteps.increment();
  }

  void requestRefused() {
    refusedRequests.increment();
  }

  /** {@code outcome}: sent, retry or failed; {@code trouble} names why, none when sent. */
  void notified(String kind, String outcome, String trouble) {
    Counter.builder("vedette.alert.notifications")
        .description("Attempts to notify, by kind of receiver, outcome and trouble")
        .tag("kind", kind)
        .tag("outcome", outcome)
        .tag("trouble", trouble)
        .register(metrics)
        .increment();
  }

  void deferred(String kind) {
    Counter.builder("vedette.alert.notifications.deferred")
        .description(
            "Times a notification waited because its integration was at its rate or number at once")
        .tag("kind", kind)
        .register(metrics)
        .increment();
  }
}
