package io.vedette.collector.source.host;

import io.vedette.model.Sample;
import io.vedette.model.Series;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import oshi.SystemInfo;
import oshi.hardware.CentralProcessor;
import oshi.hardware.GlobalMemory;
import oshi.hardware.HWDiskStore;
import oshi.hardware.NetworkIF;
import oshi.hardware.VirtualMemory;
import oshi.software.os.OSFileStore;
import oshi.software.os.OSProcess;
import oshi.software.os.OperatingSystem;

/**
 * Samples of this host, in node-exporter's manner: base units, {@code _total} for counters, {@code _ratio} for parts of one. Every series has the label {@code host}. Blocking (reads {@code /proc} and
 * asks file systems), not thread safe.
 *
 * <pre>
 * host_cpu_utilisation_ratio{cpu="total"|"0"..}   host_load1 host_load5 host_load15
 * host_memory_total_bytes host_memory_available_bytes host_memory_used_ratio
 * host_swap_total_bytes host_swap_used_bytes host_swap_used_ratio
 * host_filesystem_size_bytes host_filesystem_avail_bytes host_filesystem_used_ratio {mountpoint, fstype}
 * host_disk_read_bytes_total host_disk_written_bytes_total host_disk_reads_total host_disk_writes_total {device}
 * host_disk_read_bytes_per_second host_disk_written_bytes_per_second {device}
 * host_network_receive_bytes_total host_network_transmit_bytes_total {device}
 * host_network_receive_bytes_per_second host_network_transmit_bytes_per_second {device}
 * host_processes host_threads host_uptime_seconds
 * host_process_cpu_utilisation_ratio host_process_resident_bytes {name}    (the largest, by name)
 * </pre>
 */
public final class HostSampler {

  /** File systems, disks and interfaces at most sampled of each: a host with thousands of mounts must not flood the trail. */
  private static final int MAX_DEVICES = 64;

  private static final int TOP_PROCESSES = 10;
  private static final long FILE_SYSTEMS_EVERY_US = 10_000_000;

  private final String host;
  private final CentralProcessor processor;
  private final GlobalMemory memory;
  private final OperatingSystem system;
  private final SystemInfo info;
  private final Map<String, double[]> counters =
      new HashMap<>(); // name and device to (value, time)

  private long @Nullable [] ticks;
  private long @Nullable [][] coreTicks;
  private List<HWDiskStore> disks = List.of();
  private List<NetworkIF> interfaces = List.of();
  private List<OSFileStore> fileSystems = List.of();
  private long listedUs = Long.MIN_VALUE;
  private final Map<Integer, OSProcess> processes = new HashMap<>();

  public HostSampler(String host) {
    this.host = host;
    this.info = new SystemInfo();
    this.processor = info.getHardware().getProcessor();
    this.memory = info.getHardware().getMemory();
    this.system = info.getOperatingSystem();
  }

  /** What is cheap: every second. The first call only has what needs no earlier value. */
  public List<Sample> sample(long nowUs) {
    List<Sample> samples = new ArrayList<>(96);
    boolean list =
        listedUs == Long.MIN_VALUE || nowUs - listedUs >= FILE_SYSTEMS_EVERY_US || nowUs < listedUs;
    if (list) {
      listedUs = nowUs;
      disks = first(info.getHardware().getDiskStores());
      interfaces = first(info.getHardware().getNetworkIFs());
      fileSystems = first(realFileSystems());
    }
    cpu(samples, nowUs);
    memory(samples, nowUs);
    disks(samples, nowUs);
    network(samples, nowUs);
    fileSystems(samples, nowUs);
    add(samples, nowUs, "host_uptime_seconds", Map.of(), (double) system.getSystemUptime());
    return samples;
  }

  /** What is not: every ten seconds. */
  public List<Sample> processes(long nowUs) {
    List<Sample> samples = new ArrayList<>(2 * TOP_PROCESSES + 2);
    add(samples, nowUs, "host_processes", Map.of(), system.getProcessCount());
    add(samples, nowUs, "host_threads", Map.of(), system.getThreadCount());
    Map<String, double[]> byName = new TreeMap<>();
    Map<Integer, OSProcess> now = new HashMap<>();
    for (OSProcess process : system.getProcesses()) {
      now.put(process.getProcessID(), process);
      OSProcess before = processes.get(process.getProcessID());
      double[] sums = byName.computeIfAbsent(process.getName(), name -> new double[2]);
      sums[0] += before == null ? 0 : process.getProcessCpuLoadBetweenTicks(before);
      sums[1] += process.getResidentMemory();
    }
    boolean first = processes.isEmpty();
    processes.clear();
    processes.putAll(now);
    if (!first) {
      top(byName, 0)
          .forEach(entry -> add(
              samples,
              nowUs,
              "host_process_cpu_utilisation_ratio",
              Map.of("name", entry.getKey()),
              entry.getValue()[0]));
    }
    top(byName, 1)
        .forEach(entry -> add(
            samples,
            nowUs,
            "host_process_resident_bytes",
            Map.of("name", entry.getKey()),
            entry.getValue()[1]));
    return samples;
  }

  private static List<Map.Entry<String, double[]>> top(Map<String, double[]> byName, int which) {
    Comparator<Map.Entry<String, double[]>> larger =
        Comparator.comparingDouble(entry -> -entry.getValue()[which]);
    return byName.entrySet().stream().sorted(larger).limit(TOP_PROCESSES).toList();
  }

