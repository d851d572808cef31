package io.vedette.standalone;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@code ./vedette up} was asked for.
 *
 * @param folder the data folder
 * @param config configuration file, null for defaults only
 * @param sets keys from the command line; they win over file and environment
 * @param readyFile written when everything is ready
 */
public record StandaloneOptions(
    Path folder,
    @Nullable Path config,
    Map<String, String> sets,
    @Nullable Path readyFile) {
  public StandaloneOptions {
    sets = new LinkedHashMap<>(sets);
  }
}
