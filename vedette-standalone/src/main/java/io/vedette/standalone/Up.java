package io.vedette.standalone;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vedette.analyzer.AnalyzerConfig;
import io.vedette.postgres.EmbeddedPostgres;
import io.vedette.postgres.EmbeddedPostgresOptions;
import io.vedette.postgres.FolderLock;
import io.vedette.postgres.Placement;
import io.vedette.runtime.Logs;
import io.vedette.runtime.RuntimeConfig;
import io.vedette.runtime.config.Config;
import io.vedette.runtime.config.Key;
import io.vedette.standalone.cli.CommandFailure;
import io.vedette.standalone.cli.Home;
import io.vedette.standalone.cli.OwnerOnly;
import io.vedette.standalone.cli.RunningInstance;
import io.vedette.store.StoreConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/** {@code ./vedette up}: locks the folder, starts everything, says where it is, and stops at a signal. */
public final class Up {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final StandaloneOptions options;
  private final PrintWriter out;
  private final Instant began = Instant.now();

  private Up(StandaloneOptions options, PrintWriter out) {
    this.options = options;
    this.out = out;
  }

  /** Returns when another instance has the folder already, else when a signal has stopped this one; the answer is the exit code. */
  public static int run(StandaloneOptions options, PrintWriter out)
      throws IOException, InterruptedException {
    return new Up(options, out).run();
  }

  private int run() throws IOException, InterruptedException {
    EmbeddedPostgresOptions plain = EmbeddedPostgresOptions.in(options.folder())
        .withDatabase("vedette")
        .withProgress(this::say);
    EmbeddedPostgresOptions placed = Home.fallback().map(plain::withFallback).orElse(plain);
    EmbeddedPostgresOptions postgres = Home.postgres().map(placed::withUnpacked).orElse(placed);
    Placement placement = EmbeddedPostgres.place(postgres);
    Path folder = placement.folder();
    FolderLock.Attempt attempt = FolderLock.tryLock(folder);
    if (attempt instanceof FolderLock.Attempt.Held held) {
      return running(folder, held.holder());
    }
    try (FolderLock lock = ((FolderLock.Attempt.Locked) attempt).lock()) {
      Config config =
          withOwnDefaults(Config.load(options.config(), System.getenv(), options.sets()), folder);
      Logs.configure(config);
      otherDatabase(config, folder).ifPresent(this::say);
      Standalone.Running running = Standalone.start(config, postgres, folder, this::say);
      AtomicBoolean failed = new AtomicBoolean();
      CountDownLatch stopped = stopAtSignal(running, lock, failed);
      try {
        String description = description(config, running, folder);
        lock.publish(description);
        summary(config, running, folder).lines().forEach(this::say);
        if (options.readyFile() != null) {
          ready(options.readyFile(), description);
        }
      } catch (IOException | RuntimeException e) {
        failed.set(true);
        throw e;
      }
      stopped.await();
    }
    return 0;
  }

  private static void ready(Path file, String description) {
    try {
      OwnerOnly.write(file, description);
    } catch (IOException e) {
      throw new CommandFailure("cannot write the ready file " + file + ": " + e, e);
    }
  }

  /** It is left alone: this one's roles and passwords are made anew at each start, which would lock out a cluster that meets there. */
  static Optional<String> otherDatabase(Config config, Path folder) {
    return config
        .get(StoreConfig.DATABASE_URL)
        .map(set ->
            "database.url (VEDETTE_DATABASE_URL) is set, and up does not use it: its own PostgreSQL is in "
                + folder.toAbsolutePath()
                + ". With that database run ./vedette collector, analyzer, alert and edge");
  }

