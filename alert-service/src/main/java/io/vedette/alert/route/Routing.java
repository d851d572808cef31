package io.vedette.alert.route;

import io.vedette.alert.mute.Inhibition;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Everything configuration says about where alerts go. The constructor refuses a route to a receiver that is not there. */
public record Routing(
    Route root,
    Map<String, Receiver> receivers,
    List<Inhibition> inhibitions,
    Duration resolveTimeout) {
  public Routing {
    receivers = Map.copyOf(new LinkedHashMap<>(receivers));
    inhibitions = List.copyOf(inhibitions);
    Set<String> names = receivers.keySet();
    for (Route route : root.all()) {
      if (!names.contains(route.receiver())) {
        throw new IllegalArgumentException("route " + route.path() + ": receiver "
            + route.receiver() + " (expected: one of " + names.stream().sorted().toList() + ")");
      }
    }
  }
}
