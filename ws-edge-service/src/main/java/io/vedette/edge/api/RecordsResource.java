package io.vedette.edge.api;

import io.vedette.edge.protocol.Bodies;
import io.vedette.edge.protocol.ServerFrames;
import io.vedette.runtime.http.Problem;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.function.Function;

/** Records of the trail: ranges, one, its stored bytes. */
final class RecordsResource {
  private final EdgeStore store;
  private final Answers answers;

  RecordsResource(EdgeStore store, Answers answers) {
    this.store = store;
    this.answers = answers;
  }

  void records(RoutingContext ctx) {
    int limit = Parameters.limit(ctx);
    Long from = Parameters.number(ctx, "from");
    Long to = Parameters.number(ctx, "to");
    Long before = Parameters.number(ctx, "before");
    Long since = Parameters.time(ctx, "since");
    Long until = Parameters.time(ctx, "until");
    boolean byTime = since != null || until != null;
    if (before != null && (byTime || from != null || to != null)) {
      throw new BadParameter("before: " + before + " (expected: alone; from and to bound a range)");
    }
    long first = from == null ? 0 : from;
    Future<List<EdgeStore.Row>> rows;
    if (byTime) {
      rows = store.recordsByTime(
          since == null ? Long.MIN_VALUE : since,
          until == null ? Long.MAX_VALUE : until,
          first,
          limit);
    } else if (from != null || to != null) {
      rows = store.recordsFrom(first, limit);
    } else {
      rows = store.recordsBefore(before == null ? Long.MAX_VALUE : before, limit);
    }
    if (to != null) {
      rows = rows.map(found -> found.stream().filter(row -> row.index() < to).toList());
    }
    rows.onSuccess(found -> Answers.send(
            ctx,
            Buffer.buffer(Answers.list(
                "records", found.stream().map(RecordsResource::record).toList()))))
        .onSuccess(found -> answers.outage().ended())
        .onFailure(failure -> answers.unavailable(ctx, failure));
  }

  private static byte[] record(EdgeStore.Row row) {
    return ServerFrames.recordBody(
        row.index(), row.atUs() == 0 ? null : Bodies.time(row.atUs()), row.canonical());
  }

  void record(RoutingContext ctx) {
    one(ctx, row -> record(row));
  }

  void canonical(RoutingContext ctx) {
    one(ctx, EdgeStore.Row::canonical);
  }

  private void one(RoutingContext ctx, Function<EdgeStore.Row, byte[]> form) {
    long index;
    try {
      index = Long.parseLong(ctx.pathParam("index"));
    } catch (NumberFormatException notANumber) {
      throw new BadParameter("index: " + ctx.pathParam("index") + " (expected: a whole number)");
    }
    store
        .recordsFrom(index, 1)
        .onSuccess(rows -> {
          if (rows.isEmpty() || rows.get(0).index() != index) {
            Problem.send(
                ctx,
                404,
                "not-found",
                "Not found",
                "record " + index + " is not in the trail, or not any more");
          } else {
            Answers.send(ctx, Buffer.buffer(form.apply(rows.get(0))));
          }
        })
        .onSuccess(found -> answers.outage().ended())
        .onFailure(failure -> answers.unavailable(ctx, failure));
  }
}
