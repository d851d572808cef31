package io.vedette.collector;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vedette.collector.append.Losses;
import io.vedette.model.Rejection;
import io.vedette.store.trail.Quarantine;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps aside what could not be decoded. Any thread may call; at most {@value #MAX_AT_WORK} are on their way, what comes beyond, or cannot be stored, is counted and declared as lost. */
final class QuarantineDesk {
  private static final Logger log = LoggerFactory.getLogger(QuarantineDesk.class);
  private static final int MAX_AT_WORK = 64;

  private final Quarantine quarantine;
  private final Losses losses;
  private final Counter kept;
  private final Counter lost;
  private final AtomicInteger atWork = new AtomicInteger();

  QuarantineDesk(Quarantine quarantine, Losses losses, MeterRegistry metrics) {
    this.quarantine = quarantine;
    this.losses = losses;
    this.kept = Counter.builder("vedette_collector_quarantine_kept_total")
        .description("Undecodable payloads kept aside")
        .register(metrics);
    this.lost = Counter.builder("vedette_collector_quarantine_lost_total")
        .description("Undecodable payloads that were not kept")
        .register(metrics);
  }

  void keep(int trail, String source, Rejection rejection, byte[] payload, long nowUs) {
    if (atWork.incrementAndGet() > MAX_AT_WORK) {
      atWork.decrementAndGet();
      lose(source, nowUs);
      return;
    }
    quarantine
        .add(trail, source, rejection.reason().text(), rejection.text(), payload)
        .onComplete(answer -> {
          atWork.decrementAndGet();
          if (answer.succeeded()) {
            kept.increment();
          } else {
            log.debug(
                "quarantine failed source={} cause={}", source, String.valueOf(answer.cause()));
            lose(source, nowUs);
          }
        });
  }

  private void lose(String source, long nowUs) {
    lost.increment();
    losses.add(source, "undecodable and not kept aside", 1, nowUs);
  }
}
