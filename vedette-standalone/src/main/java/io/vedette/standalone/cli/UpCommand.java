package io.vedette.standalone.cli;

import io.vedette.standalone.StandaloneOptions;
import io.vedette.standalone.Up;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ./vedette up}: everything in one process, until Ctrl-C, SIGTERM or {@code ./vedette stop}. */
@Command(
    name = "up",
    description = "Run everything in one process with a PostgreSQL of its own.",
    mixinStandardHelpOptions = true)
public final class UpCommand implements Callable<Integer> {
  @Mixin
  private DataDir data = new DataDir();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "configuration (default: config/vedette.yaml beside the launcher)")
  private @Nullable Path config;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "any configuration key; ports: 0 takes a free one; repeatable")
  private Map<String, String> sets = new LinkedHashMap<>();

  @Option(
      names = "--no-default-sources",
      description = "no host metrics, log files or journal: only what the configuration names")
  private boolean noDefaultSources;

  @Option(names = "--cluster", description = "form a cluster that other processes may join")
  private boolean cluster;

  @Option(
      names = "--bind",
      paramLabel = "ADDRESS",
      description = "address of the doors (default: 127.0.0.1)")
  private @Nullable String bind;

  @Option(
      names = "--ready-file",
      paramLabel = "FILE",
      description =
          "write URLs, ports and the token there (JSON, mode 0600) when everything is ready")
  private @Nullable Path readyFile;

  @Spec
  private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Exception {
    Map<String, String> all = new LinkedHashMap<>(sets);
    if (noDefaultSources) {
      all.put("collector.default-sources", "false");
    }
    if (cluster) {
      all.put("cluster.enabled", "true");
    }
    if (bind != null) {
      all.put("http.bind", bind);
    }
    return Up.run(
        new StandaloneOptions(
            data.folder, config == null ? shippedConfig() : config, all, readyFile),
        spec.commandLine().getOut());
  }

  /** The configuration beside the launcher; null where there is none. */
  public static @Nullable Path shippedConfig() {
    Path shipped = Home.folder().resolve("config").resolve("vedette.yaml");
    return Files.isReadable(shipped) ? shipped : null;
  }
}
