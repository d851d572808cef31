package io.vedette.alert.notify;

import java.util.Set;

/** What a group last told one integration: the episodes that fired, those that had resolved, and when. */
public record Told(Set<String> firing, Set<String> resolved, long atUs) {
  public static final Told NOTHING = new Told(Set.of(), Set.of(), 0);

  public Told {
    firing = Set.copyOf(firing);
    resolved = Set.copyOf(resolved);
  }
}
