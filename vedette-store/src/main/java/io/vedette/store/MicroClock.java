package io.vedette.store;

import java.time.Instant;

/** Wall time in microseconds since the epoch. A variable, so that tests can turn it. */
@FunctionalInterface
public interface MicroClock {
  MicroClock SYSTEM = () -> {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000;
  };

  long nowUs();
}
