package io.vedette.edge.api;

import io.vedette.edge.protocol.ServerFrames;
import io.vedette.runtime.http.Problem;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.io.ByteArrayOutputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How the API answers: JSON, or a problem that says what to do. Shared by all resources; any thread may call. */
final class Answers {
  private static final String JSON = "application/json";

  private final Outage outage = new Outage();

  /** Told of reads that failed and of those that did not. */
  Outage outage() {
    return outage;
  }

  static byte[] list(String name, List<byte[]> items) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(1024);
    out.writeBytes(ServerFrames.utf8("{\"" + name + "\":["));
    boolean any = false;
    for (byte[] item : items) {
      if (any) {
        out.write(',');
      }
      any = true;
      out.writeBytes(item);
    }
    out.writeBytes(ServerFrames.utf8("]}"));
    return out.toByteArray();
  }

  static @Nullable JsonObject body(RoutingContext ctx) {
    Buffer bytes = ctx.body().buffer();
    try {
      return bytes == null || bytes.length() == 0 ? new JsonObject() : new JsonObject(bytes);
    } catch (DecodeException | ClassCastException broken) {
      Problem.send(ctx, 400, "bad-body", "Bad body", "expected: one JSON object");
      return null;
    }
  }

  void json(RoutingContext ctx, Future<JsonObject> answer) {
    answer
        .onSuccess(found -> send(ctx, found.toBuffer()))
        .onSuccess(found -> outage.ended())
        .onFailure(failure -> unavailable(ctx, failure));
  }

  static void send(RoutingContext ctx, Buffer body) {
    if (!ctx.response().ended()) {
      ctx.response().putHeader(HttpHeaders.CONTENT_TYPE, JSON).end(body);
    }
  }

  void unavailable(RoutingContext ctx, Throwable failure) {
    if (failure instanceof BadParameter bad) {
      Problem.send(ctx, 400, "bad-parameter", "Bad parameter", String.valueOf(bad.getMessage()));
      return;
    }
    if (failure instanceof RangeTooLong tooLong) {
      Problem.send(
          ctx, 400, "range-too-long", "Range too long", String.valueOf(tooLong.getMessage()));
      return;
    }
    ctx.response().putHeader(HttpHeaders.RETRY_AFTER, "1");
    Problem.send(
        ctx,
        503,
        "store-unavailable",
        "Store does not answer",
        "the database cannot be read now; try again");
  }
}
