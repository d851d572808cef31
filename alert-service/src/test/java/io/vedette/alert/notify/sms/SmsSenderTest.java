package io.vedette.alert.notify.sms;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.alert.Examples;
import io.vedette.alert.lifecycle.Lifecycle;
import io.vedette.alert.notify.Delivery;
import io.vedette.alert.notify.Delivery.Trouble;
import io.vedette.alert.notify.Message;
import io.vedette.alert.notify.Notice;
import io.vedette.alert.notify.Reason;
import io.vedette.alert.route.GroupId;
import io.vedette.model.Transition;
import io.vedette.testkit.Await;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SmsSenderTest {
  private final Vertx vertx = Vertx.vertx();
  private final FakeMessagesApi api = new FakeMessagesApi(vertx);

  @AfterEach
  void stop() {
    api.close();
    Await.value(vertx.close());
  }

  private Delivery send(String to, String token, String duplicate) {
    SmsSender sender = new SmsSender(
        vertx,
        new SmsSender.Settings(
            api.url(),
            FakeMessagesApi.ACCOUNT,
            token,
            "+15005550006",
            to,
            "https://example.org/sms?x=1",
            Duration.ofSeconds(5),
            1));
    Notice notice = new Notice(
        new GroupId("ops", "{}:{}", new TreeMap<>()),
        Reason.FIRST_NOTIFICATION,
        List.of(Lifecycle.onFinding(null, Examples.finding(1, "web & ü", Transition.FIRING), 1)
            .orElseThrow()
            .alert()),
        0);
    Delivery delivery = Await.value(sender.send(new Message("id-1", 1, duplicate, notice)));
    Await.value(sender.close());
    return delivery;
  }

  @Test
  void sentMessageHasTheProvidersIdAndAStatusCallbackThatNamesIt() {
    assertThat(send("+4915112345678", FakeMessagesApi.TOKEN, ""))
        .isEqualTo(new Delivery.Sent("status queued", "SM00000000000000000000000000000001"));
    MultiMap form = api.forms.get(0);
    assertThat(form.get("To")).isEqualTo("+4915112345678");
    assertThat(form.get("From")).isEqualTo("+15005550006");
    assertThat(form.get("Body"))
        .isEqualTo(
            "[FIRING:1] SshFailures (host=web & ü severity=critical): 12 failed logins on web & ü");
    assertThat(form.get("StatusCallback"))
        .isEqualTo("https://example.org/sms?x=1&notification=id-1");
  }

  @Test
  void possibleDuplicateSaysSo() {
    send("+4915112345678", FakeMessagesApi.TOKEN, "attempt 1 ended with timeout");
    assertThat(api.forms.get(0).get("Body")).startsWith("(maybe sent before) ");
  }

  @Test
  void wrongTokenIsRefusedForGood() {
    assertThat(send("+4915112345678", "wrong", ""))
        .isEqualTo(
            new Delivery.Refused(Trouble.UNAUTHORIZED, "HTTP 401, error 20003 Authenticate"));
  }

  @Test
  void badNumberIsRefusedWithTheProvidersCode() {
    assertThat(send("+15005550001", FakeMessagesApi.TOKEN, ""))
        .isEqualTo(new Delivery.Refused(
            Trouble.REJECTED,
            "HTTP 400, error 21211 The 'To' number +15005550001 is not a valid phone number."));
  }

  @Test
  void tooManyWaitsAsLongAsTheProviderAsks() {
    assertThat(send("+15005550429", FakeMessagesApi.TOKEN, ""))
        .isEqualTo(new Delivery.Later(
            Trouble.THROTTLED, "HTTP 429, error 20429 Too Many Requests", 7000, false));
  }

  @Test
  void brokenServerIsTriedAgain() {
    assertThat(send("+15005550500", FakeMessagesApi.TOKEN, ""))
        .isInstanceOfSatisfying(Delivery.Later.class, later -> assertThat(later.trouble())
            .isEqualTo(Trouble.SERVER_ERROR));
  }
}
