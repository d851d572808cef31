package io.vedette.alert.route;

import java.util.List;

/** A receiver as the routing sees it: its name and what it consists of. */
public record Receiver(String name, List<Integration> integrations) {
  public Receiver {
    integrations = List.copyOf(integrations);
  }

  /**
   * One way to reach a receiver.
   *
   * @param id kind and place in the receiver, for example {@code webhook/0}
   */
  public record Integration(String id, boolean sendResolved) {}
}
