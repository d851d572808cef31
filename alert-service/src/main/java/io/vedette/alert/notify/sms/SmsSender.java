package io.vedette.alert.notify.sms;

import io.vedette.alert.notify.Delivery;
import io.vedette.alert.notify.Delivery.Trouble;
import io.vedette.alert.notify.HttpPost;
import io.vedette.alert.notify.Message;
import io.vedette.alert.notify.Sender;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;

/** Creates a message at a Messages API as Twilio defines it: a form over HTTP with Basic authentication, a JSON answer with the message's {@code sid} and {@code status}. One number per sender, so one row per person. */
public final class SmsSender implements Sender {
  private static final Set<String> REFUSED = Set.of("failed", "undelivered", "canceled");

  /** {@code from} is a number, or a messaging service when it begins with {@code MG}. {@code statusCallback} is empty for none. */
  public record Settings(
      String apiUrl,
      String accountSid,
      String authToken,
      String from,
      String to,
      String statusCallback,
      Duration timeout,
      int inFlight) {}

  private final Settings settings;
  private final HttpPost post;
  private final String url;
  private final String authorization;

  public SmsSender(Vertx vertx, Settings settings) {
    this.settings = settings;
    this.post = new HttpPost(vertx, settings.timeout(), settings.inFlight());
    this.url =
        settings.apiUrl() + "/2010-04-01/Accounts/" + settings.accountSid() + "/Messages.json";
    this.authorization = "Basic "
        + Base64.getEncoder()
            .encodeToString((settings.accountSid() + ":" + settings.authToken())
                .getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public Future<Delivery> send(Message message) {
    Map<String, String> form = new LinkedHashMap<>();
    form.put("To", settings.to());
    form.put(settings.from().startsWith("MG") ? "MessagingServiceSid" : "From", settings.from());
    form.put("Body", SmsText.of(message));
    if (!settings.statusCallback().isEmpty()) {
      String separator = settings.statusCallback().contains("?") ? "&" : "?";
      form.put(
          "StatusCallback",
          settings.statusCallback() + separator + "notification=" + encode(message.id()));
    }
    StringJoiner body = new StringJoiner("&");
    form.forEach((name, value) -> body.add(name + "=" + encode(value)));
    Map<String, String> headers = new HashMap<>();
    headers.put("Content-Type", "application/x-www-form-urlencoded");
    headers.put("Accept", "application/json");
    headers.put("Authorization", authorization);
    headers.put("Idempotency-Key", message.id());
    return post.post(url, headers, Buffer.buffer(body.toString()), SmsSender::judge);
  }

  @Override
  public Future<Void> close() {
    return post.close();
  }

  static Delivery judge(HttpPost.Answer answer) {
    JsonObject json;
    try {
      json = new JsonObject(answer.body());
    } catch (DecodeException | ClassCastException noJson) {
      return answer.status() / 100 == 2
          ? new Delivery.Later(
              Trouble.BROKEN_OFF, "HTTP " + answer.status() + " without a JSON object", 0, true)
          : HttpPost.trouble(answer);
    }
    if (answer.status() / 100 != 2) {
      return detailed(HttpPost.trouble(answer), json, answer);
    }
    String status = String.valueOf(json.getValue("status"));
    String sid = String.valueOf(json.getValue("sid", ""));
    return REFUSED.contains(status)
        ? new Delivery.Refused(
            Trouble.REJECTED,
            "status " + status + ", error " + json.getValue("error_code") + " "
                + json.getValue("error_message"))
        : new Delivery.Sent("status " + status, sid);
  }

  private static Delivery detailed(Delivery trouble, JsonObject json, HttpPost.Answer answer) {
    if (!json.containsKey("code")) {
      return trouble;
    }
    String detail = "HTTP " + answer.status() + ", error " + json.getValue("code") + " "
        + json.getValue("message");
    if (trouble instanceof Delivery.Later later) {
      return new Delivery.Later(later.trouble(), detail, later.retryAfterMs(), later.maybeTaken());
    }
    return trouble instanceof Delivery.Refused refused
        ? new Delivery.Refused(refused.trouble(), detail)
        : trouble;
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
