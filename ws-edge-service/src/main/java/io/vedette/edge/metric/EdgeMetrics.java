package io.vedette.edge.metric;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.vedette.runtime.metrics.Stage;
import io.vedette.runtime.metrics.StageTimer;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the edge counts and times. Tag values come from closed sets: doors, topic kinds, close codes, error codes. Thread safe; meters are looked up once per tag and kept.
 */
public final class EdgeMetrics {
  private final MeterRegistry registry;
  private final StageTimer stages;
  private final Map<String, Counter> counters = new ConcurrentHashMap<>();
  private final Map<String, Timer> timers = new ConcurrentHashMap<>();
  private final Map<String, AtomicLong> gauges = new ConcurrentHashMap<>();
  private final Map<Object, Long> queued = new ConcurrentHashMap<>();
  private final Map<Object, Long> lags = new ConcurrentHashMap<>();
  private final Counter wire;
  private final Counter plain;

  public EdgeMetrics(MeterRegistry registry, StageTimer stages) {
    this.registry = registry;
    this.stages = stages;
    this.wire = counter(
        "vedette_edge_wire_bytes",
        "",
        "",
        "",
        "",
        "Bytes of messages handed to sockets, after compression");
    this.plain = counter(
        "vedette_edge_message_bytes",
        "",
        "",
        "",
        "",
        "Bytes of messages handed to sockets, before compression");
    Gauge.builder("vedette_edge_loop_lag_seconds", () -> worstLagUs() / 1e6)
        .description("How late the last look of the busiest event loop was")
        .register(registry);
    queuedBytes(this, 0);
    gauge("vedette_edge_sessions", "door", "monitor", "Open sessions");
    counter(
        "vedette_edge_publications_dropped",
        "topic",
        "records",
        "verdict",
        "disconnect",
        "Publications a full queue did not take");
  }

  public void opened(String door) {
    gauge("vedette_edge_sessions", "door", door, "Open sessions").incrementAndGet();
    counter("vedette_edge_sessions_opened", "door", door, "", "", "Sessions opened")
        .increment();
  }

  public void closed(String door, String how, long lastedUs) {
    gauge("vedette_edge_sessions", "door", door, "Open sessions").decrementAndGet();
    counter("vedette_edge_sessions_closed", "code", how, "", "", "Sessions closed, by close code")
        .increment();
    timer("vedette_edge_session_transfer", "How long sessions lasted")
        .record(lastedUs, TimeUnit.MICROSECONDS);
  }

  /** From the request's arrival to the open session. */
  public void connected(long tookUs) {
    timer("vedette_edge_session_connect", "From a session's request to its first frame")
        .record(Math.max(0, tookUs), TimeUnit.MICROSECONDS);
  }

  /** From our close frame to the closed socket. */
  public void closeTook(long tookUs) {
    timer("vedette_edge_session_close", "From our close frame to the closed socket")
        .record(Math.max(0, tookUs), TimeUnit.MICROSECONDS);
  }

  /** A request that did not become a session. */
  public void turnedAway(String reason) {
    counter(
            "vedette_edge_sessions_refused",
            "reason",
            reason,
            "",
            "",
            "Requests that did not become a session")
        .increment();
  }

  /** Connections that were cut because they asked nothing. */
  public void idleCut(int connections) {
    counter(
            "vedette_edge_connections_cut",
            "",
            "",
            "",
            "",
            "Connections cut because no request came, or its body did not end")
        .increment(connections);
  }

  public long sessions() {
    return gauges.entrySet().stream()
        .filter(gauge -> gauge.getKey().startsWith("vedette_edge_sessions/"))
        .mapToLong(gauge -> gauge.getValue().get())
        .sum();
  }

  public void subscribed(String topic, int change) {
    gauge("vedette_edge_subscriptions", "topic", topic, "Subscriptions").addAndGet(change);
  }

  public void filters(String topic, int inUse, int evicted) {
    gauge("vedette_edge_filters", "topic", topic, "Different filters in use").set(inUse);
    counter(
            "vedette_edge_filters_evicted",
            "topic",
            topic,
            "",
            "",
            "Filters that took too much time")
        .increment(evicted);
  }

  public void received(String type) {
    counter("vedette_edge_messages_received", "type", type, "", "", "Messages of clients")
        .increment();
  }

  public void refused(String code) {
    counter(
            "vedette_edge_messages_refused",
            "code",
            code,
            "",
            "",
            "Messages of clients answered with an error")
        .increment();
  }

  public void arrived(String topic, long publications) {
    counter(
            "vedette_edge_publications_received",
            "topic",
            topic,
            "",
            "",
            "Publications that reached this edge")
        .increment((double) publications);
  }

  public void sent(String topic, long publications, long bytes) {
    counter(
            "vedette_edge_publications_sent",
            "topic",
            topic,
            "",
            "",
            "Publications written to sessions")
        .increment((double) publications);
    counter(
            "vedette_edge_sent_bytes",
            "topic",
            topic,
            "",
            "",
            "Bytes of publications written to sessions, before compression")
        .increment((double) bytes);
  }

  public void replayed(String topic, long publications, long bytes) {
    counter(
            "vedette_edge_publications_replayed",
            "topic",
            topic,
            "",
            "",
            "Publications sent again from ring or store")
        .increment((double) publications);
    counter(
            "vedette_edge_sent_bytes",
            "topic",
            topic,
            "",
            "",
            "Bytes of publications written to sessions, before compression")
        .increment((double) bytes);
  }

  public void resumed(String topic, boolean recovered, @Nullable String reason) {
    counter(
            "vedette_edge_resumes",
            "topic",
            topic,
            "outcome",
            recovered ? "recovered" : reason == null ? "other" : reason,
            "Subscriptions that named a position")
        .increment();
  }

