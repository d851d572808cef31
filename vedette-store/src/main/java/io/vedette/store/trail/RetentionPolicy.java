package io.vedette.store.trail;

import java.time.Duration;
import java.util.Map;

/**
 * How long what is kept. Entries, batches and tiles are kept for ever.
 *
 * @param records per retention class; a class not named here is kept for ever. A partition goes when its newest record is older
 */
public record RetentionPolicy(
    Map<Integer, Duration> records,
    Duration samples,
    Duration idempotency,
    Duration publications,
    Duration quarantine) {
  public static final RetentionPolicy DEFAULT = new RetentionPolicy(
      Map.of(0, Duration.ofDays(30)),
      Duration.ofHours(2),
      Duration.ofDays(1),
      Duration.ofDays(30),
      Duration.ofDays(30));

  public RetentionPolicy {
    records = Map.copyOf(records);
  }
}
