package io.vedette.alert.notify;

import io.vedette.alert.notify.Delivery.Trouble;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * A POST whose every wait is bounded and of whose answer at most {@link #MAX_ANSWER} bytes are read. Redirects are not followed: a receiver that moved is for the operator to say. It knows whether the
 * request had left when something went wrong, which decides if a retry may be a second message.
 */
public final class HttpPost {
  static final int MAX_ANSWER = 64 * 1024;
  private static final int MAX_DETAIL = 300;
  private final HttpClient client;
  private final Duration timeout;

  public HttpPost(Vertx vertx, Duration timeout, int inFlight) {
    this.timeout = timeout;
    this.client = vertx.createHttpClient(
        new HttpClientOptions()
            .setConnectTimeout((int) Math.min(timeout.toMillis(), 5_000))
            .setKeepAliveTimeout(30)
            .setMaxHeaderSize(16 * 1024),
        new PoolOptions().setHttp1MaxSize(inFlight).setMaxWaitQueueSize(inFlight));
  }

  /** An answer: status, the headers that matter and the beginning of the body. */
  public record Answer(int status, String retryAfter, Buffer body) {
    /** One line for people. */
    public String detail() {
      String text = body.toString().replaceAll("\\s+", " ").strip();
      return text.isEmpty()
          ? "HTTP " + status
          : "HTTP " + status + " " + Wording.cut(text, MAX_DETAIL);
    }
  }

  /** {@code judge} turns a complete answer into the delivery's outcome. */
  public Future<Delivery> post(
      String url, Map<String, String> headers, Buffer body, Function<Answer, Delivery> judge) {
    RequestOptions options;
    try {
      options = new RequestOptions()
          .setAbsoluteURI(url)
          .setMethod(HttpMethod.POST)
          .setConnectTimeout(Math.min(timeout.toMillis(), 5_000))
          .setIdleTimeout(timeout.toMillis());
      headers.forEach(options::putHeader);
    } catch (RuntimeException e) {
      return Future.succeededFuture(
          new Delivery.Refused(Trouble.REJECTED, "bad URL: " + e.getMessage()));
    }
    return client
        .request(options)
        .transform(connected -> connected.succeeded()
            ? exchange(connected.result(), body)
                .map(judge)
                .recover(lost -> Future.succeededFuture(after(lost)))
            : Future.succeededFuture(
                new Delivery.Later(Trouble.UNREACHABLE, said(connected.cause()), 0, false)));
  }

  public Future<Void> close() {
    return client.close();
  }

  private Future<Answer> exchange(HttpClientRequest request, Buffer body) {
    return request
        .send(body)
        .compose(HttpPost::read)
        .timeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
        .onFailure(lost -> request.reset());
  }

  private static Future<Answer> read(HttpClientResponse response) {
    Promise<Answer> whole = Promise.promise();
    Buffer body = Buffer.buffer();
    String retryAfter = response.getHeader("Retry-After");
    Answer answer = new Answer(response.statusCode(), retryAfter == null ? "" : retryAfter, body);
    response.exceptionHandler(whole::tryFail);
    response.endHandler(end -> whole.tryComplete(answer));
    response.handler(chunk -> {
      int room = MAX_ANSWER - body.length();
      body.appendBuffer(chunk.length() <= room ? chunk : chunk.slice(0, Math.max(room, 0)));
      if (chunk.length() > room && whole.tryComplete(answer)) {
        response.request().reset();
      }
    });
    return whole.future();
  }

  private static Delivery after(Throwable lost) {
    Trouble trouble = lost instanceof TimeoutException ? Trouble.TIMEOUT : Trouble.BROKEN_OFF;
    return new Delivery.Later(trouble, said(lost), 0, true);
  }

  private static String said(Throwable cause) {
    String message = cause.getMessage();
    return Wording.cut(
        message == null || message.isEmpty() ? cause.getClass().getSimpleName() : message,
        MAX_DETAIL);
  }

  /** Retry-After in seconds, as milliseconds and at most an hour; 0 when it is absent or a date. */
  public static long retryAfterMs(String header) {
    try {
      return Math.min(Math.max(Long.parseLong(header.strip()), 0), 3600) * 1000;
    } catch (NumberFormatException notSeconds) {
      return 0;
    }
  }

  /** What a status that is no success means, the same for everybody who speaks HTTP. */
  public static Delivery trouble(Answer answer) {
    int status = answer.status();
    long retryAfterMs = retryAfterMs(answer.retryAfter());
    return switch (status) {
      case 401, 403, 407 -> new Delivery.Refused(Trouble.UNAUTHORIZED, answer.detail());
      case 408, 425 -> new Delivery.Later(Trouble.TIMEOUT, answer.detail(), retryAfterMs, false);
      case 429 -> new Delivery.Later(Trouble.THROTTLED, answer.detail(), retryAfterMs, false);
      case 404, 410 -> new Delivery.Refused(Trouble.GONE, answer.detail());
      // A gateway does not know what the server behind it did.
      case 502, 504 ->
        new Delivery.Later(Trouble.SERVER_ERROR, answer.detail(), retryAfterMs, true);
      default ->
        status >= 500
            ? new Delivery.Later(Trouble.SERVER_ERROR, answer.detail(), retryAfterMs, false)
            : new Delivery.Refused(Trouble.REJECTED, answer.detail());
    };
  }
}
