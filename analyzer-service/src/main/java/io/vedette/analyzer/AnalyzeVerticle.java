package io.vedette.analyzer;

import io.vedette.analyzer.rule.RuleBook;
import io.vedette.analyzer.window.Analysis;
import io.vedette.analyzer.window.Partition;
import io.vedette.model.Batch;
import io.vedette.model.Finding;
import io.vedette.model.NodeStatus;
import io.vedette.model.Publication;
import io.vedette.model.StatisticUpdate;
import io.vedette.runtime.Addresses;
import io.vedette.store.Database;
import io.vedette.store.MicroClock;
import io.vedette.store.analysis.AnalysisStore;
import io.vedette.store.analysis.RuleRevisions;
import io.vedette.store.lease.Lease;
import io.vedette.store.lease.Leases;
import io.vedette.store.node.Nodes;
import io.vedette.store.trail.BatchFeed;
import io.vedette.store.trail.BatchReader;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Feeds batches, in order, to the partitions this node owns, stores what they find and close, publishes their statistics. Sole owner of their state, which only what runs in {@link #work} touches; what is
 * written is fenced by the leases. Runs on a worker context, so that expressions of rules never hold an event loop.
 */
final class AnalyzeVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(AnalyzeVerticle.class);

  /** About 10 MB: closed panes that are stored before the interval is over. */
  private static final int MANY_CLOSED = 50_000;

  /** Values of one message: far below the 512 KiB a message may have. */
  private static final int VALUES_PER_MESSAGE = 500;

  private static final long EXPIRE_MS = 600_000;

  private final Database database;
  private final AnalyzeSettings settings;
  private final AnalysisStore store;
  private final HeldPartitions held;
  private final FencedWriter writer;
  private final Nodes nodes;
  private final RuleBook book = new RuleBook();
  private final RulesInForce rules;
  private final Analysis analysis = new Analysis(book);
  private final Recovery recovery;
  private final BatchReader reader;
  private final Sequence work = new Sequence();
  private final AnalyzerMetrics metrics;
  private @Nullable BatchFeed feed;
  private volatile long position;
  private boolean looking;
  private boolean stopping;
  private boolean ended;
  private final Trouble trouble = new Trouble(() -> stopping, this::owned);
  private long looker = -1;
  private long renewer = -1;
  private long storedMs;
  private long expiredMs;

  AnalyzeVerticle(Database database, RuleRevisions revisions, AnalyzeSettings settings) {
    this.database = database;
    this.settings = settings;
    this.store = new AnalysisStore(database);
    this.rules = new RulesInForce(revisions, settings.trail(), book);
    this.held = new HeldPartitions(
        new Leases(database), settings.trail(), settings.node(), settings.lease());
    this.writer = new FencedWriter(settings.trail(), store, held, this::dropMoved);
    this.nodes = new Nodes(database);
    this.reader = new BatchReader(database);
    this.recovery = new Recovery(settings.trail(), store, reader, book);
    this.metrics = new AnalyzerMetrics(database.metrics(), this::lag);
  }

  @Override
  public Future<?> start() {
    looker = vertx.setPeriodic(settings.look().toMillis(), id -> look());
    renewer = vertx.setPeriodic(settings.lease().toMillis() / 3, id -> renew());
    storedMs = nowMs();
    expiredMs = nowMs();
    return work.next(this::rebalance).recover(failure -> {
      LOG.warn("analysis cannot begin yet, trying again cause={}", failure.toString());
      return Future.succeededFuture();
    });
  }

  @Override
  public Future<?> stop() {
    return finish(true);
  }

  /** As {@link #stop}, but nothing is stored or handed over: what a process does that is killed. */
  Future<Void> kill() {
    Promise<Void> killed = Promise.promise();
    context.runOnContext(ignored -> finish(false).onComplete(killed));
    return killed.future();
  }

  /** Empty when all is well, else what keeps the analysis from going on. */
  String trouble() {
    return trouble.now();
  }

  long lag() {
    BatchFeed running = feed;
    return running == null ? 0 : running.lag();
  }

  /** Number of the last batch folded. */
  long position() {
    return position;
  }

  private Future<Void> finish(boolean handOver) {
    if (stopping) {
      return Future.succeededFuture();
    }
    stopping = true;
    vertx.cancelTimer(looker);
    vertx.cancelTimer(renewer);
    if (!handOver) {
      end();
    }
    BatchFeed running = feed;
    Future<Void> fed = running == null ? Future.succeededFuture() : running.stop();
    if (!handOver) {
      return fed;
    }
    return fed.eventually(() -> work.next(() -> release(analysis.owned())))
        .onComplete(done -> end());
  }

  private void end() {
    ended = true;
    writer.end();
  }

  // ------------------------------------------------------------------------------------ batches

  private Future<Void> take(Batch batch) {
    return work.next(() -> {
      if (ended) {
        return Future.succeededFuture();
      }
      Future<Void> known = rules.mayChangeWith(batch) ? readRules() : Future.succeededFuture();
      return known.compose(read -> fold(analysis, batch, true)).compose(folded -> {
        position = batch.number();
        return storeWhenDue();
      });
    });
  }

  private Future<Void> readRules() {
    return untilDone("rules cannot be read", rules::read).onSuccess(read -> metrics.rules(book));
  }

  private Future<Void> fold(Analysis into, Batch batch, boolean live) {
    if (into.owned().isEmpty()) {
      return Future.succeededFuture();
    }
    long startUs = MicroClock.SYSTEM.nowUs();
    long late = into.late();
    long refused = into.refused();
    Analysis.Folded folded = into.fold(batch);
    if (live) {
      metrics.folded(batch, into, startUs, late, refused, folded.backfill());
      publish(batch, folded.updates());
    } else {
      metrics.replayed(1);
    }
    Future<Void> raised =
        folded.findings().isEmpty() ? Future.succeededFuture() : raise(folded.findings());
    return live || into.closedCount() < MANY_CLOSED
        ? raised
        : raised.compose(done -> save(into, into.owned()));
  }

  private void publish(Batch batch, Map<String, List<StatisticUpdate.Value>> updates) {
    updates.forEach((name, values) -> {
      for (int from = 0; from < values.size(); from += VALUES_PER_MESSAGE) {
        List<StatisticUpdate.Value> part =
            values.subList(from, Math.min(values.size(), from + VALUES_PER_MESSAGE));
        vertx
            .eventBus()
            .publish(
                Addresses.statistic(name),
                new StatisticUpdate(
                    batch.trail(), name, batch.number(), batch.atUs(), part, batch.stamps()));
      }
    });
  }

  /** Findings are stored before the next batch: without the store the analysis waits, and so do the batches. */
  private Future<Void> raise(List<Finding> findings) {
    return untilDone("findings cannot be stored", () -> writer.raise(findings)).map(published -> {
      metrics.raised(published.size());
      for (Publication publication : published) {
        vertx.eventBus().publish(Addresses.FINDING_RAISED, publication);
      }
      return null;
    });
  }

  // ------------------------------------------------------------------------------------ storing

  private Future<Void> storeWhenDue() {
    boolean many = analysis.closedCount() >= MANY_CLOSED;
    if (!many && nowMs() - storedMs < settings.store().toMillis()) {
      return Future.succeededFuture();
    }
    storedMs = nowMs();
    Future<Void> saved = many
        ? untilDone("panes cannot be stored", () -> save(analysis, analysis.owned()))
        : save(analysis, analysis.owned()).recover(failure -> {
          metrics.storeFailed();
          LOG.debug("state not stored, it will be with the next: {}", failure.toString());
          return Future.succeededFuture();
        });
    return saved.compose(done -> expireWhenDue());
  }

  private Future<Void> save(Analysis of, List<Partition> partitions) {
    return writer.save(of, partitions).map(saved -> {
      if (saved) {
        metrics.stored();
      }
      return null;
    });
  }

  /** Old panes and findings: by whoever owns partition 0, now and then. */
  private Future<Void> expireWhenDue() {
    if (!held.has(0) || nowMs() - expiredMs < EXPIRE_MS) {
      return Future.succeededFuture();
    }
    expiredMs = nowMs();
    long nowUs = MicroClock.SYSTEM.nowUs();
    return store
        .expire(
            settings.trail(),
            nowUs - settings.keepPanes().toNanos() / 1000,
            nowUs - settings.keepFindings().toNanos() / 1000)
        .onFailure(failure -> LOG.warn("old panes not removed cause={}", failure.toString()))
        .<Void>mapEmpty()
        .otherwiseEmpty();
  }

  // ---------------------------------------------------------------------------------- ownership

  private void look() {
    if (looking || stopping) {
      return;
    }
    looking = true;
    work.next(this::rebalance).onComplete(done -> {
      looking = false;
      if (done.failed()) {
        trouble.is("ownership cannot be settled: " + done.cause());
      }
    });
  }

  private Future<Void> rebalance() {
    if (stopping) {
      return Future.succeededFuture();
    }
    Future<Void> known = rules.isEmpty() ? readRules() : Future.succeededFuture();
    return known.compose(read -> {
      if (rules.isEmpty()) {
        trouble.is("there are no rules yet");
        return Future.succeededFuture();
      }
      return nodes.live().compose(this::settle).onSuccess(settled -> trouble.isOver());
    });
  }

  private Future<Void> settle(List<NodeStatus> live) {
    Set<Integer> due = held.due(live);
    List<Partition> foreign = analysis.owned().stream()
        .filter(partition -> !due.contains(partition.id()))
        .toList();
    List<Integer> wanted =
        due.stream().filter(partition -> !held.has(partition)).toList();
    return release(foreign)
        .compose(released -> held.claim(wanted))
        .compose(claimed -> claimed.isEmpty() ? Future.succeededFuture() : recover(claimed));
  }

  private Future<Void> release(List<Partition> partitions) {
    if (partitions.isEmpty()) {
      return Future.succeededFuture();
    }
    return save(analysis, partitions)
        .transform(saved -> {
          Set<Integer> ids = partitions.stream().map(Partition::id).collect(Collectors.toSet());
          Collection<Lease> ours = held.of(ids);
          ids.forEach(this::drop);
          return held.handOver(ours);
        })
        .onSuccess(over -> LOG.info("partitions handed over count={}", partitions.size()));
  }

  /** Of what was claimed. It is renewed meanwhile, and findings of the replay are fenced; dropped again if it fails. */
  private Future<Void> recover(List<Lease> claimed) {
    BatchFeed running = feed;
    Future<Long> target = running != null
        ? Future.succeededFuture(position)
        : reader.head(settings.trail()).map(head -> head.batch());
    return target
        .compose(last -> readRules()
            .compose(
                read -> recovery.take(claimed, last, (into, batch) -> fold(into, batch, false)))
            .onSuccess(fresh -> {
              fresh.owned().stream()
                  .filter(partition -> held.has(partition.id()))
                  .forEach(analysis::add);
              metrics.owned(analysis);
              LOG.info("partitions taken up count={} batch={}", claimed.size(), last);
              if (feed == null && !stopping) {
                position = last;
                listen(last + 1);
              }
            }))
        .onFailure(failure -> claimed.forEach(lease -> drop(HeldPartitions.partition(lease))))
        .mapEmpty();
  }

  private void listen(long from) {
    BatchFeed started = BatchFeed.start(database, settings.trail(), from, this::take);
    feed = started;
    started.failure().onFailure(failure -> context.runOnContext(ignored -> begin(failure)));
  }

  /** Something in here is wrong with this state or this batch: drop all of it and take it up again from the store. */
  private void begin(Throwable failure) {
    if (stopping) {
      return;
    }
    LOG.error(
        "analysis failed and begins again from what is stored after batch={}", position, failure);
    trouble.isAsLogged("begins again after a failure: " + failure);
    work.next(() -> {
      List<Lease> ours = held.all();
      ours.forEach(lease -> drop(HeldPartitions.partition(lease)));
      feed = null;
      return held.handOver(ours);
    });
  }

  private void drop(int partition) {
    held.forget(partition);
    analysis.remove(partition);
  }

  /** Independent of what is folded or stored: a slow batch must not cost the lease. */
  private void renew() {
    if (ended) {
      return;
    }
    held.renew().onSuccess(gone -> {
      if (!gone.isEmpty()) {
        work.next(() -> {
          dropAll(gone);
          return Future.succeededFuture();
        });
      }
    });
  }

  private void dropAll(List<Lease> gone) {
    List<Lease> current = gone.stream().filter(held::isCurrent).toList();
    current.forEach(lease -> drop(HeldPartitions.partition(lease)));
    if (!current.isEmpty()) {
      metrics.lost(current.size());
      LOG.warn("partitions lost to others count={}", current.size());
    }
  }

  /** A write was refused: finds out which partitions moved. */
  private Future<Void> dropMoved() {
    return held.moved().map(moved -> {
      dropAll(moved);
      return null;
    });
  }

  private <T> Future<T> untilDone(String what, Supplier<Future<T>> task) {
    return trouble.untilDone(vertx, what, task);
  }

  private int owned() {
    return held.count();
  }

  private static long nowMs() {
    return System.nanoTime() / 1_000_000;
  }
}
