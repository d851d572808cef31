package io.vedette.edge.api;

import io.vedette.edge.resume.StatisticMemory;
import io.vedette.model.NodeStatus;
import io.vedette.model.Publication;
import io.vedette.model.TopicHeads;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;

/** What the edge reads of the store. A failed future means the store did not answer; an unknown thing is an empty list. */
public interface EdgeStore {

  /** One stored record. {@code atUs} is the log time of its batch, 0 where it was not read. */
  record Row(long index, byte[] canonical, long timeUs, long atUs, long batch) {}

  Future<TopicHeads> heads();

  /** Rows from index {@code from} on, ascending. */
  Future<List<Row>> recordsFrom(long from, int limit);

  /** The newest rows below an index, ascending. */
  Future<List<Row>> recordsBefore(long before, int limit);

  /** Rows by event time in [fromUs, toUs) from an index on, ascending by index. */
  Future<List<Row>> recordsByTime(long fromUs, long toUs, long fromIndex, int limit);

  Future<List<Publication>> publications(String topic, long fromOffset, int limit);

  /** Names of stored statistics. */
  Future<List<String>> statistics();

  /** Stored values of a statistic whose window ended in (fromUs, toUs]. */
  Future<List<StatisticMemory.History>> statistic(String name, long fromUs, long toUs);

  /** Alerts, newest change first, in the form of topic {@code alerts}; {@code open} leaves the resolved out. */
  Future<List<byte[]>> alerts(boolean open, int limit);

  /** One alert in that form with its {@code changes}, the newest first. */
  Future<Optional<byte[]>> alert(String fingerprint);

  Future<List<NodeStatus>> nodes();

  /** Each source with its cursor. */
  Future<JsonArray> sources();

  /** The rules in force. */
  Future<JsonObject> rules();
}
