package io.vedette.alert.api;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import io.vertx.core.json.Json;
import io.vertx.ext.web.RoutingContext;

/** Answers in Alertmanager's form: JSON, and an error is a JSON text. */
final class Answers {
  private Answers() {}

  static void refuse(RoutingContext ctx, Throwable failed) {
    if (failed instanceof ReplyException reply
        && reply.failureType() == ReplyFailure.RECIPIENT_FAILURE
        && reply.failureCode() >= 400
        && reply.failureCode() < 600) {
      refuse(ctx, reply.failureCode(), String.valueOf(reply.getMessage()));
    } else {
      ctx.response().putHeader("Retry-After", "1");
      refuse(ctx, 503, "no alert service processes alerts at the moment: try again");
    }
  }

  static void unavailable(RoutingContext ctx) {
    ctx.response().putHeader("Retry-After", "1");
    refuse(ctx, 503, "the database does not answer: try again");
  }

  static Buffer body(RoutingContext ctx) {
    Buffer body = ctx.body().buffer();
    return body == null ? Buffer.buffer() : body;
  }

  static void refuse(RoutingContext ctx, int status, String detail) {
    if (ctx.response().ended() || ctx.response().closed()) {
      return;
    }
    ctx.response()
        .setStatusCode(status)
        .putHeader("Content-Type", "application/json")
        .end(Json.encodeToBuffer(detail));
  }

  static void json(RoutingContext ctx, Buffer json) {
    if (!ctx.response().ended() && !ctx.response().closed()) {
      ctx.response().putHeader("Content-Type", "application/json").end(json);
    }
  }
}
