package io.vedette.it;

import io.vedette.postgres.EmbeddedPostgres;
import io.vedette.postgres.EmbeddedPostgresOptions;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A database, a collector and several edges, each a process of its own; edges keep their ports when they are started again. */
final class EdgeCluster implements AutoCloseable {
  private static final long START_SECONDS = 120;

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Path folder;
  private final EmbeddedPostgres postgres;
  private final Map<String, String> urls;
  private final VedetteProcess collector;
  private @Nullable String token;
  private final VedetteProcess[] edges;
  private final int[] ports;
  private @Nullable VedetteProcess alerts;
  private int starts;

  EdgeCluster(int count, String... collectorOptions) throws Exception {
    var readable =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x"));
    folder = Files.createTempDirectory("vedette-it", readable);
    Path data = Files.createDirectory(folder.resolve("db"), readable);
    postgres = EmbeddedPostgres.start(EmbeddedPostgresOptions.in(data).withDatabase("vedette"));
    urls = urls(VedetteProcess.run("db", "init", postgres.url("vedette")));
    ports = new int[count];
    edges = new VedetteProcess[count];
    List<String> options = new ArrayList<>(List.of(
        "--set",
        "trail.origin=example.org/it",
        "--set",
        "collector.syslog.port=0",
        "--set",
        "collector.ingest.trust-loopback=true"));
    options.addAll(List.of(collectorOptions));
    CompletableFuture<VedetteProcess> collecting =
        starting(() -> service("collector", "collector", options.toArray(new String[0])));
    List<CompletableFuture<VedetteProcess>> starting = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String name = "edge-" + i + "-" + starts++;
      starting.add(starting(() -> edge(name, 0)));
    }
    collector = collecting.get(START_SECONDS, TimeUnit.SECONDS);
    for (int i = 0; i < count; i++) {
      edges[i] = starting.get(i).get(START_SECONDS, TimeUnit.SECONDS);
      ports[i] = edges[i].port("edge.http");
    }
  }

  private interface Start {
    VedetteProcess process() throws Exception;
  }

  private static CompletableFuture<VedetteProcess> starting(Start start) {
    return CompletableFuture.supplyAsync(() -> {
      try {
        return start.process();
      } catch (Exception failed) {
        throw new IllegalStateException(failed);
      }
    });
  }

  private VedetteProcess edge(String name, int port) throws Exception {
    return service(
        "edge",
        name,
        "--set",
        "edge.http.port=" + port,
        "--set",
        "edge.auth.anonymous-role=viewer");
  }

  private VedetteProcess service(String service, String name, String... options) throws Exception {
    List<String> arguments =
        new ArrayList<>(List.of(service, "--set", "cluster.port=0", "--set", "cluster.bus-port=0"));
    if (!service.equals("edge")) {
      arguments.addAll(List.of("--set", service + ".http.port=0"));
    }
    arguments.addAll(List.of(options));
    return VedetteProcess.start(
        folder,
        name,
        arguments,
        Map.of("VEDETTE_DATABASE_URL", Objects.requireNonNull(urls.get(service))));
  }

  /** From what {@code db init} prints. */
  private static Map<String, String> urls(String printed) {
    Map<String, String> urls = new HashMap<>();
    Matcher line =
        Pattern.compile("(?m)^(\\w+).*VEDETTE_DATABASE_URL='([^']+)'").matcher(printed);
    while (line.find()) {
      urls.put(line.group(1), line.group(2));
    }
    return urls;
  }

  int port(int edge) {
    return ports[edge];
  }

  VedetteProcess edge(int edge) {
    return edges[edge];
  }

  Path folder() {
    return folder;
  }

  /** Of an admin, made when first asked for. */
  String token() throws Exception {
    String known = token;
    if (known == null) {
      known = VedetteProcess.run(
              "token",
              "create",
              "--role",
              "admin",
              "--url",
              Objects.requireNonNull(urls.get("edge")))
          .strip();
      token = known;
    }
    return known;
  }

  /** The same port again: whoever knew the edge finds it. */
  void restart(int edge) throws Exception {
    edges[edge] = edge("edge-" + edge + "-" + starts++, ports[edge]);
  }

  /** Starts again what was killed. */
  void revive() throws Exception {
    for (int i = 0; i < edges.length; i++) {
      if (!edges[i].isAlive()) {
        restart(i);
      }
    }
  }

  /** Adds the alert service. */
  void startAlerts() throws Exception {
    alerts = service("alert", "alert");
    alerts.presents(token());
  }

  /** An alert from outside that begins to fire. */
  void alert(String name) throws Exception {
    VedetteProcess service = Objects.requireNonNull(alerts);
    var answer = service.post(
        "alert",
        "/api/v2/alerts",
        "[{\"labels\":{\"alertname\":\"" + name + "\",\"severity\":\"warning\"}}]");
    if (answer.statusCode() != 200) {
      throw new AssertionError(answer.statusCode() + " " + answer.body());
    }
  }

  /** Appends so many records; answers the last one's index. */
  long append(int records) throws Exception {
    String body =
        "{\"kind\":\"load\",\"action\":\"count\",\"target\":\"resume\"}\n".repeat(records);
    HttpResponse<String> answer = http.send(
        HttpRequest.newBuilder(URI.create(collector.url("collector") + "/v1/records"))
            .timeout(Duration.ofSeconds(30))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new AssertionError(answer.statusCode() + " " + answer.body());
    }
    return VedetteProcess.JSON.readTree(answer.body()).path("last_index").asLong();
  }

  /** Appends without a pause, until closed. */
  final class Load implements AutoCloseable {
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final AtomicLong last = new AtomicLong(-1);
    private final Thread thread;
    private volatile @Nullable Throwable failure;

    /** @param perSecond batches of ten records */
    Load(int perSecond) {
      thread = new Thread(() -> run(1_000_000_000L / perSecond), "load");
      thread.start();
    }

    private void run(long everyNs) {
      try {
        long due = System.nanoTime();
        boolean over = false;
        while (!over) {
          last.set(append(10));
          due += everyNs;
          long early = due - System.nanoTime();
          if (early > 0) {
            over = stopped.await(early, TimeUnit.NANOSECONDS);
          } else {
            over = stopped.getCount() == 0;
            due = System.nanoTime();
          }
        }
      } catch (Exception | AssertionError failed) {
        failure = failed;
      }
    }

    /** Index of the newest record that was acknowledged. */
    long last() {
      if (failure != null) {
        throw new AssertionError("the load stopped", failure);
      }
      return last.get();
    }

    @Override
    public void close() {
      stopped.countDown();
      try {
        thread.join(30_000);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void close() throws IOException {
    for (VedetteProcess edge : edges) {
      edge.close();
    }
    if (alerts != null) {
      alerts.close();
    }
    collector.close();
    postgres.close();
    Folders.delete(folder);
  }
}
