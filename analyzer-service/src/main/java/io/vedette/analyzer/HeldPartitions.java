package io.vedette.analyzer;

import io.vedette.analyzer.rule.GroupKey;
import io.vedette.model.NodeStatus;
import io.vedette.store.analysis.AnalysisStore;
import io.vedette.store.lease.Lease;
import io.vedette.store.lease.Leases;
import io.vedette.store.lease.Rendezvous;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The leases on partitions that this node holds as far as it knows; what it writes is fenced by them, so knowing wrong does no harm. On the verticle's context. */
final class HeldPartitions {
  private final Leases leases;
  private final int trail;
  private final String node;
  private final Duration length;
  private final Map<Integer, Lease> held = new HashMap<>();

  HeldPartitions(Leases leases, int trail, String node, Duration length) {
    this.leases = leases;
    this.trail = trail;
    this.node = node;
    this.length = length;
  }

  /** The partitions that belong to this node as long as these nodes live. */
  Set<Integer> due(List<NodeStatus> live) {
    Set<String> analyzers = live.stream()
        .filter(other -> other.services().contains("analyzer"))
        .map(NodeStatus::id)
        .collect(Collectors.toCollection(TreeSet::new));
    analyzers.add(node);
    Set<Integer> due = new TreeSet<>();
    for (int p = 0; p < GroupKey.PARTITIONS; p++) {
      if (Rendezvous.owner(Integer.toString(p), analyzers).filter(node::equals).isPresent()) {
        due.add(p);
      }
    }
    return due;
  }

  boolean has(int partition) {
    return held.containsKey(partition);
  }

  boolean hasAll(Collection<Integer> partitions) {
    return held.keySet().containsAll(partitions);
  }

  int count() {
    return held.size();
  }

  List<Lease> all() {
    return new ArrayList<>(held.values());
  }

  /** Those of these partitions that are held. */
  List<Lease> of(Collection<Integer> partitions) {
    return partitions.stream().map(held::get).filter(Objects::nonNull).toList();
  }

  void forget(int partition) {
    held.remove(partition);
  }

  /** Claims what is free; what was got is held from here on, and renewed. */
  Future<List<Lease>> claim(Collection<Integer> partitions) {
    if (partitions.isEmpty()) {
      return Future.succeededFuture(List.of());
    }
    List<String> names = partitions.stream().map(String::valueOf).toList();
    return leases
        .claim(trail, AnalysisStore.LEASE, names, node, length)
        .onSuccess(claimed -> claimed.forEach(lease -> held.put(partition(lease), lease)));
  }

  Future<Void> handOver(Collection<Lease> ours) {
    return leases.handOver(ours);
  }

  /** Answers the leases that could not be renewed: somebody else has them. */
  Future<List<Lease>> renew() {
    List<Lease> before = all();
    if (before.isEmpty()) {
      return Future.succeededFuture(List.of());
    }
    return leases.renew(before, length).map(renewed -> {
      Set<String> kept = renewed.stream().map(Lease::name).collect(Collectors.toSet());
      return before.stream().filter(lease -> !kept.contains(lease.name())).toList();
    });
  }

  /** After a write was refused: the leases that moved. */
  Future<List<Lease>> moved() {
    return leases.list(trail, AnalysisStore.LEASE).map(all -> {
      Map<String, Lease> now = all.stream().collect(Collectors.toMap(Lease::name, lease -> lease));
      return held.values().stream()
          .filter(lease -> {
            Lease current = now.get(lease.name());
            return current == null
                || current.epoch() != lease.epoch()
                || !current.owner().equals(lease.owner());
          })
          .toList();
    });
  }

  /** Whether this very lease is still the one we know: not one that was given up and claimed again since. */
  boolean isCurrent(Lease lease) {
    Lease now = held.get(partition(lease));
    return now != null && now.epoch() == lease.epoch();
  }

  static int partition(Lease lease) {
    return Integer.parseInt(lease.name());
  }
}
