package io.vedette.runtime.metrics;

import com.sun.management.OperatingSystemMXBean;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.VertxOptions;
import io.vertx.core.spi.VertxMetricsFactory;
import io.vertx.micrometer.MicrometerMetricsFactory;
import io.vertx.micrometer.MicrometerMetricsOptions;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Set;

/** The one registry of a process, with the meters of the JVM, the process and Vert.x in a form that {@code promtool check metrics} accepts. */
public final class Metrics {
  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT");

  private Metrics() {}

  public static PrometheusMeterRegistry registry() {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    registry
        .config()
        .meterFilter(boundedMethods())
        .meterFilter(MeterFilter.denyNameStartsWith("process.cpu.time"))
        .meterFilter(renamed());
    return registry;
  }

  /** JVM and process; the answer stops listening to garbage collections. */
  public static Runnable bindProcess(MeterRegistry registry) {
    JvmGcMetrics collections = new JvmGcMetrics();
    List.of(
            new JvmMemoryMetrics(),
            collections,
            new JvmThreadMetrics(),
            new ClassLoaderMetrics(),
            new ProcessorMetrics(),
            new UptimeMetrics(),
            new FileDescriptorMetrics())
        .forEach(binder -> binder.bindTo(registry));
    // In the place of process.cpu.time, which counts nanoseconds.
    if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
      FunctionCounter.builder("process.cpu", system, os -> os.getProcessCpuTime() / 1e9)
          .description("Processor time used by this process")
          .baseUnit("seconds")
          .register(registry);
    }
    return collections::close;
  }

  /** Options with which Vert.x reports to {@link #factory}. */
  public static VertxOptions enable(VertxOptions options) {
    return options.setMetricsOptions(new MicrometerMetricsOptions().setEnabled(true));
  }

  public static VertxMetricsFactory factory(MeterRegistry registry) {
    return new MicrometerMetricsFactory(registry);
  }

  /** A gauge whose name ends in _count looks like a part of a histogram. */
  private static MeterFilter renamed() {
    return new MeterFilter() {
      @Override
      public Meter.Id map(Meter.Id id) {
        return id.getName().equals("system.cpu.count") ? id.withName("system.cpu.cores") : id;
      }
    };
  }

  /** A method is what the client wrote: anything unknown becomes OTHER, or each would be a new series. */
  private static MeterFilter boundedMethods() {
    return MeterFilter.replaceTagValues(
        "method", method -> METHODS.contains(method) ? method : "OTHER");
  }
}