  public void dropped(String topic, String verdict, long publications) {
    counter(
            "vedette_edge_publications_dropped",
            "topic",
            topic,
            "verdict",
            verdict,
            "Publications a full queue did not take")
        .increment((double) publications);
  }

  public void storeReadFailed(String topic) {
    counter(
            "vedette_edge_store_read_failures",
            "topic",
            topic,
            "",
            "",
            "Reads of history that failed")
        .increment();
  }

  /** What went out, whatever it was and through whichever door: publications, answers, heads. */
  public void wire(long plainBytes, long wireBytes) {
    plain.increment((double) plainBytes);
    wire.increment((double) wireBytes);
  }

  /** How much later than it should an event loop came to its regular look. */
  public void loopLag(Object loop, long us) {
    lags.put(loop, Math.max(0, us));
  }

  private long worstLagUs() {
    return lags.values().stream().mapToLong(Long::longValue).max().orElse(0);
  }

  private static String cpu() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? thousandths(Math.max(0, system.getProcessCpuLoad()))
        : "unknown";
  }

  private static String thousandths(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }

  private String meanMs(String name) {
    Timer timer = timers.get(name);
    return thousandths(timer == null ? 0 : timer.mean(TimeUnit.MILLISECONDS));
  }

  /** How much memory shared frames take until the last socket has taken them. */
  public void frameBytes(Supplier<Number> held) {
    Gauge.builder("vedette_edge_frame_bytes", held)
        .description("Bytes of shared frames that some socket has not taken yet")
        .register(registry);
  }

  /** Publications reached their sockets: the stage deliver, since the oldest of them was committed. */
  public void delivered(long sinceUs, long flushedUs, long bytes, long items) {
    stages.record(Stage.DELIVER, sinceUs, flushedUs, bytes, items);
  }

  /** Each lane says what waits in its sessions. */
  public void queuedBytes(Object lane, long bytes) {
    queued.put(lane, bytes);
    gauge("vedette_edge_queue_bytes", "", "", "Bytes that wait in all sessions' queues")
        .set(queued.values().stream().mapToLong(Long::longValue).sum());
  }

  /** What the other nodes are told of this one, as totals since its start where it is no level; times are means since its start, {@code cpu} is that of all processors which the process takes. */
  public Map<String, Supplier<String>> load() {
    Map<String, Supplier<String>> load = new LinkedHashMap<>();
    load.put("edge.sessions", () -> Long.toString(sessions()));
    load.put("edge.subscriptions", () -> level("vedette_edge_subscriptions/"));
    load.put("edge.queue_bytes", () -> level("vedette_edge_queue_bytes/"));
    load.put("edge.cpu", EdgeMetrics::cpu);
    load.put("edge.loop_lag_ms", () -> thousandths(worstLagUs() / 1e3));
    load.put("edge.connect_ms", () -> meanMs("vedette_edge_session_connect"));
    load.put("edge.transfer_ms", () -> meanMs("vedette_edge_session_transfer"));
    load.put("edge.close_ms", () -> meanMs("vedette_edge_session_close"));
    load.put("edge.publications_received", () -> total("vedette_edge_publications_received/", ""));
    load.put("edge.publications_sent", () -> total("vedette_edge_publications_sent/", ""));
    load.put("edge.sent_bytes", () -> total("vedette_edge_sent_bytes/", ""));
    load.put("edge.message_bytes", () -> total("vedette_edge_message_bytes/", ""));
    load.put("edge.wire_bytes", () -> total("vedette_edge_wire_bytes/", ""));
    for (String verdict : List.of("disconnect", "conflate", "sample", "full")) {
      load.put(
          "edge.dropped." + verdict,
          () -> total("vedette_edge_publications_dropped/", "/" + verdict));
    }
    return load;
  }

  private String level(String prefix) {
    return Long.toString(gauges.entrySet().stream()
        .filter(gauge -> gauge.getKey().startsWith(prefix))
        .mapToLong(gauge -> gauge.getValue().get())
        .sum());
  }

  private String total(String prefix, String suffix) {
    return Long.toString((long) counters.entrySet().stream()
        .filter(
            counter -> counter.getKey().startsWith(prefix) && counter.getKey().endsWith(suffix))
        .mapToDouble(counter -> counter.getValue().count())
        .sum());
  }

  private AtomicLong gauge(String name, String tag, String value, String help) {
    return once(gauges, name + "/" + value, key -> {
      AtomicLong number = new AtomicLong();
      Gauge.Builder<AtomicLong> gauge =
          Gauge.builder(name, number, AtomicLong::doubleValue).description(help);
      (tag.isEmpty() ? gauge : gauge.tag(tag, value)).register(registry);
      return number;
    });
  }

  private Counter counter(
      String name, String tag1, String value1, String tag2, String value2, String help) {
    return once(counters, name + "/" + value1 + "/" + value2, key -> {
      Counter.Builder counter = Counter.builder(name).description(help);
      if (!tag1.isEmpty()) {
        counter.tag(tag1, value1);
      }
      if (!tag2.isEmpty()) {
        counter.tag(tag2, value2);
      }
      return counter.register(registry);
    });
  }

  private Timer timer(String name, String help) {
    return once(timers, name, key -> Timer.builder(name)
        .description(help)
        .publishPercentileHistogram(false)
        .register(registry));
  }

  private static <T> T once(Map<String, T> kept, String key, Function<String, T> maker) {
    T known = kept.get(key);
    return known != null ? known : kept.computeIfAbsent(key, maker);
  }
}
