package io.vedette.standalone.cli;

import io.vedette.runtime.config.Config;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Checks a configuration and prints every key with its value, its default and what it is for. */
@Command(
    name = "config",
    mixinStandardHelpOptions = true,
    description = "Check a configuration and print every key: value, default, meaning.")
public final class ConfigCommand implements Callable<Integer> {
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

  @Spec
  private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    spec.commandLine()
        .getOut()
        .println(
            Config.load(config == null ? UpCommand.shippedConfig() : config, System.getenv(), sets)
                .describe());
    return 0;
  }
}
