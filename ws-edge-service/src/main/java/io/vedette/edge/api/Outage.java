package io.vedette.edge.api;

import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells once when reads of the store begin to fail, and once when they work again. Any thread may call. */
final class Outage {
  private static final Logger log = LoggerFactory.getLogger(Outage.class);

  private final AtomicLong failures = new AtomicLong();

  void noticed(Throwable cause) {
    if (failures.incrementAndGet() == 1) {
      log.warn("store cannot be read, the API answers 503 meanwhile, cause={}", cause.toString());
    }
  }

  void ended() {
    if (failures.get() > 0) {
      long counted = failures.getAndSet(0);
      if (counted > 0) {
        log.info("store can be read again, failed={}", counted);
      }
    }
  }
}
