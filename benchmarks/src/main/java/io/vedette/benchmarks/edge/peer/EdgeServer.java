package io.vedette.benchmarks.edge.peer;

import io.micrometer.core.instrument.MeterRegistry;
import io.vedette.edge.EdgeService;
import io.vedette.edge.trail.TrailSide;
import io.vedette.model.Batch;
import io.vedette.model.Stamps;
import io.vedette.model.StatisticUpdate;
import io.vedette.model.TopicHeads;
import io.vedette.runtime.Addresses;
import io.vedette.runtime.ServiceContext;
import io.vedette.runtime.cluster.Clustering;
import io.vedette.runtime.config.Config;
import io.vedette.runtime.metrics.Metrics;
import io.vedette.store.MicroClock;
import io.vedette.store.audit.Audit;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The edge as it ships, without the other services: each line of the feed becomes the publication that a collector or an analyzer would put on the bus. {@code records<TAB>canonical<TAB>canonical...} is a
 * batch, {@code statistics<TAB>value} an update of {@code statistics.host}. Arguments are settings, {@code key=value}.
 */
public final class EdgeServer {
  static final String EPOCH = "bench";
  private static final int TRAIL = 1;
  private static final long HEADS_MS = 1_000;

  private final Vertx vertx;
  private long index;
  private long batch;

  private EdgeServer(Vertx vertx) {
    this.vertx = vertx;
  }

  public static void main(String[] arguments) {
    Map<String, String> settings = new HashMap<>(Map.of(
        "edge.http.port", "0", "edge.auth.anonymous-role", "viewer", "edge.session.max", "20000"));
    for (String argument : arguments) {
      settings.put(
          argument.substring(0, argument.indexOf('=')),
          argument.substring(argument.indexOf('=') + 1));
    }
    Config config = Config.of(settings);
    MeterRegistry metrics = Metrics.registry();
    Vertx vertx = Clustering.local(config, metrics);
    ServiceContext ctx = ServiceContext.create(
        vertx, config, metrics, token -> Future.succeededFuture(Optional.empty()), true, false);
    EdgeServer server = new EdgeServer(vertx);
    NoStore store = new NoStore(server::heads);
    Audit audit =
        new Audit(vertx, "edge", drafts -> Future.succeededFuture(), metrics, MicroClock.SYSTEM);
    TrailSide trail = new TrailSide(ctx, store, store, audit, Future::succeededFuture);
    EdgeService edge = new EdgeService(ctx, store, trail);
    vertx.setPeriodic(
        HEADS_MS, tick -> vertx.eventBus().publish(Addresses.TOPIC_HEADS, server.heads()));
    LineFeed.announce(
        edge.start().map(ports -> ports.get("edge.http")), LineFeed.open(vertx, server::publish));
  }

  private synchronized TopicHeads heads() {
    return new TopicHeads(TRAIL, EPOCH, Map.of("records", index - 1));
  }

  private synchronized void publish(Buffer line) {
    String[] parts = line.toString(StandardCharsets.UTF_8).split("\t", -1);
    long nowUs = System.currentTimeMillis() * 1_000;
    Stamps stamps = new Stamps(nowUs, nowUs, nowUs);
    if (parts[0].equals("statistics")) {
      vertx
          .eventBus()
          .publish(
              Addresses.statistic("host"),
              new StatisticUpdate(TRAIL, "host", ++batch, nowUs, List.of(value(parts[1])), stamps));
      return;
    }
    List<byte[]> records = new ArrayList<>(parts.length - 1);
    for (int i = 1; i < parts.length; i++) {
      records.add(parts[i].getBytes(StandardCharsets.UTF_8));
    }
    Batch appended = new Batch(
        TRAIL, EPOCH, ++batch, index, records.size(), nowUs, 0, true, records, new byte[0], stamps);
    index += records.size();
    vertx.eventBus().publish(Addresses.RECORD_APPENDED, appended);
  }

  private static StatisticUpdate.Value value(String text) {
    JsonObject json = new JsonObject(text);
    SortedMap<String, String> key = new TreeMap<>();
    json.getJsonObject("key").forEach(label -> key.put(label.getKey(), (String) label.getValue()));
    SortedMap<String, Double> fields = new TreeMap<>();
    json.getJsonObject("fields")
        .forEach(field -> fields.put(field.getKey(), ((Number) field.getValue()).doubleValue()));
    return new StatisticUpdate.Value(
        1, 1, key, json.getLong("startMs") * 1_000, json.getLong("endMs") * 1_000, fields);
  }
}
