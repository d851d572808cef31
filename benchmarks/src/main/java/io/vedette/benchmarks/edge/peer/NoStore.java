package io.vedette.benchmarks.edge.peer;

import io.vedette.edge.api.EdgeStore;
import io.vedette.edge.resume.StatisticMemory;
import io.vedette.edge.trail.TrailActs;
import io.vedette.edge.trail.TrailStore;
import io.vedette.model.NodeStatus;
import io.vedette.model.Publication;
import io.vedette.model.TopicHeads;
import io.vedette.store.erase.Erased;
import io.vedette.store.erase.Wish;
import io.vedette.store.trail.Checkpoints.StoredCheckpoint;
import io.vedette.store.trail.Gaps.Gap;
import io.vedette.trail.TileId;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** A store that knows the heads and holds nothing else: what is measured is live, and a read of it would show as a hole. */
final class NoStore implements EdgeStore, TrailStore, TrailActs {
  private final Supplier<TopicHeads> heads;

  NoStore(Supplier<TopicHeads> heads) {
    this.heads = heads;
  }

  @Override
  public Future<TopicHeads> heads() {
    return Future.succeededFuture(heads.get());
  }

  @Override
  public Future<List<Row>> recordsFrom(long from, int limit) {
    return Future.succeededFuture(List.of());
  }

  @Override
  public Future<List<Row>> recordsBefore(long before, int limit) {
    return Future.succeededFuture(List.of());
  }

  @Override
  public Future<List<Row>> recordsByTime(long fromUs, long toUs, long fromIndex, int limit) {
    return Future.succeededFuture(List.of());
  }

  @Override
  public Future<List<Publication>> publications(String topic, long fromOffset, int limit) {
    return Future.succeededFuture(List.of());
  }

  @Override
  public Future<List<String>> statistics() {
    return Future.succeededFuture(List.of("host"));
  }

  @Override
  public Future<List<StatisticMemory.History>> statistic(String name, long fromUs, long toUs) {
    return Future.succeededFuture(List.of());
  }

  @Override
  public Future<List<byte[]>> alerts(boolean open, int limit) {
    return Future.succeededFuture(List.of());
  }

  @Override
  public Future<Optional<byte[]>> alert(String fingerprint) {
    return Future.succeededFuture(Optional.empty());
  }

  @Override
  public Future<List<NodeStatus>> nodes() {
    return Future.succeededFuture(List.of());
  }

  @Override
  public Future<JsonArray> sources() {
    return Future.succeededFuture(new JsonArray());
  }

  @Override
  public Future<JsonObject> rules() {
    return Future.succeededFuture(new JsonObject());
  }

  @Override
  public Future<Optional<Head>> head(int trail) {
    return Future.succeededFuture(Optional.empty());
  }

  @Override
  public Future<Optional<StoredCheckpoint>> newest(int trail) {
    return Future.succeededFuture(Optional.empty());
  }

  @Override
  public Future<Map<TileId, byte[]>> tiles(int trail, Collection<TileId> wanted) {
    return Future.succeededFuture(Map.of());
  }

  @Override
  public Future<byte[]> commitments(int trail, long from, int count) {
    return Future.succeededFuture(new byte[0]);
  }

  @Override
  public Future<Optional<Opening>> opening(int trail, long index) {
    return Future.succeededFuture(Optional.empty());
  }

  @Override
  public Future<Page> payloads(int trail, long from, long end) {
    return Future.succeededFuture(new Page(List.of(), end, List.of()));
  }

  @Override
  public Future<List<Key>> keys(int trail, String origin) {
    return Future.succeededFuture(List.of());
  }

  @Override
  public Future<Erased> erase(int trail, String actor, Wish wish) {
    return Future.failedFuture("nothing is kept here");
  }

  @Override
  public Future<List<Gap>> gaps(
      int trail, String source, long fromUs, long untilUs, long beforeIndex, int limit) {
    return Future.succeededFuture(List.of());
  }
}
