package io.vedette.runtime.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of a process: for each key known on the class path a value from, in this order, the command line ({@code --set}), the environment, the file, the default. Immutable; every value was
 * read and checked when it was loaded, and all that is wrong is reported at once.
 */
public final class Config {
  /** Sections of modules that need not be on the class path of every process: one file may serve all of them. */
  private static final Set<String> SERVICES = Set.of("collector", "analyzer", "alert", "edge");

  private final Map<String, Key<?>> keys;
  private final Map<String, ConfigNode> written;
  private final Map<String, Object> values;
  private final List<String> warnings;
  private final Supplier<Config> again;
  private final @Nullable Path file;

  private Config(
      Map<String, Key<?>> keys,
      Map<String, ConfigNode> written,
      Map<String, Object> values,
      List<String> warnings,
      Supplier<Config> again,
      @Nullable Path file) {
    this.again = again;
    this.file = file;
    this.keys = keys;
    this.written = written;
    this.values = values;
    this.warnings = List.copyOf(warnings);
  }

  /** With the sections found on the class path. */
  public static Config load(
      @Nullable Path file, Map<String, String> environment, Map<String, String> sets) {
    List<ConfigSection> sections = new ArrayList<>();
    ServiceLoader.load(ConfigSection.class).forEach(sections::add);
    return load(
        sections,
        file == null ? null : ConfigNode.read(file),
        environment,
        sets,
        () -> load(file, environment, sets),
        file);
  }

  /** The same sources read again, the file as it is now: what a reload goes by. Blocks. */
  public Config reread() {
    return again.get();
  }

  /** The file it was read from, if any. */
  public Optional<Path> file() {
    return Optional.ofNullable(file);
  }

  /** Nothing but defaults and these: for tests and tools. */
  public static Config of(Map<String, String> sets) {
    return load(null, Map.of(), sets);
  }

  static Config load(
      Collection<ConfigSection> sections,
      @Nullable ConfigNode file,
      Map<String, String> environment,
      Map<String, String> sets) {
    return load(
        sections, file, environment, sets, () -> load(sections, file, environment, sets), null);
  }

  private static Config load(
      Collection<ConfigSection> sections,
      @Nullable ConfigNode file,
      Map<String, String> environment,
      Map<String, String> sets,
      Supplier<Config> again,
      @Nullable Path path) {
    Map<String, Key<?>> keys = new TreeMap<>();
    for (ConfigSection section : sections) {
      for (Key<?> key : section.keys()) {
        if (keys.put(key.path(), key) != null) {
          throw new IllegalStateException(
              key.path() + ": declared twice, also by section " + section.name());
        }
      }
    }
    List<String> problems = new ArrayList<>();
    List<String> warnings = new ArrayList<>();
    Map<String, ConfigNode> written = new HashMap<>();
    if (file != null) {
      try {
        fromFile(keys, file, "", written, problems);
      } catch (ConfigException noMap) {
        problems.addAll(noMap.problems());
      }
    }
    fromEnvironment(keys, environment, written, problems, warnings);
    fromSets(keys, sets, written, problems);
    Map<String, Object> values = read(keys, written, problems);
    if (!problems.isEmpty()) {
      throw new ConfigException(problems);
    }
    return new Config(keys, written, values, warnings, again, path);
  }

  private static Map<String, Object> read(
      Map<String, Key<?>> keys, Map<String, ConfigNode> written, List<String> problems) {
    Map<String, Object> values = new HashMap<>();
    written.forEach((path, node) -> {
      Key<?> key = keys.get(path);
      if (key != null && node.isPresent()) {
        try {
          values.put(path, (Object) key.read(node));
        } catch (ConfigException wrong) {
          problems.addAll(wrong.problems());
        }
      }
    });
    return values;
  }

  private static void fromFile(
      Map<String, Key<?>> keys,
      ConfigNode node,
      String parent,
      Map<String, ConfigNode> written,
      List<String> problems) {
    for (Map.Entry<String, ConfigNode> member : node.map().entrySet()) {
      String path = ConfigNode.join(parent, member.getKey());
      ConfigNode value = member.getValue();
      if (keys.containsKey(path)) {
        written.put(path, value);
      } else if (!below(keys, path).isEmpty()) {
        if (value.isPresent() && !value.isMap()) {
          problems.add(value
              .error("keys with values: " + String.join(", ", below(keys, path)))
              .getMessage());
        } else {
          fromFile(keys, value, path, written, problems);
        }
      } else if (!elsewhere(keys, path)) {
        problems.add(value.unknown(below(keys, parent)).getMessage());
      }
    }
  }

  /** Names of the next step below a path. */
  private static Set<String> below(Map<String, Key<?>> keys, String path) {
    Set<String> names = new TreeSet<>();
    String prefix = path.isEmpty() ? "" : path + ".";
    for (String key : keys.keySet()) {
      if (key.startsWith(prefix)) {
        int end = key.indexOf('.', prefix.length());
        names.add(key.substring(prefix.length(), end < 0 ? key.length() : end));
      }
    }
    return names;
  }

  /** Whether the path belongs to a service that is not on this class path. */
  private static boolean elsewhere(Map<String, Key<?>> keys, String path) {
    int end = path.indexOf('.');
    String section = end < 0 ? path : path.substring(0, end);
    return SERVICES.contains(section) && below(keys, section).isEmpty();
  }

