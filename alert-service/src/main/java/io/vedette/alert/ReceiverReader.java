package io.vedette.alert;

import io.vedette.alert.notify.Integration;
import io.vedette.alert.notify.Template;
import io.vedette.alert.notify.dashboard.DashboardSender;
import io.vedette.alert.notify.log.LogSender;
import io.vedette.alert.notify.mail.MailSender;
import io.vedette.alert.notify.sms.SmsSender;
import io.vedette.alert.notify.webhook.WebhookSender;
import io.vedette.runtime.config.ConfigNode;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Set;

/** Reads a receiver's integrations. Secrets may stand in a file of their own: {@code password_file} instead of {@code password}. */
final class ReceiverReader {
  private static final Set<String> KINDS = Set.of(
      "name",
      "webhook_configs",
      "email_configs",
      "sms_configs",
      "log_configs",
      "dashboard_configs");
  private static final Set<String> WEBHOOK = Set.of(
      "url",
      "url_file",
      "send_resolved",
      "max_alerts",
      "timeout",
      "headers",
      "authorization",
      "authorization_file",
      "basic_auth",
      "max_per_minute",
      "max_in_flight");
  private static final Set<String> BASIC = Set.of("username", "password", "password_file");
  private static final Set<String> MAIL = Set.of(
      "to",
      "from",
      "smarthost",
      "tls",
      "auth_username",
      "auth_password",
      "auth_password_file",
      "hello",
      "subject",
      "send_resolved",
      "timeout",
      "max_per_minute",
      "max_in_flight");
  private static final Set<String> SMS = Set.of(
      "api_url",
      "account_sid",
      "auth_token",
      "auth_token_file",
      "from",
      "to",
      "status_callback",
      "send_resolved",
      "timeout",
      "max_per_minute",
      "max_in_flight");
  private static final Set<String> PLAIN = Set.of("send_resolved", "max_per_minute");
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final int UNLIMITED = 60_000;

  private final String externalUrl;

  ReceiverReader(String externalUrl) {
    this.externalUrl = externalUrl;
  }

  List<Integration> read(ConfigNode node) {
    node.unknownKeys(KINDS);
    List<Integration> all = new ArrayList<>();
    int n = 0;
    for (ConfigNode one : node.at("webhook_configs").list()) {
      all.add(webhook(one, n++));
    }
    n = 0;
    for (ConfigNode one : node.at("email_configs").list()) {
      all.add(mail(one, n++));
    }
    n = 0;
    for (ConfigNode one : node.at("sms_configs").list()) {
      List<String> numbers = one.require("to").strings();
      for (String number : numbers) {
        all.add(sms(one, number, n++));
      }
    }
    n = 0;
    for (ConfigNode one : node.at("log_configs").list()) {
      one.unknownKeys(PLAIN);
      all.add(log(n++, one.bool("send_resolved", true), perMinute(one, UNLIMITED)));
    }
    n = 0;
    for (ConfigNode one : node.at("dashboard_configs").list()) {
      one.unknownKeys(PLAIN);
      all.add(dashboard(n++, one.bool("send_resolved", true), perMinute(one, UNLIMITED)));
    }
    return all;
  }

  Integration log(int n) {
    return log(n, true, UNLIMITED);
  }

  Integration dashboard(int n) {
    return dashboard(n, true, UNLIMITED);
  }

  private static Integration dashboard(int n, boolean sendResolved, int perMinute) {
    return new Integration(
        "dashboard/" + n, sendResolved, perMinute, 4, vertx -> new DashboardSender());
  }

  private static Integration log(int n, boolean sendResolved, int perMinute) {
    return new Integration("log/" + n, sendResolved, perMinute, 4, vertx -> new LogSender());
  }

