package io.vedette.analyzer;

import io.vedette.analyzer.rule.RuleBook;
import io.vedette.analyzer.window.Analysis;
import io.vedette.analyzer.window.Partition;
import io.vedette.model.Batch;
import io.vedette.store.analysis.AnalysisStore;
import io.vedette.store.analysis.KeyPanes;
import io.vedette.store.analysis.PartitionRow;
import io.vedette.store.lease.Lease;
import io.vedette.store.trail.BatchReader;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.stream.Collectors;

/** Takes up partitions: stored states, the panes their windows need, and the batches since. On the verticle's context. */
final class Recovery {
  private static final int PAGE_BATCHES = 128;
  private static final long PAGE_BYTES = 4L * 1024 * 1024;

  private final int trail;
  private final AnalysisStore store;
  private final BatchReader reader;
  private final RuleBook book;

  Recovery(int trail, AnalysisStore store, BatchReader reader, RuleBook book) {
    this.trail = trail;
    this.store = store;
    this.reader = reader;
    this.book = book;
  }

  /**
   * Partitions as they are after batch {@code target}, or after their stored batch where that is newer.
   *
   * @param fold folds a batch into the given analysis and stores what it finds
   */
  Future<Analysis> take(
      Collection<Lease> leases, long target, BiFunction<Analysis, Batch, Future<Void>> fold) {
    Map<Integer, Lease> byPartition = leases.stream()
        .collect(Collectors.toMap(lease -> Integer.parseInt(lease.name()), lease -> lease));
    Analysis fresh = new Analysis(book);
    return store
        .partitions(trail, byPartition.keySet())
        .compose(rows -> {
          Map<Integer, PartitionRow> stored =
              rows.stream().collect(Collectors.toMap(PartitionRow::partition, row -> row));
          for (Map.Entry<Integer, Lease> lease : byPartition.entrySet()) {
            PartitionRow row = stored.getOrDefault(
                lease.getKey(),
                PartitionRow.beginning(trail, lease.getKey(), book.firstBatch() - 1));
            fresh.add(new Partition(row, lease.getValue().epoch(), book));
          }
          return loadPanes(fresh.owned());
        })
        .compose(loaded -> firstBatch(fresh.owned()))
        .compose(first -> replay(fresh, first, target, fold))
        .map(replayed -> fresh);
  }

  private record Wanted(int timeline, String ruleHash) {}

  private Future<Void> loadPanes(List<Partition> partitions) {
    Map<Wanted, Long> fromUs = new HashMap<>();
    Map<Wanted, Set<Integer>> of = new HashMap<>();
    Map<Integer, Partition> byId = new HashMap<>();
    for (Partition partition : partitions) {
      byId.put(partition.id(), partition);
      partition.panesNeeded().forEach((hash, from) -> {
        Wanted wanted = new Wanted(partition.timeline(), hash);
        fromUs.merge(wanted, from, Math::min);
        of.computeIfAbsent(wanted, none -> new HashSet<>()).add(partition.id());
      });
    }
    Future<Void> loaded = Future.succeededFuture();
    for (Map.Entry<Wanted, Long> from : fromUs.entrySet()) {
      Wanted wanted = from.getKey();
      Set<Integer> ids = of.getOrDefault(wanted, Set.of());
      loaded = loaded.compose(before -> store
          .panes(trail, wanted.timeline(), wanted.ruleHash(), from.getValue(), ids)
          .map(blocks -> {
            for (List<KeyPanes> block : blocks) {
              for (KeyPanes key : block) {
                Partition partition = byId.get(key.partition());
                if (partition != null) {
                  partition.load(wanted.ruleHash(), key);
                }
              }
            }
            return null;
          }));
    }
    return loaded;
  }

  /** Where the replay begins: early enough for every open pane of every partition. */
  private Future<Long> firstBatch(List<Partition> partitions) {
    Map<Integer, List<Partition>> byTimeline = new TreeMap<>();
    List<Future<Long>> firsts = new ArrayList<>();
    for (Partition partition : partitions) {
      if (partition.timeline() == 0) {
        firsts.add(Future.succeededFuture(partition.batch() + 1));
      } else {
        byTimeline
            .computeIfAbsent(partition.timeline(), none -> new ArrayList<>())
            .add(partition);
      }
    }
    byTimeline.forEach((timeline, of) -> {
      long fromUs = of.stream().mapToLong(Partition::replayFromUs).min().orElseThrow();
      long batch = of.stream().mapToLong(Partition::batch).min().orElseThrow();
      firsts.add(store.firstBatch(trail, timeline, fromUs, batch));
    });
    return Future.all(firsts)
        .map(all -> firsts.stream().mapToLong(Future::result).min().orElse(Long.MAX_VALUE));
  }

  private Future<Void> replay(
      Analysis fresh, long next, long target, BiFunction<Analysis, Batch, Future<Void>> fold) {
    if (next > target) {
      return Future.succeededFuture();
    }
    return reader
        .read(trail, next, (int) Math.min(PAGE_BATCHES, target - next + 1), PAGE_BYTES)
        .compose(batches -> {
          if (batches.isEmpty()) {
            return Future.failedFuture(new IllegalStateException("batch " + next + " of trail "
                + trail + " is missing (expected up to " + target + ")"));
          }
          Future<Void> folded = Future.succeededFuture();
          for (Batch batch : batches) {
            folded = folded.compose(before -> fold.apply(fresh, batch));
          }
          long after = batches.get(batches.size() - 1).number() + 1;
          return folded.compose(done -> replay(fresh, after, target, fold));
        });
  }
}
