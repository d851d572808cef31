package io.vedette.standalone.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vedette.alert.AlertService;
import io.vedette.analyzer.AnalyzerService;
import io.vedette.collector.CollectorService;
import io.vedette.edge.EdgeService;
import io.vedette.runtime.RuntimeConfig;
import io.vedette.runtime.Service;
import io.vedette.runtime.ServiceContext;
import io.vedette.runtime.config.Config;
import io.vedette.store.Database;
import io.vedette.store.host.ServiceHost;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./vedette collector|analyzer|alert|edge}: one service as a process of a cluster, until SIGTERM. */
@Command(
    description =
        "Run this service alone, as a member of the cluster that meets in the database VEDETTE_DATABASE_URL.",
    mixinStandardHelpOptions = true)
public final class ServiceCommand implements Callable<Integer> {
  public static final List<String> SERVICES = List.of("collector", "analyzer", "alert", "edge");

  private static final Map<String, BiFunction<ServiceContext, Database, Service>> FACTORIES =
      Map.of(
          "collector",
          CollectorService::new,
          "analyzer",
          AnalyzerService::new,
          "alert",
          AlertService::new,
          "edge",
          EdgeService::new);

  private final String name;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "configuration (default: config/vedette.yaml beside the launcher)")
  private @Nullable Path config;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "any configuration key; repeatable")
  private Map<String, String> sets = new LinkedHashMap<>();

  @Option(
      names = "--ready-file",
      paramLabel = "FILE",
      description = "write URL and ports there when the service is ready")
  private @Nullable Path readyFile;

  public ServiceCommand(String name) {
    this.name = name;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Config loaded =
        Config.load(config == null ? UpCommand.shippedConfig() : config, System.getenv(), sets);
    ServiceHost.Running running =
        ServiceHost.start(loaded, name, Objects.requireNonNull(FACTORIES.get(name)));
    CountDownLatch stopped = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(new Thread(
            () -> {
              List<String> problems = running.stop();
              stopped.countDown();
              Runtime.getRuntime().halt(problems.isEmpty() ? 0 : 1);
            },
            "vedette-stop"));
    if (readyFile != null) {
      ready(readyFile, loaded, running);
    }
    stopped.await();
    return 0;
  }

  private void ready(Path file, Config loaded, ServiceHost.Running running) throws IOException {
    ObjectNode json = new ObjectMapper().createObjectNode();
    json.put("pid", ProcessHandle.current().pid());
    json.put("node", running.nodeId());
    String scheme = loaded.get(RuntimeConfig.TLS_CERT).isPresent() ? "https" : "http";
    json.putObject("urls")
        .put(name, scheme + "://localhost:" + running.ports().get(name + ".http"));
    ObjectNode ports = json.putObject("ports");
    running.ports().forEach(ports::put);
    OwnerOnly.write(file, json.toPrettyString() + "\n");
  }
}
