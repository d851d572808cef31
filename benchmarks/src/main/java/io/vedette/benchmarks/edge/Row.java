package io.vedette.benchmarks.edge;

import java.util.List;
import java.util.Locale;

/**
 * One measurement of one server, as it stands in the raw output.
 *
 * @param offered publications a second asked for
 * @param deliveries publications that reached a socket, summed over the sockets
 * @param cpuSeconds of the server while they did
 * @param loadCpuSeconds of the load generator meanwhile
 * @param baseKb the server's memory before the sockets
 * @param idleKb with all sockets open and nothing published
 * @param loadedKb at the end
 * @param messages WebSocket messages that carried the deliveries
 * @param held publications put off because the server was too far behind; if any, the rate is the server's
 * @param lost sockets that the server closed
 */
record Row(
    String scenario,
    int round,
    String contender,
    int sockets,
    double offered,
    double seconds,
    long deliveries,
    double cpuSeconds,
    double loadCpuSeconds,
    double p50Ms,
    double p99Ms,
    double maxMs,
    long wireBytes,
    long messages,
    long baseKb,
    long idleKb,
    long loadedKb,
    long missed,
    long repeated,
    long held,
    int lost) {
  static final String HEAD =
      "scenario,round,contender,sockets,offered_per_s,seconds,deliveries,server_cpu_s,load_cpu_s,p50_ms,p99_ms,max_ms,wire_bytes,messages,rss_base_kb,rss_idle_kb,rss_loaded_kb,missed,repeated,held,lost";

  double perCpuSecond() {
    return deliveries / Math.max(0.01, cpuSeconds);
  }

  double bytesEach() {
    return deliveries == 0 ? 0 : (double) wireBytes / deliveries;
  }

  double idleKbEach() {
    return (double) (idleKb - baseKb) / sockets;
  }

  double loadedKbEach() {
    return (double) (loadedKb - baseKb) / sockets;
  }

  double serverShare() {
    return cpuSeconds / seconds;
  }

  double loadShare() {
    return loadCpuSeconds / seconds;
  }

  String csv() {
    return String.format(
        Locale.ROOT,
        "%s,%d,%s,%d,%.1f,%.3f,%d,%.2f,%.2f,%.3f,%.3f,%.3f,%d,%d,%d,%d,%d,%d,%d,%d,%d",
        scenario,
        round,
        contender,
        sockets,
        offered,
        seconds,
        deliveries,
        cpuSeconds,
        loadCpuSeconds,
        p50Ms,
        p99Ms,
        maxMs,
        wireBytes,
        messages,
        baseKb,
        idleKb,
        loadedKb,
        missed,
        repeated,
        held,
        lost);
  }

  static Row parse(String line) {
    List<String> f = List.of(line.split(",", -1));
    return new Row(
        f.get(0),
        Integer.parseInt(f.get(1)),
        f.get(2),
        Integer.parseInt(f.get(3)),
        Double.parseDouble(f.get(4)),
        Double.parseDouble(f.get(5)),
        Long.parseLong(f.get(6)),
        Double.parseDouble(f.get(7)),
        Double.parseDouble(f.get(8)),
        Double.parseDouble(f.get(9)),
        Double.parseDouble(f.get(10)),
        Double.parseDouble(f.get(11)),
        Long.parseLong(f.get(12)),
        Long.parseLong(f.get(13)),
        Long.parseLong(f.get(14)),
        Long.parseLong(f.get(15)),
        Long.parseLong(f.get(16)),
        Long.parseLong(f.get(17)),
        Long.parseLong(f.get(18)),
        Long.parseLong(f.get(19)),
        Integer.parseInt(f.get(20)));
  }
}
