package io.vedette.store.audit;

import io.vedette.model.Outcome;
import java.util.Map;

/**
 * Something somebody did or asked for.
 *
 * @param origin where from; not part of what makes two acts the same
 * @param details further attributes of its record
 */
public record Act(
    String actor,
    String action,
    String target,
    Outcome outcome,
    String origin,
    Map<String, String> details) {
  public Act {
    details = Map.copyOf(details);
  }

  /** What makes two acts the same. */
  record Key(String actor, String action, String target, Outcome outcome) {}

  Key key() {
    return new Key(actor, action, target, outcome);
  }
}
