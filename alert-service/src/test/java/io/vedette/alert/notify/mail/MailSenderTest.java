package io.vedette.alert.notify.mail;

import static org.assertj.core.api.Assertions.assertThat;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.vedette.alert.Examples;
import io.vedette.alert.lifecycle.Lifecycle;
import io.vedette.alert.notify.Delivery;
import io.vedette.alert.notify.Delivery.Trouble;
import io.vedette.alert.notify.Message;
import io.vedette.alert.notify.Notice;
import io.vedette.alert.notify.Reason;
import io.vedette.alert.notify.Template;
import io.vedette.alert.route.GroupId;
import io.vedette.model.Transition;
import io.vedette.testkit.Await;
import io.vertx.core.Vertx;
import jakarta.mail.Multipart;
import jakarta.mail.internet.MimeMessage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MailSenderTest {
  private final Vertx vertx = Vertx.vertx();
  private final GreenMail server = new GreenMail(ServerSetup.SMTP.dynamicPort());

  @BeforeEach
  void start() {
    server.setUser("ann@example.org", "ann", "secret");
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop();
    Await.value(vertx.close());
  }

  private MailSender sender(int port, String password) {
    return new MailSender(
        vertx,
        new MailSender.Settings(
            "127.0.0.1",
            port,
            MailSender.Tls.OFF,
            password.isEmpty() ? "" : "ann",
            password,
            "Vedette <vedette@example.org>",
            List.of("ann@example.org", "bob@example.org"),
            "localhost",
            Template.parse(""),
            Duration.ofSeconds(5),
            2,
            "http://localhost:8080/"));
  }

  private static Message message(String id, String host, String duplicate) {
    Notice notice = new Notice(
        new GroupId(
            "ops",
            "{}:{alertname=\"SshFailures\"}",
            new TreeMap<>(Map.of("alertname", "SshFailures"))),
        Reason.FIRST_NOTIFICATION,
        List.of(Lifecycle.onFinding(null, Examples.finding(1, host, Transition.FIRING), 1)
            .orElseThrow()
            .alert()),
        0);
    return new Message(id, 1, duplicate, notice);
  }

  private MimeMessage mail(String id) throws Exception {
    for (MimeMessage mail : server.getReceivedMessages()) {
      if (id.equals(mail.getMessageID())) {
        return mail;
      }
    }
    throw new AssertionError("no mail " + id);
  }

  private static String part(MimeMessage mail, int n) throws Exception {
    return ((Multipart) mail.getContent()).getBodyPart(n).getContent().toString();
  }

  @Test
  void plainAndHtmlReachEveryRecipientInOneThreadPerGroup() throws Exception {
    MailSender sender = sender(server.getSmtp().getPort(), "secret");
    assertThat(Await.value(sender.send(message("id-1", "<b>web1</b>", ""))))
        .isInstanceOfSatisfying(Delivery.Sent.class, sent -> assertThat(sent.detail())
            .isEqualTo("accepted for 2 of 2"));
    Await.value(sender.send(message("id-2", "web2", "attempt 1 ended with timeout")));
    assertThat(server.getReceivedMessages()).hasSize(4);
    MimeMessage first = mail("<id-1@example.org>");
    MimeMessage second = mail("<id-2@example.org>");
    assertThat(first.getSubject())
        .isEqualTo("[FIRING:1] SshFailures (host=<b>web1</b> severity=critical)");
    assertThat(first.getHeader("References")).isEqualTo(second.getHeader("References"));
    assertThat(second.getHeader("Vedette-Possible-Duplicate"))
        .containsExactly("attempt 1 ended with timeout");
    assertThat(first.getContentType()).startsWith("multipart/alternative");
    assertThat(part(first, 0))
        .contains("12 failed logins on <b>web1</b>")
        .contains("12 > 5, 12 in the window, records 1000 to 1040");
    assertThat(part(first, 1)).contains("&lt;b&gt;web1&lt;/b&gt;").doesNotContain("<b>web1</b>");
    Await.value(sender.close());
  }

  @Test
  void labelCannotAddAHeader() throws Exception {
    MailSender sender = sender(server.getSmtp().getPort(), "");
    assertThat(Await.value(sender.send(message("id-1", "a\r\nBcc: evil@example.org", ""))))
        .isInstanceOf(Delivery.Sent.class);
    assertThat(server.getReceivedMessages()[0].getHeader("Bcc")).isNull();
    assertThat(server.getReceivedMessages()[0].getSubject()).contains("a Bcc: evil@example.org");
    Await.value(sender.close());
  }

  @Test
  void wrongPasswordIsRefusedForGood() {
    MailSender sender = sender(server.getSmtp().getPort(), "wrong");
    assertThat(Await.value(sender.send(message("id-1", "a", ""))))
        .isInstanceOfSatisfying(Delivery.Refused.class, refused -> assertThat(refused.trouble())
            .isEqualTo(Trouble.UNAUTHORIZED));
    Await.value(sender.close());
  }

  @Test
  void serverThatIsNotThereIsTriedAgain() {
    int port = server.getSmtp().getPort();
    server.stop();
    MailSender sender = sender(port, "");
    assertThat(Await.value(sender.send(message("id-1", "a", ""))))
        .isInstanceOfSatisfying(Delivery.Later.class, later -> {
          assertThat(later.trouble()).isEqualTo(Trouble.UNREACHABLE);
          assertThat(later.maybeTaken()).isFalse();
        });
    Await.value(sender.close());
  }
}
