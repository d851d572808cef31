package io.vedette.alert.notify.mail;

import io.vedette.alert.notify.Delivery;
import io.vedette.alert.notify.Delivery.Trouble;
import io.vedette.alert.notify.Message;
import io.vedette.alert.notify.Notice;
import io.vedette.alert.notify.Sender;
import io.vedette.alert.notify.Template;
import io.vedette.alert.notify.Wording;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.ext.mail.LoginOption;
import io.vertx.ext.mail.MailClient;
import io.vertx.ext.mail.MailConfig;
import io.vertx.ext.mail.MailMessage;
import io.vertx.ext.mail.SMTPException;
import io.vertx.ext.mail.StartTLSOptions;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Sends to an SMTP server. All mails of a group refer to one root, so that they lie in one thread; a retry has the same Message-ID, so that servers that look for copies find them. */
public final class MailSender implements Sender {
  /** How the connection is secured. */
  public enum Tls {
    REQUIRED,
    IMPLICIT,
    OPTIONAL,
    OFF
  }

  /** {@code username} is empty to send without logging in. */
  public record Settings(
      String host,
      int port,
      Tls tls,
      String username,
      String password,
      String from,
      List<String> to,
      String hello,
      Template subject,
      Duration timeout,
      int inFlight,
      String externalUrl) {
    public Settings {
      to = List.copyOf(to);
    }
  }

  private final Settings settings;
  private final MailClient client;

  public MailSender(Vertx vertx, Settings settings) {
    this.settings = settings;
    MailConfig config = new MailConfig()
        .setHostname(settings.host())
        .setPort(settings.port())
        .setSsl(settings.tls() == Tls.IMPLICIT)
        .setStarttls(
            switch (settings.tls()) {
              case REQUIRED -> StartTLSOptions.REQUIRED;
              case OPTIONAL -> StartTLSOptions.OPTIONAL;
              case IMPLICIT, OFF -> StartTLSOptions.DISABLED;
            })
        .setLogin(settings.username().isEmpty() ? LoginOption.DISABLED : LoginOption.REQUIRED)
        .setUsername(settings.username())
        .setPassword(settings.password())
        .setOwnHostname(settings.hello())
        .setMaxPoolSize(settings.inFlight())
        .setConnectTimeout((int) Math.min(settings.timeout().toMillis(), 5_000))
        .setIdleTimeout((int) Math.max(settings.timeout().toSeconds(), 1));
    client = MailClient.create(vertx, config);
  }

  @Override
  public Future<Delivery> send(Message message) {
    return client
        .sendMail(mail(message))
        .timeout(settings.timeout().toMillis(), TimeUnit.MILLISECONDS)
        .<Delivery>map(result -> new Delivery.Sent(
            "accepted for " + result.getRecipients().size() + " of "
                + settings.to().size(),
            result.getMessageID() == null ? "" : result.getMessageID()))
        .otherwise(MailSender::judge);
  }

  @Override
  public Future<Void> close() {
    return client.close();
  }

  private MailMessage mail(Message message) {
    Notice notice = message.notice();
    String domain =
        settings.from().substring(settings.from().lastIndexOf('@') + 1).replace(">", "");
    String root = "<" + thread(notice) + "@" + domain + ">";
    MultiMap headers = MultiMap.caseInsensitiveMultiMap()
        .add("Message-ID", "<" + message.id() + "@" + domain + ">")
        .add("In-Reply-To", root)
        .add("References", root)
        .add("Auto-Submitted", "auto-generated")
        .add("Vedette-Notification", message.id());
    if (!message.duplicate().isEmpty()) {
      headers.add("Vedette-Possible-Duplicate", message.duplicate());
    }
    String subject = settings.subject().render(notice, settings.externalUrl());
    return new MailMessage()
        .setFrom(settings.from())
        .setTo(settings.to())
        .setSubject(oneLine(subject.isEmpty() ? Wording.title(notice) : subject))
        .setHeaders(headers)
        .setText(MailText.plain(message, settings.externalUrl()))
        .setHtml(MailText.html(message, settings.externalUrl()));
  }

  /** Names the group's thread. */
  static String thread(Notice notice) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256")
          .digest((notice.group().receiver() + "\n" + notice.group().key())
              .getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 12);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java has SHA-256", impossible);
    }
  }

  /** Labels come from outside: none may begin another header. */
  private static String oneLine(String text) {
    return Wording.cut(text.replaceAll("[\\p{Cntrl}]+", " "), 200);
  }

  static Delivery judge(Throwable lost) {
    String said = String.valueOf(lost.getMessage());
    String detail = Wording.cut(said.replaceAll("\\s+", " "), 300);
    if (lost instanceof SMTPException smtp) {
      int code = smtp.getReplyCode();
      if (code == 530 || code == 534 || code == 535 || code == 538) {
        return new Delivery.Refused(Trouble.UNAUTHORIZED, detail);
      }
      return code >= 500
          ? new Delivery.Refused(Trouble.REJECTED, detail)
          : new Delivery.Later(
              code == 421 || code == 450 || code == 451 || code == 452
                  ? Trouble.THROTTLED
                  : Trouble.SERVER_ERROR,
              detail,
              0,
              false);
    }
    if (lost instanceof TimeoutException) {
      return new Delivery.Later(Trouble.TIMEOUT, detail, 0, true);
    }
    if (lost instanceof ConnectException || lost instanceof UnknownHostException) {
      return new Delivery.Later(Trouble.UNREACHABLE, detail, 0, false);
    }
    return new Delivery.Later(Trouble.BROKEN_OFF, detail, 0, true);
  }
}
