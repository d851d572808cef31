package io.vedette.collector;

import io.micrometer.core.instrument.Counter;
import io.vedette.collector.append.Admission;
import io.vedette.collector.append.Offer;
import io.vedette.collector.append.Settlement;
import io.vedette.collector.source.host.HostSampler;
import io.vedette.model.Sample;
import io.vedette.model.SampleBlock;
import io.vedette.model.Series;
import io.vedette.runtime.Health;
import io.vedette.runtime.ServiceContext;
import io.vedette.runtime.metrics.Stage;
import io.vedette.runtime.metrics.StageTimer;
import io.vedette.store.MicroClock;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.WorkerExecutor;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Samples of this host every second, its processes every ten, by a worker thread of its own. A turn that comes while the last one is not done is skipped and counted. */
final class HostVerticle extends VerticleBase {
  private static final Logger log = LoggerFactory.getLogger(HostVerticle.class);

  private final ServiceContext service;
  private final String source;
  private final Sources.Host settings;
  private final AppendVerticle append;
  private final StageTimer stages;
  private final MicroClock clock;
  private final int trail;
  private final Counter sampled;
  private final Counter skipped;

  private @Nullable WorkerExecutor worker;
  private final Supplier<HostSampler> samplers;
  private @Nullable HostSampler sampler; // only touched by the worker
  private @Nullable Runnable healthEntry;
  private boolean busy;
  private long timer = -1;
  private long processTimer = -1;
  private boolean processesDue = true;
  private volatile String complaint = "";

  HostVerticle(
      ServiceContext service,
      Sources.Host settings,
      Supplier<HostSampler> samplers,
      AppendVerticle append,
      StageTimer stages,
      MicroClock clock) {
    this.service = service;
    this.source = settings.name();
    this.settings = settings;
    this.samplers = samplers;
    this.append = append;
    this.stages = stages;
    this.clock = clock;
    this.trail = service.config().get(CollectorConfig.TRAIL);
    this.sampled = Counter.builder("vedette_collector_sample_admitted_total")
        .description("Samples in the trail")
        .register(service.metrics());
    this.skipped = Counter.builder("vedette_collector_sample_skipped_total")
        .description(
            "Turns of sampling that were left out: the last was not done, or the trail took nothing")
        .register(service.metrics());
  }

  @Override
  public Future<?> start() {
    worker = vertx.createSharedWorkerExecutor("collector-" + source, 1);
    healthEntry = service
        .health()
        .register(
            "collector.source." + source,
            () -> complaint.isEmpty() ? Health.Check.up() : Health.Check.degraded(complaint));
    timer = vertx.setPeriodic(1, settings.interval().toMillis(), id -> turn());
    processTimer = vertx.setPeriodic(settings.processes().toMillis(), id -> processesDue = true);
    return Future.succeededFuture();
  }

  @Override
  public Future<?> stop() {
    vertx.cancelTimer(timer);
    vertx.cancelTimer(processTimer);
    Runnable entry = healthEntry;
    if (entry != null) {
      entry.run();
    }
    WorkerExecutor own = worker;
    return own == null ? Future.succeededFuture() : own.close();
  }

  private void turn() {
    if (busy || append.gate().closed() != null) {
      skipped.increment();
      return;
    }
    busy = true;
    boolean withProcesses = processesDue;
    processesDue = false;
    Objects.requireNonNull(worker, "not started")
        .executeBlocking(() -> sample(withProcesses), true)
        .onComplete(answer -> {
          busy = false;
          if (answer.succeeded()) {
            complaint = "";
            offer(answer.result());
          } else if (!answer.cause().toString().equals(complaint)) {
            complaint = answer.cause().toString();
            log.warn("source does not run source={} because {}", source, complaint);
          }
        });
  }

  private record Sampled(List<Sample> samples, long bytes) {}

  private Sampled sample(boolean withProcesses) {
    HostSampler own = sampler;
    if (own == null) {
      own = samplers.get();
      sampler = own;
    }
    long nowUs = clock.nowUs();
    List<Sample> samples = own.sample(nowUs);
    if (withProcesses) {
      samples.addAll(own.processes(nowUs));
    }
    samples.add(new Sample(
        Series.of(CollectorService.HEARTBEAT, Map.of("source", source, "kind", "host")), nowUs, 1));
    return new Sampled(samples, SampleBlock.encode(samples).length);
  }

  private void offer(Sampled read) {
    List<Sample> samples = read.samples();
    long readUs = samples.get(0).timeUs();
    long nowUs = clock.nowUs();
    stages.record(Stage.COLLECT, readUs, nowUs, read.bytes(), samples.size());
    Admission admission = append.offer(trail, Offer.samples(source, samples, nowUs, settlement -> {
      if (settlement instanceof Settlement.Appended) {
        sampled.increment(samples.size());
      } else {
        skipped.increment();
      }
    }));
    if (admission instanceof Admission.Pushback) {
      skipped.increment();
    }
  }
}
