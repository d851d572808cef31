package io.vedette.collector;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.collector.append.Gate;
import io.vedette.collector.append.Limits;
import io.vedette.collector.append.Losses;
import io.vedette.collector.source.host.HostSampler;
import io.vedette.model.Batch;
import io.vedette.model.Sample;
import io.vedette.model.SampleBlock;
import io.vedette.runtime.ServiceContext;
import io.vedette.runtime.config.Config;
import io.vedette.runtime.metrics.StageTimer;
import io.vedette.store.MicroClock;
import io.vedette.store.StoreConfig;
import io.vedette.store.trail.Appender;
import io.vedette.testkit.Await;
import io.vertx.core.Context;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostVerticleTest {

  @TempDir
  Path folder;

  @Test
  void processesAreListedAtAPeriodOfTheirOwn() throws Exception {
    Turns rarely = turns("1h", 12);
    assertThat(rarely.cheap).hasSizeGreaterThanOrEqualTo(12);
    assertThat(rarely.lists).as("only at the start").hasSize(1);
    Turns often = turns("100ms", 12);
    assertThat(often.lists).hasSizeGreaterThanOrEqualTo(3);
    assertThat(often.cheap).as("with each list come the cheap ones").containsAll(often.lists);
  }

  /** Times of the samples that every turn has, and of those that only a list of processes has. */
  private static final class Turns {
    final Set<Long> cheap = new TreeSet<>();
    final Set<Long> lists = new TreeSet<>();
  }

  private Turns turns(String processes, int count) throws Exception {
    Path config = Files.writeString(folder.resolve("vedette.yaml"), """
        collector:
          sources:
            - {name: host, kind: host, interval: 100ms, processes: %s}
        """.formatted(processes));
    try (TestCollector collector = new TestCollector()) {
      BlockingQueue<Batch> batches = new LinkedBlockingQueue<>();
      collector.listen(batches::add);
      collector.start(Map.of(), config);
      Turns turns = new Turns();
      long untilNs = System.nanoTime() + Await.LIMIT.toNanos();
      while (turns.cheap.size() < count) {
        Batch batch = batches.poll(untilNs - System.nanoTime(), TimeUnit.NANOSECONDS);
        assertThat(batch).as("turns, so far %s", turns.cheap).isNotNull();
        for (Sample sample : SampleBlock.decode(batch.samples())) {
          switch (sample.series().name()) {
            case "host_load1" -> turns.cheap.add(sample.timeUs());
            case "host_processes" -> turns.lists.add(sample.timeUs());
            default -> {}
          }
        }
      }
      assertThat(collector.count("vedette.stage.bytes", "stage", "collect"))
          .as("bytes of samples")
          .isPositive();
      return turns;
    }
  }

  @Test
  void samplesOffTheEventLoop() throws Exception {
    try (TestCollector collector = new TestCollector()) {
      Config config = Config.of(Map.of());
      ServiceContext service = collector.context(config);
      StageTimer stages = new StageTimer(service.metrics());
      Appender appender =
          new Appender(collector.database(), service.vertx().eventBus(), MicroClock.SYSTEM);
      AppendVerticle append = new AppendVerticle(
          1,
          new Limits(1_000, 1 << 20, 5_000),
          StoreConfig.retentionClasses(config),
          appender,
          collector.database(),
          new Gate(1_000, 1 << 20),
          new Losses(),
          stages,
          service.metrics(),
          MicroClock.SYSTEM);
      CompletableFuture<Boolean> onWorker = new CompletableFuture<>();
      HostVerticle host = new HostVerticle(
          service,
          new Sources.Host("host", Duration.ofMillis(100), Duration.ofMillis(100)),
          () -> {
            onWorker.complete(Context.isOnWorkerThread() && !Context.isOnEventLoopThread());
            return new HostSampler("here");
          },
          append,
          stages,
          MicroClock.SYSTEM);
      Await.value(service.vertx().deployVerticle(append));
      String deployment = Await.value(service.vertx().deployVerticle(host));
      assertThat(onWorker.get(Await.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
      Await.value(service.vertx().undeploy(deployment));
      Await.value(appender.close());
    }
  }
}
