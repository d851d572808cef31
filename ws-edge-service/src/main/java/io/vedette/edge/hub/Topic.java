package io.vedette.edge.hub;

import io.vedette.edge.filter.Sieve;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A name that subscribers know and one bus address behind it. {@code kind} is the name as metric tag: all statistics are one kind. */
public abstract sealed class Topic permits OrderedTopic, StateTopic {
  private final String name;
  private final String kind;
  private final List<Lane> lanes = new CopyOnWriteArrayList<>();

  Topic(String name, String kind) {
    this.name = name;
    this.kind = kind;
  }

  public final String name() {
    return name;
  }

  public final String kind() {
    return kind;
  }

  /** Lanes that have subscribers. A lane joins before it reads head or version, so it misses nothing that comes after. */
  final List<Lane> lanes() {
    return lanes;
  }

  /** A subscription that took what {@code sieve} lets through is gone. */
  abstract void release(Sieve sieve);

  final void join(Lane lane) {
    lanes.add(lane);
  }

  final void leave(Lane lane) {
    lanes.remove(lane);
    if (lanes.isEmpty()) {
      deserted();
    }
  }

  /** The last lane left; another may have joined meanwhile. */
  void deserted() {}
}
