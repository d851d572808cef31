package io.vedette.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import io.vedette.standalone.cli.RunningInstance;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.stream.Stream;

/** CPU time that the parts of a run took: it says what a busy machine hides. */
record ServerCpu(Duration services, Duration database, Duration generator) {

  static ServerCpu now(RunningInstance instance) throws IOException {
    Path pidFile = instance.folder().resolve("pgdata").resolve("postmaster.pid");
    long postmaster = Files.exists(pidFile)
        ? Long.parseLong(Files.readAllLines(pidFile).get(0).strip())
        : -1;
    Duration database = ProcessHandle.of(postmaster)
        .map(ProcessHandle::children)
        .orElse(Stream.empty())
        .map(ServerCpu::of)
        .reduce(Duration.ZERO, Duration::plus);
    long own =
        ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    return new ServerCpu(
        ProcessHandle.of(instance.pid()).map(ServerCpu::of).orElse(Duration.ZERO),
        database,
        Duration.ofNanos(own));
  }

  private static Duration of(ProcessHandle process) {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  /** What was taken since, for each of so many records. */
  String since(ServerCpu before, long records) {
    return String.format(
        Locale.ROOT,
        "CPU a record: services %.0f us, PostgreSQL %.0f us, generator %.0f us",
        us(services, before.services, records),
        us(database, before.database, records),
        us(generator, before.generator, records));
  }

  private static double us(Duration after, Duration before, long records) {
    return after.minus(before).toNanos() / 1e3 / Math.max(1, records);
  }
}
