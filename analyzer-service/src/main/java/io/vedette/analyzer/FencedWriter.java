package io.vedette.analyzer;

import io.vedette.analyzer.window.Analysis;
import io.vedette.analyzer.window.ClosedPanes;
import io.vedette.analyzer.window.Partition;
import io.vedette.model.Finding;
import io.vedette.model.Publication;
import io.vedette.store.analysis.AnalysisStore;
import io.vedette.store.analysis.PaneBlockRow;
import io.vedette.store.lease.LeaseLostException;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What an owner writes: findings, state and closed panes, fenced by the leases. A write that is refused because a partition moved drops that partition and is made for the others. On the verticle's
 * context.
 */
final class FencedWriter {
  private final int trail;
  private final AnalysisStore store;
  private final HeldPartitions held;
  private final Supplier<Future<Void>> dropMoved;
  private boolean ended;

  FencedWriter(
      int trail, AnalysisStore store, HeldPartitions held, Supplier<Future<Void>> dropMoved) {
    this.trail = trail;
    this.store = store;
    this.held = held;
    this.dropMoved = dropMoved;
  }

  /** Nothing more is written from here on. */
  void end() {
    ended = true;
  }

  /** Stores the findings of partitions that are held; answers what is to be published. */
  Future<List<Publication>> raise(List<Finding> findings) {
    List<Finding> owned =
        findings.stream().filter(finding -> held.has(finding.partition())).toList();
    if (owned.isEmpty() || ended) {
      return Future.succeededFuture(List.of());
    }
    Set<Integer> partitions = owned.stream().map(Finding::partition).collect(Collectors.toSet());
    return store
        .raise(held.of(partitions), owned)
        .recover(failure -> failure instanceof LeaseLostException
            ? dropMoved.get().compose(dropped -> raise(findings))
            : Future.failedFuture(failure));
  }

  /** Stores states, and the panes that closed since they were last stored. Answers whether anything was. */
  Future<Boolean> save(Analysis of, List<Partition> partitions) {
    Set<Integer> ids = partitions.stream().map(Partition::id).collect(Collectors.toSet());
    if (partitions.isEmpty() || ended || !held.hasAll(ids)) { // not all: they are being dropped
      return Future.succeededFuture(false);
    }
    List<PaneBlockRow> blocks = new ArrayList<>();
    for (ClosedPanes.OfRule closed : of.closed(partitions)) {
      blocks.add(new PaneBlockRow(
          closed.rule().rule().name(),
          closed.rule().hash(),
          closed.timeline(),
          closed.rule().rule().paneUs(),
          closed.keys()));
    }
    return store
        .save(trail, held.of(ids), partitions.stream().map(Partition::row).toList(), blocks)
        .map(saved -> {
          partitions.forEach(Partition::stored);
          return true;
        })
        .recover(failure -> failure instanceof LeaseLostException
            ? dropMoved
                .get()
                .compose(dropped -> save(
                    of,
                    partitions.stream()
                        .filter(partition -> held.has(partition.id()))
                        .toList()))
            : Future.failedFuture(failure));
  }
}
