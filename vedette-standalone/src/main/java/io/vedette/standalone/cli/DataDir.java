package io.vedette.standalone.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The option every command that speaks to a local instance has. */
final class DataDir {
  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      defaultValue = "data",
      description = "folder of the instance (default: ./data)")
  Path folder = Path.of("data");
}
