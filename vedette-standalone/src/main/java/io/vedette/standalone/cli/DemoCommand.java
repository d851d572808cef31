package io.vedette.standalone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A short story through the public doors of a running instance: a guessed password by syslog, a series that spikes by HTTP; then links to what came of it. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description =
        "Send a short story through the public doors of a running instance and print links to what it raised.")
public final class DemoCommand implements Callable<Integer> {
  private static final String ATTACKER = "203.0.113.7"; // TEST-NET-3, RFC 5737
  private static final int FAILURES = 12;
  private static final long PATIENCE_S = 60;

  @Mixin
  private DataDir data = new DataDir();

  @Spec
  private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException, InterruptedException {
    RunningInstance instance = RunningInstance.require(data.folder);
    InstanceClient client = new InstanceClient(instance);
    PrintWriter out = spec.commandLine().getOut();
    long began = System.nanoTime();

    failedLogins(instance.syslogPort());
    out.println("sent  " + FAILURES + " failed logins from " + ATTACKER
        + " and one success, by syslog to 127.0.0.1:" + instance.syslogPort());
    JsonNode receipt = client.postRecords(spikingSeries());
    out.println("sent  a latency series that spikes, by HTTP: records "
        + receipt.path("first_index").asLong() + " to "
        + receipt.path("last_index").asLong() + " acknowledged durably");
    out.flush();

    JsonNode logins = await(
        client, began, alert -> alert.path("labels").path("origin").asText().equals(ATTACKER));
    show(out, instance, client, "failed logins", logins);
    JsonNode latency = await(
        client, began, alert -> alert.path("labels").path("alertname").asText().startsWith("Demo"));
    show(out, instance, client, "latency", latency);
    return 0;
  }

  private static void failedLogins(int port) throws IOException {
    if (port == 0) {
      throw new CommandFailure(
          "the running instance has no syslog door (see its log, and collector.syslog.port)");
    }
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 3000);
      OutputStream out = socket.getOutputStream();
      String[] users = {"root", "admin", "oracle", "postgres"};
      for (int i = 0; i < FAILURES; i++) {
        out.write(line("Failed password for invalid user " + users[i % users.length] + " from "
            + ATTACKER + " port " + (40000 + i) + " ssh2"));
      }
      out.write(line("Accepted password for deploy from " + ATTACKER + " port 40100 ssh2"));
      out.flush();
    }
  }

  /** RFC 5424, facility 10 (security), severity 6 (informational), framed by line feeds (RFC 6587, section 3.4.2). */
  private static byte[] line(String message) {
    String time = Instant.now().truncatedTo(ChronoUnit.MILLIS).toString();
    return ("<86>1 " + time + " demo-host sshd 4242 - - " + message + "\n")
        .getBytes(StandardCharsets.UTF_8);
  }

  private static String spikingSeries() {
    StringBuilder body = new StringBuilder();
    for (int i = 0; i < 60; i++) {
      double value = i < 40 ? 20 + i % 7 : 900 + i;
      body.append(String.format(
          Locale.ROOT,
          "{\"kind\":\"demo.latency\",\"action\":\"request.handle\",\"target\":\"/checkout\",\"outcome\":\"success\",\"attributes\":{\"value\":%.1f}}%n",
          value));
    }
    return body.toString();
  }

  private static JsonNode await(InstanceClient client, long beganNs, Predicate<JsonNode> wanted)
      throws InterruptedException {
    while (System.nanoTime() - beganNs < TimeUnit.SECONDS.toNanos(PATIENCE_S)) {
      for (JsonNode alert : client.get("/api/v1/alerts").path("alerts")) {
        if (alert.path("state").asText().equals("firing") && wanted.test(alert)) {
          return alert;
        }
      }
      TimeUnit.MILLISECONDS.sleep(250); // production code: polls a public interface
    }
    throw new CommandFailure("no alert fired within " + PATIENCE_S
        + " s; are the shipped rules in force? ./vedette rules check");
  }

  private static void show(
      PrintWriter out,
      RunningInstance instance,
      InstanceClient client,
      String what,
      JsonNode alert) {
    String fingerprint = alert.path("fingerprint").asText();
    out.println();
    out.println("fired " + alert.path("labels").path("alertname").asText() + " (" + what + "): "
        + alert.path("value").asText() + " " + alert.path("comparison").asText() + " "
        + alert.path("threshold").asText());
    out.println("  alert          " + instance.edgeUrl() + "/#/alerts/" + fingerprint);
    if (alert.path("firstIndex").asLong(-1) >= 0) {
      out.println("  its records    " + instance.edgeUrl() + "/#/records/"
          + alert.path("firstIndex").asLong() + "-" + alert.path("lastIndex").asLong());
    }
    out.println("  notifications  " + instance.edgeUrl() + "/#/notifications/" + fingerprint + " ("
        + client
            .get("/api/v1/notifications?fingerprint=" + fingerprint)
            .path("notifications")
            .size()
        + " so far)");
    out.flush();
  }
}