  private Integration webhook(ConfigNode node, int n) {
    node.unknownKeys(WEBHOOK);
    ConfigNode basic = node.at("basic_auth");
    String authorization = secret(node, "authorization");
    if (basic.isPresent()) {
      basic.unknownKeys(BASIC);
      String both = basic.string("username") + ":" + secret(basic, "password");
      authorization =
          "Basic " + Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8));
    }
    int inFlight = inFlight(node, 4);
    WebhookSender.Settings settings = new WebhookSender.Settings(
        url(node, "url", secret(node, "url")),
        authorization,
        new HashMap<>(node.stringMap("headers")),
        Math.toIntExact(bounded(node, "max_alerts", 0, 0, 1000)),
        timeout(node),
        inFlight,
        externalUrl);
    return new Integration(
        "webhook/" + n,
        node.bool("send_resolved", true),
        perMinute(node, 600),
        inFlight,
        vertx -> new WebhookSender(vertx, settings));
  }

  private Integration mail(ConfigNode node, int n) {
    node.unknownKeys(MAIL);
    String smarthost = node.string("smarthost");
    int colon = smarthost.lastIndexOf(':');
    int port;
    try {
      port = Integer.parseInt(smarthost.substring(colon + 1));
    } catch (NumberFormatException noPort) {
      throw node.at("smarthost").error("host:port, for example smtp.example.org:587");
    }
    if (colon <= 0 || port < 1 || port > 65_535) {
      throw node.at("smarthost").error("host:port, for example smtp.example.org:587");
    }
    ConfigNode tls = node.at("tls");
    int inFlight = inFlight(node, 2);
    String from = node.string("from");
    if (from.indexOf('@') < 0) {
      throw node.at("from").error("an e-mail address");
    }
    MailSender.Settings settings = new MailSender.Settings(
        smarthost.substring(0, colon),
        port,
        tls.isPresent()
            ? tls.oneOf(MailSender.Tls.class)
            : port == 465 ? MailSender.Tls.IMPLICIT : MailSender.Tls.REQUIRED,
        node.string("auth_username", ""),
        secret(node, "auth_password"),
        from,
        node.require("to").strings(),
        node.string("hello", "localhost"),
        template(node, "subject"),
        timeout(node),
        inFlight,
        externalUrl);
    return new Integration(
        "email/" + n,
        node.bool("send_resolved", true),
        perMinute(node, 60),
        inFlight,
        vertx -> new MailSender(vertx, settings));
  }

  private Integration sms(ConfigNode node, String number, int n) {
    node.unknownKeys(SMS);
    if (!number.matches("\\+?[0-9]{3,15}")) {
      throw node.at("to").error(number, "telephone numbers such as +4915112345678");
    }
    int inFlight = inFlight(node, 1);
    SmsSender.Settings settings = new SmsSender.Settings(
        url(node, "api_url", node.string("api_url", "https://api.twilio.com"))
            .replaceAll("/+$", ""),
        node.string("account_sid"),
        secret(node, "auth_token"),
        node.string("from"),
        number,
        node.string("status_callback", ""),
        timeout(node),
        inFlight);
    return new Integration(
        "sms/" + n,
        node.bool("send_resolved", false),
        perMinute(node, 20),
        inFlight,
        vertx -> new SmsSender(vertx, settings));
  }

  private static Template template(ConfigNode node, String name) {
    try {
      return Template.parse(node.string(name, ""));
    } catch (IllegalArgumentException e) {
      throw node.at(name).error(String.valueOf(e.getMessage()), "a supported template");
    }
  }

  private static String url(ConfigNode node, String name, String text) {
    try {
      URI uri = new URI(text);
      if (uri.getHost() != null
          && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
        return text;
      }
    } catch (URISyntaxException wrong) {
      throw node.at(name)
          .error("text that is no URL", "an http or https URL; " + wrong.getReason());
    }
    throw node.at(name).error("text that is no URL", "an http or https URL");
  }

  /** The value, or what the file named by {@code <name>_file} holds; empty where neither is written. */
  private static String secret(ConfigNode node, String name) {
    ConfigNode file = node.at(name + "_file");
    if (!file.isPresent()) {
      return node.string(name, "");
    }
    if (node.at(name).isPresent()) {
      throw file.error(name + " and " + name + "_file", "one of them");
    }
    try {
      return Files.readString(Path.of(file.string()), StandardCharsets.UTF_8).strip();
    } catch (IOException unreadable) {
      throw file.error(
          file.string() + " (" + unreadable.getClass().getSimpleName() + ")", "a readable file");
    }
  }

  private static Duration timeout(ConfigNode node) {
    Duration timeout = node.duration("timeout", TIMEOUT);
    if (timeout.toMillis() < 100 || timeout.toSeconds() > 60) {
      throw node.at("timeout").error("a duration from 100ms to 60s");
    }
    return timeout;
  }

  private static int perMinute(ConfigNode node, int fallback) {
    return Math.toIntExact(bounded(node, "max_per_minute", fallback, 1, UNLIMITED));
  }

  private static int inFlight(ConfigNode node, int fallback) {
    return Math.toIntExact(bounded(node, "max_in_flight", fallback, 1, 64));
  }

  private static long bounded(ConfigNode node, String name, long fallback, long least, long most) {
    long value = node.integer(name, fallback);
    if (value < least || value > most) {
      throw node.at(name).error("a whole number from " + least + " to " + most);
    }
    return value;
  }
}
