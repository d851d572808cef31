package io.vedette.alert;

import io.vedette.testkit.Await;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

/** A receiver of webhooks: every request is handed to whoever waits for the next one, and answered as the test says (200 unless told). */
final class FakeWebhook implements AutoCloseable {
  record Received(int number, MultiMap headers, JsonObject body) {}

  private final HttpServer server;
  private final AtomicInteger count = new AtomicInteger();
  private final Deque<Received> unread = new ArrayDeque<>();
  private final Deque<Promise<Received>> readers = new ArrayDeque<>();
  private volatile BiConsumer<Integer, HttpServerRequest> answer =
      (number, request) -> request.response().end();

  FakeWebhook(Vertx vertx) {
    server = Await.value(vertx
        .createHttpServer()
        .requestHandler(request -> request.body().onSuccess(body -> {
          int number = count.incrementAndGet();
          received(new Received(number, request.headers(), new JsonObject(body)));
          answer.accept(number, request);
        }))
        .listen(0, "127.0.0.1"));
  }

  String url() {
    return "http://127.0.0.1:" + server.actualPort() + "/hook";
  }

  /** What to do with the n-th request, from 1. */
  void answers(BiConsumer<Integer, HttpServerRequest> how) {
    answer = how;
  }

  Received next() {
    return Await.value(nextLater());
  }

  synchronized Future<Received> nextLater() {
    Received first = unread.poll();
    if (first != null) {
      return Future.succeededFuture(first);
    }
    Promise<Received> reader = Promise.promise();
    readers.add(reader);
    return reader.future();
  }

  int count() {
    return count.get();
  }

  private synchronized void received(Received request) {
    Promise<Received> reader = readers.poll();
    if (reader == null) {
      unread.add(request);
    } else {
      reader.complete(request);
    }
  }

  @Override
  public void close() {
    Await.value(server.close());
  }
}
