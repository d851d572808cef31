package io.vedette.runtime.http;

import io.vertx.core.Handler;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.HttpException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Errors as {@code application/problem+json} (RFC 9457): {@code type} is {@code urn:vedette:problem:<word>}, {@code detail} names what was found and what was expected, {@code request} the request's id. */
public final class Problem {
  private static final Logger log = LoggerFactory.getLogger(Problem.class);
  private static final String TYPE = "urn:vedette:problem:";

  private record Standard(String type, String title, String detail) {}

  private static final Map<Integer, Standard> STANDARD = Map.ofEntries(
      Map.entry(
          400, new Standard("bad-request", "Bad request", "the request cannot be understood")),
      Map.entry(401, new Standard("token-missing", "Token missing", "this needs a token")),
      Map.entry(403, new Standard("not-allowed", "Not allowed", "this needs another role")),
      Map.entry(404, new Standard("not-found", "Not found", "nothing is served under this path")),
      Map.entry(
          405,
          new Standard(
              "method-not-allowed",
              "Method not allowed",
              "the path exists, but not with this method")),
      Map.entry(
          406,
          new Standard(
              "not-acceptable", "Not acceptable", "none of the accepted types is made here")),
      Map.entry(
          408,
          new Standard(
              "request-timeout", "Request took too long", "the request was not complete in time")),
      Map.entry(
          413,
          new Standard(
              "too-large", "Content too large", "the body is larger than this door takes")),
      Map.entry(
          414,
          new Standard(
              "uri-too-long", "Request line too long", "the request line is longer than 4 KiB")),
      Map.entry(
          415,
          new Standard(
              "unsupported-type", "Unsupported type", "the body's type is not understood here")),
      Map.entry(
          421,
          new Standard("wrong-host", "Host not served here", "the named host is not served here")),
      Map.entry(
          431,
          new Standard(
              "headers-too-large",
              "Headers too large",
              "the headers are larger than this door takes")),
      Map.entry(
          500,
          new Standard(
              "internal",
              "Internal error",
              "something went wrong here; the log has the cause under this request's id")),
      Map.entry(
          503,
          new Standard(
              "unavailable",
              "Not available now",
              "what is needed for this does not answer; try again")),
      Map.entry(
          504,
          new Standard(
              "timeout",
              "No answer in time",
              "what is needed for this did not answer in time; try again")));

  private Problem() {}

  /** {@code type} is a word such as {@code not-found}. */
  public static void send(
      RoutingContext ctx, int status, String type, String title, String detail) {
    send(ctx, status, type, title, detail, new JsonObject());
  }

  /** With further members. */
  public static void send(
      RoutingContext ctx, int status, String type, String title, String detail, JsonObject extra) {
    HttpServerResponse response = ctx.response();
    if (response.ended() || response.closed() || response.headWritten()) {
      return;
    }
    String id = ctx.get(HttpDoors.REQUEST_ID);
    JsonObject problem = new JsonObject()
        .put("type", TYPE + type)
        .put("title", title)
        .put("status", status)
        .put("detail", detail);
    if (id != null) {
      problem.put("request", id);
    }
    if (!ctx.request().isEnded() && status == 413) {
      response.putHeader(HttpHeaders.CONNECTION, "close"); // the rest of the body is not read
    }
    response
        .setStatusCode(status)
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/problem+json")
        .end(problem.mergeIn(extra).toBuffer());
  }

  /** A failure while an answer was under way: cutting it off is the one way left to say that it is not whole. */
  static void cutOff(RoutingContext ctx) {
    if (!ctx.response().headWritten()) {
      ctx.next();
      return;
    }
    log.warn(
        "answer cut off, request={} {}",
        ctx.<String>get(HttpDoors.REQUEST_ID),
        ctx.request().path(),
        ctx.failure());
    ctx.request().connection().close();
  }

  /** The one place where failures become answers. */
  static Handler<RoutingContext> onFailure(int status) {
    return ctx -> {
      Throwable failure = ctx.failure();
      int code = status(status, failure);
      Standard standard = standard(code);
      if (code >= 500 && failure != null && code != 503 && code != 504) {
        String id = ctx.get(HttpDoors.REQUEST_ID);
        log.error(
            "request failed, request={} {} {}",
            id,
            ctx.request().method(),
            ctx.request().path(),
            failure);
      }
      send(ctx, code, standard.type(), standard.title(), detail(failure, standard));
    };
  }

  private static int status(int status, @Nullable Throwable failure) {
    if (failure instanceof HttpException http) {
      return http.getStatusCode();
    }
    if (failure instanceof DecodeException) {
      return 400;
    }
    if (failure instanceof ReplyException reply && reply.failureType() != ReplyFailure.ERROR) {
      return reply.failureType() == ReplyFailure.TIMEOUT ? 504 : 503;
    }
    return status;
  }

  private static String detail(@Nullable Throwable failure, Standard standard) {
    if (failure instanceof HttpException http && http.getPayload() != null) {
      return http.getPayload();
    }
    return failure instanceof DecodeException decode && decode.getMessage() != null
        ? "no JSON: " + decode.getMessage()
        : standard.detail();
  }

  private static Standard standard(int status) {
    Standard standard = STANDARD.get(status);
    return standard != null
        ? standard
        : new Standard(
            "http-" + status, "Error " + status, "the request was answered with status " + status);
  }

  /** For what never became a request: broken request lines, headers beyond their limits. */
  static void invalidRequest(HttpServerRequest request) {
    Throwable cause = request.decoderResult().cause();
    String message = cause == null || cause.getMessage() == null ? "" : cause.getMessage();
    int status = message.startsWith("An HTTP line is larger")
        ? 414
        : message.startsWith("HTTP header is larger") ? 431 : 400;
    Standard standard = standard(status);
    JsonObject problem = new JsonObject()
        .put("type", TYPE + standard.type())
        .put("title", standard.title())
        .put("status", status)
        .put("detail", standard.detail());
    request
        .response()
        .setStatusCode(status)
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/problem+json")
        .putHeader(HttpHeaders.CONNECTION, "close")
        .end(problem.toBuffer())
        .onComplete(sent -> request.connection().close());
  }
}
