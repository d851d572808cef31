package io.vedette.alert.notify.webhook;

import io.vedette.alert.notify.Delivery;
import io.vedette.alert.notify.HttpPost;
import io.vedette.alert.notify.Message;
import io.vedette.alert.notify.Sender;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** Posts the payload; any 2xx is a delivery. Retries carry the same {@code Idempotency-Key}, a possible duplicate says so in {@code Vedette-Possible-Duplicate}. */
public final class WebhookSender implements Sender {
  /** Where and how. {@code authorization} is the whole header's value, empty for none. */
  public record Settings(
      String url,
      String authorization,
      Map<String, String> headers,
      int maxAlerts,
      Duration timeout,
      int inFlight,
      String externalUrl) {}

  private final Settings settings;
  private final HttpPost post;

  public WebhookSender(Vertx vertx, Settings settings) {
    this.settings = settings;
    this.post = new HttpPost(vertx, settings.timeout(), settings.inFlight());
  }

  @Override
  public Future<Delivery> send(Message message) {
    Map<String, String> headers = new HashMap<>(settings.headers());
    headers.put("Content-Type", "application/json");
    headers.put("User-Agent", "Vedette");
    headers.put("Idempotency-Key", message.id());
    headers.put("Vedette-Attempt", Integer.toString(message.attempt()));
    if (!message.duplicate().isEmpty()) {
      headers.put("Vedette-Possible-Duplicate", message.duplicate());
    }
    if (!settings.authorization().isEmpty()) {
      headers.put("Authorization", settings.authorization());
    }
    return post.post(
        settings.url(),
        headers,
        WebhookPayload.of(message.notice(), settings.externalUrl(), settings.maxAlerts())
            .toBuffer(),
        answer -> answer.status() / 100 == 2
            ? new Delivery.Sent("HTTP " + answer.status(), "")
            : HttpPost.trouble(answer));
  }

  @Override
  public Future<Void> close() {
    return post.close();
  }
}
