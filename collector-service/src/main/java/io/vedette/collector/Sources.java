package io.vedette.collector;

import io.vedette.collector.process.Pipeline;
import io.vedette.collector.source.file.FileSource;
import io.vedette.collector.source.journal.JournalSource;
import io.vedette.runtime.config.Config;
import io.vedette.runtime.config.ConfigNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The sources that configuration asks for. */
record Sources(
    List<Host> hosts, List<FileSource.Settings> files, List<JournalSource.Settings> journals) {

  private static final long HISTORY_BYTES = 10L << 20;
  private static final int MAX_LINE_BYTES = 64 * 1024;
  private static final long REDISCOVER_US = 5_000_000;

  /** Twenty polls: five seconds at the default interval, in which a writer may finish with a file that was renamed. */
  private static final int ROTATE_POLLS = 20;

  private static final List<String> AUTH = List.of("auth");

  private enum Kind {
    HOST,
    FILES,
    JOURNAL
  }

  private static final Duration SAMPLES_EVERY = Duration.ofSeconds(1);
  private static final Duration PROCESSES_EVERY = Duration.ofSeconds(10);

  /** @param processes how often the processes are listed: it costs more than everything else together */
  record Host(String name, Duration interval, Duration processes) {}

  Sources {
    hosts = List.copyOf(hosts);
    files = List.copyOf(files);
    journals = List.copyOf(journals);
  }

  /** @param suffix appended to every name: sources of a host are other sources than those of the next one */
  static Sources of(Config config, String suffix) {
    ConfigNode tree = config.tree(CollectorConfig.SOURCES);
    if (tree.isPresent()) {
      return read(tree, suffix);
    }
    if (!config.get(CollectorConfig.DEFAULT_SOURCES)) {
      return new Sources(List.of(), List.of(), List.of());
    }
    return new Sources(
        List.of(new Host("host" + suffix, SAMPLES_EVERY, PROCESSES_EVERY)),
        List.of(new FileSource.Settings(
            "logs" + suffix,
            FileSource.DEFAULT_INCLUDE,
            FileSource.DEFAULT_EXCLUDE,
            MAX_LINE_BYTES,
            HISTORY_BYTES,
            REDISCOVER_US,
            ROTATE_POLLS,
            AUTH)),
        List.of(new JournalSource.Settings(
            "journal" + suffix, List.of("journalctl"), HISTORY_BYTES, AUTH)));
  }

  private static Sources read(ConfigNode tree, String suffix) {
    List<Host> hosts = new ArrayList<>();
    List<FileSource.Settings> files = new ArrayList<>();
    List<JournalSource.Settings> journals = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (ConfigNode node : tree.list()) {
      String name = node.string("name");
      if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,63}") || name.equals("vedette")) {
        throw node.at("name")
            .error("letters, digits, dots, hyphens and underscores, and not vedette");
      }
      if (!names.add(name)) {
        throw node.at("name").error("a name that no other source has");
      }
      switch (node.require("kind").oneOf(Kind.class)) {
        case HOST -> {
          node.unknownKeys(Set.of("name", "kind", "interval", "processes"));
          hosts.add(new Host(
              name + suffix,
              period(node, "interval", SAMPLES_EVERY),
              period(node, "processes", PROCESSES_EVERY)));
        }
        case FILES -> files.add(files(node, name + suffix));
        case JOURNAL -> {
          node.unknownKeys(Set.of("name", "kind", "command", "history", "process"));
          List<String> command =
              node.at("command").isPresent() ? node.strings("command") : List.of("journalctl");
          journals.add(new JournalSource.Settings(
              name + suffix, command, node.size("history", HISTORY_BYTES), process(node)));
        }
      }
    }
    return new Sources(hosts, files, journals);
  }

  private static Duration period(ConfigNode node, String key, Duration otherwise) {
    Duration period = node.duration(key, otherwise);
    if (period.toMillis() < 100) {
      throw node.at(key).error("100ms or more");
    }
    return period;
  }

  private static FileSource.Settings files(ConfigNode node, String name) {
    node.unknownKeys(
        Set.of("name", "kind", "include", "exclude", "history", "max-line", "process"));
    node.require("include");
    List<String> include = node.strings("include");
    for (String glob : include) {
      if (!glob.startsWith("/")) {
        throw node.at("include").error(glob, "absolute paths, with wildcards where wanted");
      }
    }
    long maxLine = node.size("max-line", MAX_LINE_BYTES);
    if (maxLine < 256 || maxLine > 1 << 20) {
      throw node.at("max-line").error("256B..1MiB");
    }
    return new FileSource.Settings(
        name,
        include,
        node.at("exclude").isPresent() ? node.strings("exclude") : FileSource.DEFAULT_EXCLUDE,
        (int) maxLine,
        node.size("history", HISTORY_BYTES),
        REDISCOVER_US,
        ROTATE_POLLS,
        process(node));
  }

  private static List<String> process(ConfigNode node) {
    List<String> steps = node.at("process").isPresent() ? node.strings("process") : AUTH;
    for (String step : steps) {
      if (!Pipeline.STEPS.contains(step)) {
        throw node.at("process").error(step, String.join(", ", Pipeline.STEPS));
      }
    }
    return steps;
  }
}
