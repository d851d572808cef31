package io.vedette.collector.source.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.model.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** This very host, twice: what needs an earlier value is there the second time. */
class HostSamplerTest {
  private static final long FIRST_US = 1_800_000_000_000_000L;
  private static final long SECOND_US = FIRST_US + 1_000_000;

  @Test
  void everySeriesThatIsPromisedIsThere() {
    HostSampler sampler = new HostSampler("here");
    List<Sample> first = new ArrayList<>(sampler.sample(FIRST_US));
    first.addAll(sampler.processes(FIRST_US));
    List<Sample> second = new ArrayList<>(sampler.sample(SECOND_US));
    second.addAll(sampler.processes(SECOND_US));

    assertThat(labels(second, "host_cpu_utilisation_ratio", "cpu"))
        .hasSize(1 + Runtime.getRuntime().availableProcessors())
        .contains("total", "0");
    assertThat(names(second))
        .contains(
            "host_load1",
            "host_load5",
            "host_load15",
            "host_memory_total_bytes",
            "host_memory_available_bytes",
            "host_memory_used_ratio",
            "host_swap_total_bytes",
            "host_swap_used_bytes",
            "host_swap_used_ratio",
            "host_filesystem_size_bytes",
            "host_filesystem_avail_bytes",
            "host_filesystem_used_ratio",
            "host_network_receive_bytes_total",
            "host_network_transmit_bytes_total",
            "host_network_receive_bytes_per_second",
            "host_network_transmit_bytes_per_second",
            "host_processes",
            "host_threads",
            "host_uptime_seconds",
            "host_process_cpu_utilisation_ratio",
            "host_process_resident_bytes");
    if (!labels(first, "host_disk_reads_total", "device").isEmpty()) { // containers may see none
      assertThat(names(second))
          .contains(
              "host_disk_read_bytes_total",
              "host_disk_written_bytes_total",
              "host_disk_writes_total",
              "host_disk_read_bytes_per_second",
              "host_disk_written_bytes_per_second");
    }
    assertThat(second).allSatisfy(sample -> {
      assertThat(sample.series().labels()).containsEntry("host", "here");
      assertThat(sample.timeUs()).isEqualTo(SECOND_US);
      assertThat(sample.value()).isFinite().isNotNegative();
    });
    assertThat(second)
        .filteredOn(sample -> sample.series().name().endsWith("_ratio"))
        .noneMatch(
            sample -> sample.value() > 1 && !sample.series().name().startsWith("host_process_"));
    assertThat(names(first))
        .as("of one reading there is no rate")
        .doesNotContain("host_cpu_utilisation_ratio", "host_network_receive_bytes_per_second");
  }

  private static Set<String> names(List<Sample> samples) {
    return samples.stream().map(sample -> sample.series().name()).collect(Collectors.toSet());
  }

  private static Set<String> labels(List<Sample> samples, String name, String label) {
    return samples.stream()
        .filter(sample -> sample.series().name().equals(name))
        .map(sample -> String.valueOf(sample.series().labels().get(label)))
        .collect(Collectors.toSet());
  }
}