  private static void fromEnvironment(
      Map<String, Key<?>> keys,
      Map<String, String> environment,
      Map<String, ConfigNode> written,
      List<String> problems,
      List<String> warnings) {
    Map<String, Key<?>> names = new TreeMap<>();
    keys.values().forEach(key -> names.put(key.environmentName(), key));
    new TreeMap<>(environment).forEach((name, text) -> {
      Key<?> key = names.get(name);
      if (key != null) {
        given(key, "environment variable " + name, text, written, problems);
      } else if (name.startsWith("VEDETTE_")) {
        // Others put variables there too (Kubernetes does for a Service named vedette-...), so only
        // what is nearly a key of ours is an error.
        Optional<String> meant =
            Nearest.to(name, names.keySet()).filter(near -> Nearest.distance(name, near) <= 2);
        meant.ifPresentOrElse(
            near -> problems.add(
                "environment variable " + name + ": unknown (did you mean " + near + "?)"),
            () -> warnings.add(
                "environment variable " + name + " is no configuration key and has no effect"));
      }
    });
  }

  private static void fromSets(
      Map<String, Key<?>> keys,
      Map<String, String> sets,
      Map<String, ConfigNode> written,
      List<String> problems) {
    sets.forEach((path, text) -> {
      Key<?> key = keys.get(path);
      if (key != null) {
        given(key, "--set " + path, text, written, problems);
      } else if (!elsewhere(keys, path)) {
        String hint = Nearest.to(path, keys.keySet())
            .map(near -> "did you mean " + near + "? ")
            .orElse("");
        problems.add("--set " + path + ": unknown key (" + hint + "all keys: ./vedette config)");
      }
    });
  }

  private static void given(
      Key<?> key,
      String origin,
      String text,
      Map<String, ConfigNode> written,
      List<String> problems) {
    try {
      written.put(
          key.path(),
          switch (key.shape()) {
            case SCALAR -> ConfigNode.scalar(origin, key.path(), text);
            case LIST ->
              ConfigNode.value(
                  origin,
                  key.path(),
                  text.stripLeading().startsWith("[") ? text : "[" + text + "]");
            case TREE -> ConfigNode.value(origin, key.path(), text);
          });
    } catch (ConfigException noYaml) {
      problems.addAll(noYaml.problems());
    }
  }

  @SuppressWarnings("unchecked") // values were read by the key of the same path
  public <T> T get(Key<T> key) {
    if (keys.get(key.path()) == null) {
      throw new IllegalStateException(key.path()
          + ": read but not declared (expected: a ConfigSection named in META-INF/services/"
          + ConfigSection.class.getName() + ")");
    }
    Object value = values.get(key.path());
    return value == null ? key.defaultValue() : (T) value;
  }

  public ConfigNode tree(Key<ConfigNode> key) {
    return get(key);
  }

  /** Whether someone wrote a value, be it the default's. */
  public boolean isSet(Key<?> key) {
    return values.containsKey(key.path());
  }

  /** Where the value comes from: file and line, variable, option, or {@code default}. */
  public String origin(Key<?> key) {
    ConfigNode node = written.get(key.path());
    return node == null || !node.isPresent() ? "default" : node.where();
  }

  /** An error about the value of a key, for whoever finds it wrong together with others. */
  public ConfigException error(Key<?> key, String found, String expected) {
    return new ConfigException(
        origin(key) + ": " + key.path() + ": " + found + " (expected: " + expected + ")");
  }

  /** Said once at the start: what was given and has no effect. */
  public List<String> warnings() {
    return warnings;
  }

  /** The same configuration with these values on top. */
  public Config withOverrides(Map<String, String> overrides) {
    List<String> problems = new ArrayList<>();
    Map<String, ConfigNode> changed = new HashMap<>(written);
    fromSets(keys, overrides, changed, problems);
    Map<String, Object> read = read(keys, changed, problems);
    if (!problems.isEmpty()) {
      throw new ConfigException(problems);
    }
    return new Config(
        keys, changed, read, warnings, () -> again.get().withOverrides(overrides), file);
  }

  public List<Key<?>> keys() {
    return List.copyOf(keys.values());
  }

  /** Every key with what it is for, what is allowed, its default, its value here and where that comes from. */
  public String describe() {
    StringBuilder text = new StringBuilder();
    Map<String, List<Key<?>>> sections = new LinkedHashMap<>();
    for (Key<?> key : keys.values()) {
      sections
          .computeIfAbsent(
              key.path().substring(0, Math.max(0, key.path().indexOf('.'))),
              name -> new ArrayList<>())
          .add(key);
    }
    sections.forEach((name, members) -> {
      for (Key<?> key : members) {
        text.append(key.path()).append('\n');
        text.append("    ").append(key.doc()).append('\n');
        text.append("    ")
            .append(key.type())
            .append("; default: ")
            .append(key.defaultText().isEmpty() ? "none" : key.defaultText())
            .append('\n');
        text.append("    ").append(key.environmentName()).append('\n');
        if (isSet(key)) {
          text.append("    now: ")
              .append(shown(key))
              .append(" (")
              .append(origin(key))
              .append(")\n");
        }
      }
      text.append('\n');
    });
    return text.toString();
  }

  private String shown(Key<?> key) {
    if (key.isSecret()) {
      return "not shown";
    }
    ConfigNode node = written.get(key.path());
    return node == null ? "" : node.isScalar() ? node.string() : "YAML";
  }
}
