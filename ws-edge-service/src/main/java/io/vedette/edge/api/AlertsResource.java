package io.vedette.edge.api;

import io.vedette.model.Publication;
import io.vedette.runtime.http.Problem;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;

/** Alerts, and the topics that tell of them by offset. */
final class AlertsResource {
  private final EdgeStore store;
  private final Answers answers;

  AlertsResource(EdgeStore store, Answers answers) {
    this.store = store;
    this.answers = answers;
  }

  void alerts(RoutingContext ctx) {
    boolean open = !"true".equals(ctx.request().getParam("resolved"));
    store
        .alerts(open, Parameters.limit(ctx))
        .onSuccess(alerts -> Answers.send(ctx, Buffer.buffer(Answers.list("alerts", alerts))))
        .onSuccess(found -> answers.outage().ended())
        .onFailure(failure -> answers.unavailable(ctx, failure));
  }

  void publications(RoutingContext ctx, String topic) {
    int limit = Parameters.limit(ctx);
    Long from = Parameters.number(ctx, "from");
    Future<Long> start = from != null
        ? Future.succeededFuture(from)
        : store
            .heads()
            .map(heads -> Math.max(1, heads.offsets().getOrDefault(topic, 0L) + 1 - limit));
    start
        .compose(first -> store.publications(topic, first, limit))
        .onSuccess(found -> Answers.send(
            ctx,
            Buffer.buffer(
                Answers.list(topic, found.stream().map(Publication::json).toList()))))
        .onSuccess(found -> answers.outage().ended())
        .onFailure(failure -> answers.unavailable(ctx, failure));
  }

  /** One alert and what happened to it, the newest first. */
  void alert(RoutingContext ctx) {
    String fingerprint = ctx.pathParam("fingerprint");
    store
        .alert(fingerprint)
        .onSuccess(found -> {
          if (found.isPresent()) {
            Answers.send(ctx, Buffer.buffer(found.get()));
          } else {
            Problem.send(
                ctx,
                404,
                "not-found",
                "Not found",
                "no alert " + fingerprint + ", or not any more");
          }
        })
        .onSuccess(found -> answers.outage().ended())
        .onFailure(failure -> answers.unavailable(ctx, failure));
  }
}
