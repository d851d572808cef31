package io.vedette.edge;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vedette.edge.resume.StatisticMemory;
import io.vedette.edge.trail.MemoryTrail;
import io.vedette.model.Batch;
import io.vedette.model.NodeStatus;
import io.vedette.model.Publication;
import io.vedette.model.Stamps;
import io.vedette.model.StatisticUpdate;
import io.vedette.runtime.Addresses;
import io.vedette.runtime.ServiceContext;
import io.vedette.runtime.auth.Principal;
import io.vedette.runtime.auth.Role;
import io.vedette.runtime.config.Config;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** For looking at the dashboard without the other services: an edge with an invented host. Run it by hand; arguments: port, seconds to live, and perhaps seconds until its edge is cut off for a while. Token: demo-token-of-the-edge. */
final class EdgeDemo {
  private static final String TOKEN = "demo-token-of-the-edge";
  private static final String[] SEVERITIES = {
    "debug", "info", "info", "info", "info", "warn", "error"
  };
  private static final String[] MESSAGES = {
    "Accepted publickey for deploy from 198.51.100.4 port 50514 ssh2",
    "GET /api/orders 200 in 12 ms",
    "Started Daily apt download activities.",
    "connection pool exhausted, waiting 250 ms",
    "Failed password for root from 203.0.113.7 port 40022 ssh2",
    "slow query: SELECT * FROM orders WHERE customer = $1 (1,204 ms)",
    "cache refreshed, 1,204 entries"
  };

  private static final long AWAY_MS = 3_000;

  private final Vertx vertx = Vertx.vertx();
  private final FakeStore store = new FakeStore();
  private final Random random = new Random(7);
  private long index;
  private long batch;
  private long alertOffset;
  private double cpu = 0.3;

  private EdgeDemo() {}

  public static void main(String[] arguments) throws Exception {
    new EdgeDemo()
        .run(
            Integer.parseInt(arguments[0]),
            Long.parseLong(arguments[1]),
            arguments.length > 2 ? Long.parseLong(arguments[2]) : 0);
  }

  private void run(int port, long seconds, long cutAfter) throws Exception {
    ServiceContext ctx = ServiceContext.create(
        vertx,
        Config.of(
            Map.of("edge.http.port", Integer.toString(port), "edge.auth.anonymous-role", "viewer")),
        new PrometheusMeterRegistry(PrometheusConfig.DEFAULT),
        token -> Future.succeededFuture(
            token.equals(TOKEN)
                ? Optional.of(
                    new Principal("admin", Set.of(Role.ADMIN), Set.of(1), Principal.NEVER, "demo"))
                : Optional.empty()),
        true,
        false);
    long nowUs = VertxLoop.nowMicros();
    for (int i = 0; i < 300; i++) {
      store.put(index, record(nowUs - (300 - i) * 900_000L), nowUs - (300 - i) * 900_000L);
      index++;
    }
    Map<TreeMap<String, String>, List<StatisticMemory.Point>> panes =
        new java.util.LinkedHashMap<>();
    for (long t = nowUs - 900_000_000L; t < nowUs; t += 1_000_000) {
      for (StatisticUpdate.Value value : host(t)) {
        panes
            .computeIfAbsent(new TreeMap<>(value.key()), absent -> new ArrayList<>())
            .add(new StatisticMemory.Point(t, new double[] {value.fields().get("last")}));
      }
    }
    List<StatisticMemory.History> stored = new ArrayList<>();
    panes.forEach(
        (key, points) -> stored.add(new StatisticMemory.History(key, List.of("last"), points)));
    store.panes.put("host", stored);
    alert("HostDiskNearlyFull", "resolved", "/var is 91 % full", 0.91, 0.9, nowUs - 600_000_000L);
    alert(
        "SshLoginsFailing",
        "firing",
        "12 failed logins from 203.0.113.7 within five minutes",
        12,
        10,
        nowUs - 40_000_000L);

    EdgeService edge = new EdgeService(ctx, store, MemoryTrail.side(ctx));
    edge.start()
        .onSuccess(ports ->
            System.out.println("http://localhost:" + ports.get("edge.http") + "/#token=" + TOKEN))
        .onFailure(Throwable::printStackTrace)
        .toCompletionStage()
        .toCompletableFuture()
        .get();
    vertx.setPeriodic(1000, tick -> second());
    vertx.setPeriodic(120, tick -> append(random.nextInt(3)));
    vertx.setTimer(
        8000,
        late -> alert(
            "HostCpuHigh",
            "firing",
            "CPU of demo at 93 %",
            0.93,
            0.9,
            VertxLoop.nowMicros() - 60_000_000L));
    List<EdgeService> edges = new CopyOnWriteArrayList<>(List.of(edge)); // the last one runs
    if (cutAfter > 0) {
      // Without a word, as a killed one goes; another takes its place.
      vertx.setTimer(
          cutAfter * 1000,
          cut -> edge.stop().eventually(() -> vertx.timer(AWAY_MS)).onComplete(back -> {
            EdgeService next = new EdgeService(ctx, store, MemoryTrail.side(ctx));
            edges.add(next);
            next.start().onFailure(Throwable::printStackTrace);
          }));
    }
    vertx.setTimer(
        seconds * 1000,
        end -> last(edges).drain().eventually(() -> last(edges).stop()).eventually(vertx::close));
  }

  private static EdgeService last(List<EdgeService> edges) {
    return edges.get(edges.size() - 1);
  }

