package io.vedette.collector;

import io.vedette.collector.append.Gatherer;
import io.vedette.runtime.config.Config;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Names under which nobody may send: what Vedette says of itself is believed (a record of an erasure excuses missing payloads), and what a configured source read is its own. In a cluster a source's
 * name ends with {@code @} and the host, so with a name those that begin so are taken as well, whichever host they name.
 */
public final class SourceNames {
  static final String SYSLOG = "syslog";

  private final Set<String> configured;

  private SourceNames(Set<String> configured) {
    this.configured = Set.copyOf(configured);
  }

  /** A wrong entry in {@code collector.sources} is a configuration error with its line. */
  public static SourceNames of(Config config) {
    Sources sources = Sources.of(config, "");
    Set<String> names = new HashSet<>();
    sources.hosts().forEach(host -> names.add(host.name()));
    sources.files().forEach(files -> names.add(files.name()));
    sources.journals().forEach(journal -> names.add(journal.name()));
    if (config.get(CollectorConfig.SYSLOG_ENABLED)) {
      names.add(SYSLOG);
    }
    return new SourceNames(names);
  }

  /** Whose name it is, empty when a sender may have it. */
  public Optional<String> owner(String name) {
    if (name.equals(Gatherer.OWN_SOURCE)) {
      return Optional.of("Vedette's own records");
    }
    int host = name.indexOf('@');
    String base = host < 0 ? name : name.substring(0, host);
    return configured.contains(base)
        ? Optional.of("the source " + base + " of this configuration")
        : Optional.empty();
  }
}
