package io.vedette.alert;

import io.vedette.alert.notify.Backoff;
import io.vedette.alert.notify.Integration;
import io.vedette.alert.route.Routing;
import java.time.Duration;
import java.util.Map;

/**
 * What configuration says, read and checked: replaced as a whole by a reload.
 *
 * @param integrations by receiver and integration, for example {@code ops/webhook/0}
 */
record Setup(
    Routing routing,
    Map<String, Integration> integrations,
    Backoff backoff,
    Duration giveUpAfter,
    int maxWaiting,
    Duration trailSilentAfter) {
  Setup {
    integrations = Map.copyOf(integrations);
  }
}
