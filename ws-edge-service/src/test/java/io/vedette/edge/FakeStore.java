package io.vedette.edge;

import io.vedette.edge.api.EdgeStore;
import io.vedette.edge.resume.StatisticMemory;
import io.vedette.model.NodeStatus;
import io.vedette.model.Publication;
import io.vedette.model.TopicHeads;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A store in memory: what was put is read. {@link #down} makes every read fail. */
final class FakeStore implements EdgeStore {
  static final String EPOCH = "e1";

  final List<Row> rows = new ArrayList<>();
  final Map<String, List<Publication>> topics = new HashMap<>();
  final List<byte[]> alerts = new ArrayList<>();
  final List<NodeStatus> nodes = new ArrayList<>();
  final Map<String, List<StatisticMemory.History>> panes = new HashMap<>();
  volatile boolean down;
  volatile int reads;

  private synchronized <T> Future<T> answer(T value) {
    reads++;
    return down ? Future.failedFuture("store is down") : Future.succeededFuture(value);
  }

  synchronized void put(long index, String canonical, long atUs) {
    rows.add(
        new Row(index, canonical.getBytes(java.nio.charset.StandardCharsets.UTF_8), atUs, atUs, 1));
  }

  synchronized void put(Publication publication) {
    topics.computeIfAbsent(publication.topic(), absent -> new ArrayList<>()).add(publication);
  }

  @Override
  public synchronized Future<TopicHeads> heads() {
    Map<String, Long> offsets = new HashMap<>();
    offsets.put("records", rows.isEmpty() ? -1L : rows.get(rows.size() - 1).index());
    topics.forEach((name, list) -> offsets.put(name, list.get(list.size() - 1).offset()));
    return answer(new TopicHeads(1, EPOCH, offsets));
  }

  @Override
  public synchronized Future<List<Row>> recordsFrom(long from, int limit) {
    return answer(rows.stream().filter(row -> row.index() >= from).limit(limit).toList());
  }

  @Override
  public synchronized Future<List<Row>> recordsBefore(long before, int limit) {
    List<Row> found = rows.stream().filter(row -> row.index() < before).toList();
    return answer(found.subList(Math.max(0, found.size() - limit), found.size()));
  }

  @Override
  public synchronized Future<List<Row>> recordsByTime(
      long fromUs, long toUs, long fromIndex, int limit) {
    return answer(rows.stream()
        .filter(row -> row.index() >= fromIndex && row.timeUs() >= fromUs && row.timeUs() < toUs)
        .limit(limit)
        .toList());
  }

  @Override
  public synchronized Future<List<Publication>> publications(
      String topic, long fromOffset, int limit) {
    return answer(topics.getOrDefault(topic, List.of()).stream()
        .filter(publication -> publication.offset() >= fromOffset)
        .limit(limit)
        .toList());
  }

  @Override
  public synchronized Future<List<String>> statistics() {
    return answer(List.copyOf(panes.keySet()));
  }

  @Override
  public synchronized Future<List<StatisticMemory.History>> statistic(
      String name, long fromUs, long toUs) {
    return answer(panes.getOrDefault(name, List.of()));
  }

  @Override
  public synchronized Future<List<byte[]>> alerts(boolean open, int limit) {
    return answer(List.copyOf(alerts));
  }

  @Override
  public synchronized Future<Optional<byte[]>> alert(String fingerprint) {
    return answer(alerts.stream()
        .filter(alert ->
            new String(alert, java.nio.charset.StandardCharsets.UTF_8).contains(fingerprint))
        .findFirst());
  }

  @Override
  public synchronized Future<List<NodeStatus>> nodes() {
    return answer(List.copyOf(nodes));
  }

  @Override
  public Future<JsonArray> sources() {
    return answer(new JsonArray());
  }

  @Override
  public Future<JsonObject> rules() {
    return answer(new JsonObject());
  }
}
