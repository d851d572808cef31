package io.vedette.standalone.cli;

import io.vedette.store.DatabaseUrl;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which database a command speaks to: {@code VEDETTE_DATABASE_URL} where set, else that of the instance running on a folder. */
final class DatabaseCommandOptions {
  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      defaultValue = "data",
      description = "folder of the running instance (default: ./data); VEDETTE_DATABASE_URL wins")
  Path folder = Path.of("data");

  @Option(
      names = "--url",
      paramLabel = "URL",
      description = "postgresql://user:password@host:5432/database (default: VEDETTE_DATABASE_URL)")
  @Nullable
  String url;

  DatabaseUrl database() {
    String named = url != null ? url : System.getenv("VEDETTE_DATABASE_URL");
    if (named != null) {
      return DatabaseUrl.parse(named);
    }
    Optional<String> instance = RunningInstance.find(folder).map(RunningInstance::databaseUrl);
    return DatabaseUrl.parse(instance.orElseThrow(() -> new CommandFailure(
        "no database named (expected: VEDETTE_DATABASE_URL, --url, or an instance running on "
            + folder.toAbsolutePath().normalize() + ")")));
  }
}