  private String record(long atUs) {
    int i = random.nextInt(MESSAGES.length);
    JsonObject record = new JsonObject()
        .put("message", MESSAGES[i])
        .put("observed", Instant.ofEpochMilli(atUs / 1000).toString())
        .put("severity", SEVERITIES[i])
        .put("source", i % 2 == 0 ? "journal" : "file:/var/log/app.log")
        .put("v", 1);
    return (i == 4 ? record.put("outcome", "failure").put("origin", "203.0.113.7") : record)
        .encode();
  }

  private void append(int count) {
    if (count == 0) {
      return;
    }
    long nowUs = VertxLoop.nowMicros();
    List<byte[]> records = new ArrayList<>();
    long first = index;
    for (int i = 0; i < count; i++) {
      String text = record(nowUs);
      store.put(index++, text, nowUs);
      records.add(text.getBytes(StandardCharsets.UTF_8));
    }
    vertx
        .eventBus()
        .publish(
            Addresses.RECORD_APPENDED,
            new Batch(
                1,
                FakeStore.EPOCH,
                ++batch,
                first,
                count,
                nowUs,
                0,
                true,
                records,
                new byte[0],
                new Stamps(nowUs, nowUs, nowUs)));
  }

  private void second() {
    long nowUs = VertxLoop.nowMicros();
    vertx
        .eventBus()
        .publish(
            Addresses.statistic("host"),
            new StatisticUpdate(1, "host", batch, nowUs, host(nowUs), Stamps.UNKNOWN));
    vertx
        .eventBus()
        .publish(
            Addresses.NODE_STATUS,
            new NodeStatus("n1", List.of("edge"), "dev", "localhost", 0, nowUs, nowUs, Map.of()));
    store.heads().onSuccess(heads -> vertx.eventBus().publish(Addresses.TOPIC_HEADS, heads));
  }

  private List<StatisticUpdate.Value> host(long nowUs) {
    cpu = Math.min(0.97, Math.max(0.04, cpu + (random.nextDouble() - 0.5) * 0.12));
    double wave = 0.5 + 0.5 * Math.sin(nowUs / 9e7);
    List<StatisticUpdate.Value> values = new ArrayList<>();
    add(values, nowUs, "host_cpu_utilisation_ratio", "cpu", "total", cpu);
    for (int core = 0; core < 4; core++) {
      add(
          values,
          nowUs,
          "host_cpu_utilisation_ratio",
          "cpu",
          Integer.toString(core),
          Math.min(1, Math.max(0, cpu + (random.nextDouble() - 0.5) * 0.4)));
    }
    add(values, nowUs, "host_memory_used_ratio", "", "", 0.55 + 0.1 * wave);
    add(values, nowUs, "host_swap_used_ratio", "", "", 0.08);
    add(values, nowUs, "host_load1", "", "", cpu * 4);
    add(values, nowUs, "host_load5", "", "", 1.2 + 0.3 * wave);
    add(values, nowUs, "host_load15", "", "", 1.1);
    for (String device : List.of("vda", "vdb")) {
      add(
          values,
          nowUs,
          "host_disk_read_bytes_per_second",
          "device",
          device,
          4e5 * random.nextDouble());
      add(
          values,
          nowUs,
          "host_disk_written_bytes_per_second",
          "device",
          device,
          3e6 * wave * random.nextDouble());
    }
    add(
        values,
        nowUs,
        "host_network_receive_bytes_per_second",
        "device",
        "eth0",
        2e6 * wave + 3e5 * random.nextDouble());
    add(
        values,
        nowUs,
        "host_network_transmit_bytes_per_second",
        "device",
        "eth0",
        5e5 + 2e5 * random.nextDouble());
    add(values, nowUs, "host_filesystem_used_ratio", "mountpoint", "/", 0.63);
    add(values, nowUs, "host_filesystem_used_ratio", "mountpoint", "/var", 0.914);
    add(values, nowUs, "host_filesystem_used_ratio", "mountpoint", "/boot", 0.22);
    add(values, nowUs, "host_process_resident_bytes", "name", "postgres", 3.1e8);
    add(values, nowUs, "host_process_resident_bytes", "name", "java", 4.4e8);
    return values;
  }

  private static void add(
      List<StatisticUpdate.Value> values,
      long nowUs,
      String name,
      String label,
      String of,
      double value) {
    TreeMap<String, String> key = new TreeMap<>(Map.of("__name__", name, "host", "demo"));
    if (!label.isEmpty()) {
      key.put(label, of);
    }
    values.add(new StatisticUpdate.Value(
        1, 1, key, nowUs - 10_000_000, nowUs, new TreeMap<>(Map.of("last", value))));
  }

  private void alert(
      String rule, String state, String summary, double value, double threshold, long startsUs) {
    String now = Instant.ofEpochMilli(VertxLoop.nowMicros() / 1000).toString();
    JsonObject alert = new JsonObject()
        .put("fingerprint", Integer.toHexString(rule.hashCode()))
        .put("state", state)
        .put("rule", rule)
        .put(
            "labels",
            new JsonObject().put("alertname", rule).put("severity", "warning").put("host", "demo"))
        .put("annotations", new JsonObject().put("summary", summary))
        .put("startsAt", Instant.ofEpochMilli(startsUs / 1000).toString())
        .put("value", value)
        .put("comparison", ">")
        .put("threshold", threshold)
        .put("count", 60)
        .put("firstIndex", 12)
        .put("lastIndex", 280)
        .put("sample", new JsonArray().add(12).add(40).add(77))
        .put("updatedAt", now);
    if (state.equals("resolved")) {
      alert.put("endsAt", now);
    }
    Publication publication = new Publication(
        1, "alerts", FakeStore.EPOCH, ++alertOffset, alert.toBuffer().getBytes(), Stamps.UNKNOWN);
    store.put(publication);
    store.alerts.add(publication.json());
    vertx.eventBus().publish(Addresses.ALERT_CHANGED, publication);
  }
}
