package io.vedette.alert.notify.sms;

import io.vedette.testkit.Await;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;

/**
 * Behaves as the public Messages API does: path, form, Basic authentication, 201 with a message resource, and its errors, chosen by the number as the provider's test numbers do: +15005550001 is no valid
 * number (400, 21211), +15005550009 cannot receive (400, 21614), +15005550429 is one too many (429, 20429), +15005550500 breaks (500).
 */
final class FakeMessagesApi implements AutoCloseable {
  static final String ACCOUNT = "AC0123456789abcdef0123456789abcdef";
  static final String TOKEN = "sesame";

  final List<MultiMap> forms = Collections.synchronizedList(new ArrayList<>());
  private final HttpServer server;

  FakeMessagesApi(Vertx vertx) {
    server =
        Await.value(vertx.createHttpServer().requestHandler(this::handle).listen(0, "127.0.0.1"));
  }

  String url() {
    return "http://127.0.0.1:" + server.actualPort();
  }

  private void handle(HttpServerRequest request) {
    request.setExpectMultipart(true);
    request.body().onSuccess(body -> answer(request));
  }

  private void answer(HttpServerRequest request) {
    String basic = "Basic "
        + Base64.getEncoder()
            .encodeToString((ACCOUNT + ":" + TOKEN).getBytes(StandardCharsets.UTF_8));
    if (!basic.equals(request.getHeader("Authorization"))) {
      error(request, 401, 20003, "Authenticate");
      return;
    }
    if (!request.method().equals(HttpMethod.POST)
        || !request.path().equals("/2010-04-01/Accounts/" + ACCOUNT + "/Messages.json")) {
      error(request, 404, 20404, "The requested resource " + request.path() + " was not found");
      return;
    }
    MultiMap form = request.formAttributes();
    if (!form.contains("To")
        || !form.contains("Body")
        || !(form.contains("From") || form.contains("MessagingServiceSid"))) {
      error(request, 400, 21604, "A 'To' phone number is required.");
      return;
    }
    switch (form.get("To")) {
      case "+15005550001" ->
        error(request, 400, 21211, "The 'To' number +15005550001 is not a valid phone number.");
      case "+15005550009" -> error(request, 400, 21614, "'To' number is not a valid mobile number");
      case "+15005550429" -> {
        request.response().putHeader("Retry-After", "7");
        error(request, 429, 20429, "Too Many Requests");
      }
      case "+15005550500" -> request.response().setStatusCode(500).end("<html>oops</html>");
      default -> created(request.response(), form);
    }
  }

  private void created(HttpServerResponse response, MultiMap form) {
    forms.add(form);
    response
        .setStatusCode(201)
        .putHeader("Content-Type", "application/json")
        .end(new JsonObject()
            .put("sid", String.format("SM%032x", forms.size()))
            .put("account_sid", ACCOUNT)
            .put("to", form.get("To"))
            .put("from", form.get("From"))
            .put("body", form.get("Body"))
            .put("status", "queued")
            .put("error_code", null)
            .put("error_message", null)
            .put("num_segments", "1")
            .toBuffer());
  }

  private static void error(HttpServerRequest request, int status, int code, String message) {
    request
        .response()
        .setStatusCode(status)
        .putHeader("Content-Type", "application/json")
        .end(new JsonObject()
            .put("code", code)
            .put("message", message)
            .put("more_info", "https://www.twilio.com/docs/errors/" + code)
            .put("status", status)
            .toBuffer());
  }

  @Override
  public void close() {
    Await.value(server.close());
  }
}
