package io.vedette.edge.hub;

import io.vedette.edge.filter.Sieve;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A lane's subscriptions to one topic: those that take everything, and those with a filter by that filter, so that a publication touches nobody who does not want it. Subscribers may leave while they are
 * served (a slow one is closed), so what is handed out never changes: a list is made anew after a change, not for each publication. On the lane's loop only.
 */
final class Audience {
  private final Group unfiltered = new Group();
  private final Map<Sieve, Group> filtered = new HashMap<>();

  private static final class Group {
    private final Set<Subscription> members = new LinkedHashSet<>(2);
    private @Nullable List<Subscription> listed;

    boolean add(Subscription subscription) {
      listed = null;
      return members.add(subscription);
    }

    boolean remove(Subscription subscription) {
      listed = null;
      return members.remove(subscription);
    }

    List<Subscription> list() {
      List<Subscription> now = listed;
      if (now == null) {
        now = List.copyOf(members);
        listed = now;
      }
      return now;
    }
  }

  void add(Subscription subscription) {
    Sieve filter = subscription.filter();
    Group group =
        filter == null ? unfiltered : filtered.computeIfAbsent(filter, absent -> new Group());
    group.add(subscription);
  }

  boolean remove(Subscription subscription) {
    Sieve filter = subscription.filter();
    if (filter == null) {
      return unfiltered.remove(subscription);
    }
    Group there = filtered.get(filter);
    boolean removed = there != null && there.remove(subscription);
    if (there != null && there.members.isEmpty()) {
      filtered.remove(filter);
    }
    return removed;
  }

  boolean isEmpty() {
    return unfiltered.members.isEmpty() && filtered.isEmpty();
  }

  List<Subscription> unfiltered() {
    return unfiltered.list();
  }

  List<Subscription> with(Sieve filter) {
    Group there = filtered.get(filter);
    return there == null ? List.of() : there.list();
  }

  List<Subscription> all() {
    List<Subscription> all = new ArrayList<>(unfiltered.members);
    filtered.values().forEach(group -> all.addAll(group.members));
    return all;
  }
}