  private void cpu(List<Sample> samples, long nowUs) {
    long[] total = processor.getSystemCpuLoadTicks();
    long[][] cores = processor.getProcessorCpuLoadTicks();
    long[] totalBefore = ticks;
    long[][] coresBefore = coreTicks;
    if (totalBefore != null && coresBefore != null && coresBefore.length == cores.length) {
      add(
          samples,
          nowUs,
          "host_cpu_utilisation_ratio",
          Map.of("cpu", "total"),
          processor.getSystemCpuLoadBetweenTicks(totalBefore, total));
      double[] loads = processor.getProcessorCpuLoadBetweenTicks(coresBefore, cores);
      for (int core = 0; core < loads.length; core++) {
        add(
            samples,
            nowUs,
            "host_cpu_utilisation_ratio",
            Map.of("cpu", Integer.toString(core)),
            loads[core]);
      }
    }
    ticks = total;
    coreTicks = cores;
    double[] load = processor.getSystemLoadAverage(3);
    add(samples, nowUs, "host_load1", Map.of(), load[0]);
    add(samples, nowUs, "host_load5", Map.of(), load[1]);
    add(samples, nowUs, "host_load15", Map.of(), load[2]);
  }

  private void memory(List<Sample> samples, long nowUs) {
    double total = memory.getTotal();
    double available = memory.getAvailable();
    add(samples, nowUs, "host_memory_total_bytes", Map.of(), total);
    add(samples, nowUs, "host_memory_available_bytes", Map.of(), available);
    add(samples, nowUs, "host_memory_used_ratio", Map.of(), total > 0 ? 1 - available / total : 0);
    VirtualMemory swap = memory.getVirtualMemory();
    add(samples, nowUs, "host_swap_total_bytes", Map.of(), (double) swap.getSwapTotal());
    add(samples, nowUs, "host_swap_used_bytes", Map.of(), (double) swap.getSwapUsed());
    add(
        samples,
        nowUs,
        "host_swap_used_ratio",
        Map.of(),
        swap.getSwapTotal() > 0 ? (double) swap.getSwapUsed() / swap.getSwapTotal() : 0);
  }

  private void disks(List<Sample> samples, long nowUs) {
    for (HWDiskStore disk : disks) {
      if (disk.updateAttributes()) {
        Map<String, String> device = Map.of("device", name(disk.getName()));
        counter(samples, nowUs, "host_disk_read_bytes", device, disk.getReadBytes());
        counter(samples, nowUs, "host_disk_written_bytes", device, disk.getWriteBytes());
        add(samples, nowUs, "host_disk_reads_total", device, (double) disk.getReads());
        add(samples, nowUs, "host_disk_writes_total", device, (double) disk.getWrites());
      }
    }
  }

  private void network(List<Sample> samples, long nowUs) {
    for (NetworkIF network : interfaces) {
      if (network.updateAttributes()) {
        Map<String, String> device = Map.of("device", network.getName());
        counter(samples, nowUs, "host_network_receive_bytes", device, network.getBytesRecv());
        counter(samples, nowUs, "host_network_transmit_bytes", device, network.getBytesSent());
      }
    }
  }

  private List<OSFileStore> realFileSystems() {
    Map<Mount, OSFileStore> stores = new LinkedHashMap<>();
    for (OSFileStore store : system.getFileSystem().getFileStores(true)) {
      stores.putIfAbsent(
          new Mount(store.getMount(), store.getType(), store.getVolume(), store.getTotalSpace()),
          store);
    }
    return Mount.real(List.copyOf(stores.keySet())).stream()
        .map(mount -> Objects.requireNonNull(stores.get(mount)))
        .toList();
  }

  private void fileSystems(List<Sample> samples, long nowUs) {
    for (OSFileStore store : fileSystems) {
      double size = store.getTotalSpace();
      double available = store.getUsableSpace();
      if (size > 0) {
        Map<String, String> labels =
            Map.of("mountpoint", store.getMount(), "fstype", store.getType());
        add(samples, nowUs, "host_filesystem_size_bytes", labels, size);
        add(samples, nowUs, "host_filesystem_avail_bytes", labels, available);
        add(
            samples,
            nowUs,
            "host_filesystem_used_ratio",
            labels,
            Math.max(0, 1 - available / size));
      }
    }
  }

  /** A counter as it is, and its rate since the last time; a counter that went back begins anew. */
  private void counter(
      List<Sample> samples, long nowUs, String name, Map<String, String> device, long value) {
    add(samples, nowUs, name + "_total", device, (double) value);
    String key = name + device;
    double[] before = counters.put(key, new double[] {value, nowUs});
    if (before != null && value >= before[0] && nowUs > before[1]) {
      add(
          samples,
          nowUs,
          name + "_per_second",
          device,
          (value - before[0]) * 1_000_000 / (nowUs - before[1]));
    }
    if (counters.size() > 8 * MAX_DEVICES) {
      counters.clear();
    }
  }

  private void add(
      List<Sample> samples, long nowUs, String name, Map<String, String> labels, double value) {
    TreeMap<String, String> all = new TreeMap<>(labels);
    all.put("host", host);
    samples.add(new Sample(new Series(name, all), nowUs, value));
  }

  private static String name(String device) {
    return device.startsWith("/dev/") ? device.substring(5) : device;
  }

  private static <T> List<T> first(List<T> all) {
    return all.size() <= MAX_DEVICES ? all : List.copyOf(all.subList(0, MAX_DEVICES));
  }
}
