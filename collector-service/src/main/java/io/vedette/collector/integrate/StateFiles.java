package io.vedette.collector.integrate;

import io.vedette.runtime.config.Config;
import io.vedette.store.trail.TrailConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where the signer keeps the last checkpoint it signed: see the keys of {@link TrailConfig}. */
public final class StateFiles {
  public static final String NAME = "last-checkpoint";

  private static final Logger LOG = LoggerFactory.getLogger(StateFiles.class);

  private StateFiles() {}

  /** The places for the trail of an origin; decided once for each. */
  public static Function<String, List<Path>> of(Config config, boolean standalone) {
    Map<String, List<Path>> decided = new ConcurrentHashMap<>();
    return origin ->
        decided.computeIfAbsent(origin, name -> of(config, standalone, name, System.getenv()));
  }

  static List<Path> of(
      Config config, boolean standalone, String origin, Map<String, String> environment) {
    Optional<Path> keyFile = config.get(TrailConfig.KEY_FILE).map(Path::of);
    List<Path> files = new ArrayList<>();
    Optional<String> named = config.get(TrailConfig.SIGNER_STATE_FILE);
    if (named.isPresent()) {
      files.add(Path.of(named.get()));
    } else if (standalone && keyFile.isPresent()) {
      files.add(keyFile.get().resolveSibling(NAME));
    }
    String copy = config.get(TrailConfig.SIGNER_STATE_COPY);
    if (copy.equals("auto")) {
      if (standalone && keyFile.isPresent()) {
        Path own = userCopy(origin, environment);
        if (canBe(own)) {
          files.add(own);
        } else {
          LOG.warn(
              "no second copy of the last checkpoint signed: {} cannot be made; putting back the whole data folder will not be noticed (name another place with {})",
              own,
              TrailConfig.SIGNER_STATE_COPY.path());
        }
      }
    } else if (!copy.equals("none")) {
      files.add(Path.of(copy));
    }
    return files;
  }

  /** What is there must be used, whatever its permissions: who could hide it could roll back. An account without a home has none. */
  private static boolean canBe(Path file) {
    for (Path path = file.toAbsolutePath(); path != null; path = path.getParent()) {
      if (Files.exists(path)) {
        return path.equals(file.toAbsolutePath()) || Files.isWritable(path);
      }
    }
    return false;
  }

  /** By the trail's origin, beside no data folder: an older copy of the folder put back in its place meets its own past. */
  public static Path userCopy(String origin, Map<String, String> environment) {
    String state = environment.getOrDefault("XDG_STATE_HOME", "");
    Path base = state.isEmpty()
        ? Path.of(System.getProperty("user.home", "."), ".local", "state")
        : Path.of(state);
    String folder = origin.replaceAll("[^A-Za-z0-9.-]+", "_");
    return base.resolve("vedette").resolve(folder).resolve(NAME);
  }
}