  /** What standalone knows better than a service alone: where its folder and its rules are. What the user set stays. */
  private static Config withOwnDefaults(Config config, Path folder) {
    Map<String, String> own = new LinkedHashMap<>();
    own.put("storage.path", folder.toAbsolutePath().toString());
    own.put("trail.key-file", folder.resolve("trail.key").toAbsolutePath().toString());
    own.put(
        "trail.signer-state-file",
        folder.resolve("last-checkpoint").toAbsolutePath().toString());
    own.put(
        "analyzer.rules.path",
        Home.folder()
            .resolve("config")
            .resolve("rules")
            .toAbsolutePath()
            .normalize()
            .toString());
    config.keys().stream().filter(config::isSet).map(Key::path).forEach(own::remove);
    return config.withOverrides(own);
  }

  private int running(Path folder, FolderLock.Holder holder) {
    Optional<RunningInstance> instance = RunningInstance.find(folder);
    say(instance
        .map(known ->
            "running since " + known.started() + ", pid " + known.pid() + ", " + known.edgeUrl())
        .orElse("pid " + holder.pid() + " is starting on " + folder));
    return 0;
  }

  /** Cleanup runs in the hook, so that Ctrl-C, SIGTERM and a failure of the JVM's own end the same way; the exit code of an orderly stop is 0. */
  private CountDownLatch stopAtSignal(
      Standalone.Running running, FolderLock lock, AtomicBoolean failed) {
    CountDownLatch stopped = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(new Thread(
            () -> {
              List<String> problems = new ArrayList<>(running.stop());
              try {
                lock.close(); // halt, below, would leave instance.json behind
              } catch (IOException e) {
                problems.add("cannot give the data folder back: " + e);
              }
              problems.forEach(this::say);
              say("stopped");
              stopped.countDown();
              Runtime.getRuntime().halt(problems.isEmpty() && !failed.get() ? 0 : 1);
            },
            "vedette-stop"));
    return stopped;
  }

  private String description(Config config, Standalone.Running running, Path folder) {
    ObjectNode json = JSON.createObjectNode();
    json.put("pid", ProcessHandle.current().pid());
    json.put("started", began.toString());
    json.put("data_dir", folder.toAbsolutePath().toString());
    json.put("asked_dir", options.folder().toAbsolutePath().normalize().toString());
    ObjectNode urls = json.putObject("urls");
    for (String service : List.of("edge", "collector", "analyzer", "alert")) {
      Integer port = running.ports().get(service + ".http");
      if (port != null) {
        urls.put(service, url(config, port));
      }
    }
    urls.put(
        "monitor",
        url(config, running.ports().getOrDefault("edge.http", 0)).replaceFirst("^http", "ws")
            + "/monitor");
    ObjectNode ports = json.putObject("ports");
    running.ports().forEach(ports::put);
    json.put("token", running.token());
    json.put("trail_key", running.trailKey());
    json.put("database_url", running.databaseUrl());
    return json.toPrettyString() + "\n";
  }

  private static String url(Config config, int port) {
    String scheme = config.get(RuntimeConfig.TLS_CERT).isPresent() ? "https" : "http";
    String bind = config.get(RuntimeConfig.HTTP_BIND);
    String host = bind.equals("127.0.0.1") || bind.equals("0.0.0.0") || bind.equals("::")
        ? "localhost"
        : bind;
    return scheme + "://" + host + ":" + port;
  }

  private Summary summary(Config config, Standalone.Running running, Path folder)
      throws IOException {
    return new Summary(
        url(config, running.ports().getOrDefault("edge.http", 0)),
        Boolean.getBoolean("vedette.terminal"),
        running.token(),
        login(System.getenv()),
        running.ports(),
        folder,
        Summary.Size.of(folder),
        config.get(StoreConfig.KEEP_RECORDS),
        config.get(AnalyzerConfig.PANE_RETENTION),
        running.trailKey(),
        Duration.between(began, Instant.now()));
  }

  /** Who sits at another machine needs a tunnel. */
  static Optional<String> login(Map<String, String> environment) {
    return environment.containsKey("SSH_CONNECTION")
        ? Optional.of(System.getProperty("user.name") + "@" + hostName())
        : Optional.empty();
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "this-host";
    }
  }

  private void say(String line) {
    out.println(line);
    out.flush();
  }
}
