package io.vedette.edge.api;

import com.fasterxml.jackson.core.JsonGenerator;
import io.vedette.edge.filter.Selector;
import io.vedette.edge.protocol.Bodies;
import io.vedette.edge.resume.StatisticMemory;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/** Statistics over a range: stored panes, and the edge's own memory of what is younger. */
final class StatisticsResource {
  private static final int MAX_POINTS = 5_000;
  private static final long QUARTER_HOUR_US = 15L * 60 * 1_000_000;

  private final EdgeStore store;
  private final StatisticMemory memory;
  private final LongSupplier clockUs;
  private final Answers answers;

  StatisticsResource(
      EdgeStore store, StatisticMemory memory, LongSupplier clockUs, Answers answers) {
    this.store = store;
    this.memory = memory;
    this.clockUs = clockUs;
    this.answers = answers;
  }

  void statistics(RoutingContext ctx) {
    store
        .statistics()
        .recover(failure -> {
          answers.outage().noticed(failure);
          return Future.succeededFuture(List.of());
        })
        .onSuccess(stored -> {
          TreeMap<String, Boolean> names = new TreeMap<>();
          stored.forEach(name -> names.put(name, true));
          memory.names().forEach(name -> names.put(name, true));
          Answers.send(
              ctx,
              new JsonObject()
                  .put("statistics", new JsonArray(new ArrayList<>(names.keySet())))
                  .toBuffer());
        })
        .onFailure(ctx::fail);
  }

  /** Stored panes up to where the edge's own, finer memory begins; per key, so that no moment shows twice. */
  void statistic(RoutingContext ctx) {
    String name = ctx.pathParam("name");
    Long until = Parameters.time(ctx, "until");
    Long since = Parameters.time(ctx, "since");
    long toUs = until == null ? clockUs.getAsLong() : until;
    long fromUs = since == null ? toUs - QUARTER_HOUR_US : since;
    List<String> fields = Parameters.names(ctx, "fields");
    Selector selector = Parameters.selector(ctx);
    List<StatisticMemory.History> recent = memory.read(name, fromUs, toUs);
    store
        .statistic(name, fromUs, toUs)
        .map(stored -> merge(stored, recent))
        .recover(failure -> {
          if (failure instanceof RangeTooLong) {
            return Future.failedFuture(failure);
          }
          answers.outage().noticed(failure);
          return Future.succeededFuture(recent);
        })
        .onSuccess(series -> Answers.send(ctx, Buffer.buffer(Bodies.write(json -> {
          json.writeStartObject();
          json.writeStringField("name", name);
          json.writeNumberField("fromMs", fromUs / 1000);
          json.writeNumberField("toMs", toUs / 1000);
          json.writeArrayFieldStart("series");
          for (StatisticMemory.History history : series) {
            if (selector == null || selector.matches(history.key())) {
              write(json, only(history, fields));
            }
          }
          json.writeEndArray();
          json.writeEndObject();
        }))))
        .onFailure(failure -> answers.unavailable(ctx, failure));
  }

  private static void write(JsonGenerator json, StatisticMemory.History history)
      throws IOException {
    json.writeStartObject();
    json.writeObjectFieldStart("key");
    for (Map.Entry<String, String> label : history.key().entrySet()) {
      json.writeStringField(label.getKey(), label.getValue());
    }
    json.writeEndObject();
    json.writeArrayFieldStart("fields");
    for (String field : history.fields()) {
      json.writeString(field);
    }
    json.writeEndArray();
    json.writeArrayFieldStart("points");
    List<StatisticMemory.Point> points = history.points();
    for (StatisticMemory.Point point :
        points.subList(Math.max(0, points.size() - MAX_POINTS), points.size())) {
      json.writeStartArray();
      json.writeNumber(point.endUs() / 1000);
      for (double field : point.fields()) {
        Bodies.number(json, field);
      }
      json.writeEndArray();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  static List<StatisticMemory.History> merge(
      List<StatisticMemory.History> stored, List<StatisticMemory.History> recent) {
    Map<SortedMap<String, String>, StatisticMemory.History> newest = new LinkedHashMap<>();
    recent.forEach(history -> newest.put(history.key(), history));
    List<StatisticMemory.History> merged = new ArrayList<>();
    for (StatisticMemory.History old : stored) {
      StatisticMemory.History fine = newest.remove(old.key());
      if (fine == null) {
        merged.add(old);
        continue;
      }
      long beginsUs = fine.points().get(0).endUs();
      List<StatisticMemory.Point> points = new ArrayList<>();
      for (StatisticMemory.Point point : old.points()) {
        if (point.endUs() < beginsUs) {
          points.add(new StatisticMemory.Point(
              point.endUs(), arranged(point.fields(), old.fields(), fine.fields())));
        }
      }
      points.addAll(fine.points());
      points.sort(Comparator.comparingLong(StatisticMemory.Point::endUs));
      merged.add(new StatisticMemory.History(fine.key(), fine.fields(), points));
    }
    merged.addAll(newest.values());
    return merged;
  }

  /** The fields that are asked for, in that order; one that a series does not have is null. */
  private static StatisticMemory.History only(
      StatisticMemory.History history, List<String> fields) {
    if (fields.isEmpty()) {
      return history;
    }
    List<StatisticMemory.Point> points = new ArrayList<>(history.points().size());
    for (StatisticMemory.Point point : history.points()) {
      points.add(new StatisticMemory.Point(
          point.endUs(), arranged(point.fields(), history.fields(), fields)));
    }
    return new StatisticMemory.History(history.key(), fields, points);
  }

  private static double[] arranged(double[] numbers, List<String> from, List<String> to) {
    double[] arranged = new double[to.size()];
    for (int i = 0; i < arranged.length; i++) {
      int at = from.indexOf(to.get(i));
      arranged[i] = at < 0 ? Double.NaN : numbers[at];
    }
    return arranged;
  }
}
