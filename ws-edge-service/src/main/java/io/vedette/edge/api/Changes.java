package io.vedette.edge.api;

import io.vedette.runtime.Addresses;
import io.vedette.runtime.auth.Access;
import io.vedette.runtime.auth.Principal;
import io.vedette.runtime.auth.Role;
import io.vedette.runtime.http.Problem;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;

/** Changes go to the owning service, which judges again and records what it did. */
final class Changes {
  private static final long ACTION_MS = 10_000;

  private final Vertx vertx;

  Changes(Vertx vertx) {
    this.vertx = vertx;
  }

  void request(RoutingContext ctx, String address, JsonObject body) {
    vertx
        .eventBus()
        .<JsonObject>request(address, body, options(Access.principal(ctx)))
        .onSuccess(reply -> Answers.send(
            ctx,
            reply.body() == null ? new JsonObject().toBuffer() : reply.body().toBuffer()))
        .onFailure(failure -> refused(ctx, failure));
  }

  private static void refused(RoutingContext ctx, Throwable failure) {
    if (failure instanceof ReplyException reply
        && reply.failureType() == ReplyFailure.RECIPIENT_FAILURE) {
      int status =
          reply.failureCode() >= 400 && reply.failureCode() < 600 ? reply.failureCode() : 422;
      Problem.send(
          ctx, status, "refused", "Refused by the service", String.valueOf(reply.getMessage()));
    } else if (failure instanceof ReplyException) {
      ctx.response().putHeader(HttpHeaders.RETRY_AFTER, "1");
      Problem.send(
          ctx,
          503,
          "service-unavailable",
          "No answer",
          "the owning service does not answer now; try again");
    } else {
      ctx.fail(failure);
    }
  }

  /** How a request names who makes it; the acting service judges again. */
  static DeliveryOptions options(Principal principal) {
    Role highest = principal.allows(Role.ADMIN)
        ? Role.ADMIN
        : principal.allows(Role.OPERATOR) ? Role.OPERATOR : Role.VIEWER;
    return new DeliveryOptions()
        .setSendTimeout(ACTION_MS)
        .addHeader(Addresses.PRINCIPAL, principal.name())
        .addHeader(Addresses.ROLE, highest.text())
        .addHeader(Addresses.TRAIL, Integer.toString(Api.TRAIL));
  }
}
