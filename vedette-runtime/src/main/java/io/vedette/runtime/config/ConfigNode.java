package io.vedette.runtime.config;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * A YAML value that knows its path and where it is written, so that whoever reads it can say exactly what is wrong. Immutable. A child that is not written is a <em>missing</em> node:
 * {@link #isPresent()} is false, lists and maps of it are empty, scalars of it are an error unless a fallback is given.
 */
public final class ConfigNode {
  private enum Kind {
    MISSING,
    SCALAR,
    LIST,
    MAP
  }

  // Deeper than anything a person writes; keeps a hostile file from overflowing the stack.
  private static final int MAX_DEPTH = 64;

  private final Kind kind;
  private final String origin;
  private final int line;
  private final String path;
  private final String scalar;
  private final @Nullable Tag tag;
  private final List<ConfigNode> list;
  private final Map<String, ConfigNode> map;

  private ConfigNode(
      Kind kind,
      String origin,
      int line,
      String path,
      String scalar,
      @Nullable Tag tag,
      List<ConfigNode> list,
      Map<String, ConfigNode> map) {
    this.kind = kind;
    this.origin = origin;
    this.line = line;
    this.path = path;
    this.scalar = scalar;
    this.tag = tag;
    this.list = list;
    this.map = map;
  }

  /** A whole YAML file. */
  public static ConfigNode read(Path file) {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (IOException unreadable) {
      throw new ConfigException(
          file + ": cannot be read: " + unreadable.getClass().getSimpleName() + " "
              + unreadable.getMessage() + " (expected: a readable YAML file)");
    }
    try {
      return parse(
          file.toString(),
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException notUtf8) {
      throw new ConfigException(
          file + ": bytes that are not UTF-8 (expected: a YAML file in UTF-8)");
    }
  }

  /** One YAML document; an empty one is an empty map. {@code origin} is the file's name, as errors shall show it. */
  public static ConfigNode parse(String origin, String yaml) {
    return parse(origin, yaml, "", true);
  }

  /** A value given by the environment or the command line: errors name that, without a line. */
  static ConfigNode value(String origin, String path, String yaml) {
    return parse(origin, yaml, path, false);
  }

  /** A scalar taken as it stands, whatever YAML would make of it. */
  static ConfigNode scalar(String origin, String path, String text) {
    return new ConfigNode(Kind.SCALAR, origin, 0, path, text, Tag.STR, List.of(), Map.of());
  }

  static ConfigNode missing(String origin, int line, String path) {
    return new ConfigNode(Kind.MISSING, origin, line, path, "", null, List.of(), Map.of());
  }

  private static ConfigNode parse(String origin, String yaml, String path, boolean lines) {
    LoadSettings settings =
        LoadSettings.builder().setLabel(origin).setMaxAliasesForCollections(50).build();
    try {
      List<Node> documents = new ArrayList<>();
      for (Node document : new Compose(settings).composeAllFromString(yaml)) {
        documents.add(document);
      }
      if (documents.size() > 1) {
        throw new ConfigException(
            origin + ":" + line(documents.get(1), true) + ": a second document (expected: one)");
      }
      return documents.isEmpty()
          ? new ConfigNode(Kind.MAP, origin, lines ? 1 : 0, path, "", null, List.of(), Map.of())
          : convert(documents.get(0), origin, path, lines, 0);
    } catch (MarkedYamlEngineException broken) {
      Optional<Mark> mark = broken.getProblemMark();
      String at = lines && mark.isPresent() ? ":" + (mark.get().getLine() + 1) : "";
      throw new ConfigException(origin + at + ": no YAML: " + broken.getProblem());
    } catch (YamlEngineException broken) {
      throw new ConfigException(origin + ": no YAML: " + broken.getMessage());
    }
  }

  private static ConfigNode convert(
      Node node, String origin, String path, boolean lines, int depth) {
    int line = line(node, lines);
    if (depth > MAX_DEPTH) {
      throw new ConfigException(at(origin, line) + "nested deeper than " + MAX_DEPTH);
    }
    if (node instanceof ScalarNode scalar) {
      Kind kind = scalar.getTag().equals(Tag.NULL) ? Kind.MISSING : Kind.SCALAR;
      return new ConfigNode(
          kind, origin, line, path, scalar.getValue(), scalar.getTag(), List.of(), Map.of());
    }
    if (node instanceof SequenceNode sequence) {
      List<ConfigNode> items = new ArrayList<>();
      for (Node item : sequence.getValue()) {
        items.add(convert(item, origin, path + "[" + items.size() + "]", lines, depth + 1));
      }
      return new ConfigNode(
          Kind.LIST, origin, line, path, "", null, Collections.unmodifiableList(items), Map.of());
    }
    Map<String, ConfigNode> members = new LinkedHashMap<>();
    for (NodeTuple member : ((MappingNode) node).getValue()) {
      if (!(member.getKeyNode() instanceof ScalarNode name)) {
        throw new ConfigException(at(origin, line(member.getKeyNode(), lines))
            + "a list or map as a key (expected: a word)");
      }
      String key = name.getValue();
      ConfigNode value = convert(member.getValueNode(), origin, join(path, key), lines, depth + 1);
      // A value without a text of its own (`key:`) is placed at its key.
      ConfigNode placed =
          value.kind == Kind.MISSING ? missing(origin, line(name, lines), value.path) : value;
      if (members.put(key, placed) != null) {
        throw new ConfigException(
            at(origin, line(name, lines)) + join(path, key) + ": written twice (expected: once)");
      }
    }
    return new ConfigNode(
        Kind.MAP, origin, line, path, "", null, List.of(), Collections.unmodifiableMap(members));
  }

  private static int line(Node node, boolean lines) {
    return lines && node.getStartMark().isPresent() ? node.getStartMark().get().getLine() + 1 : 0;
  }

  static String join(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  private static String at(String origin, int line) {
    return line > 0 ? origin + ":" + line + ": " : origin + ": ";
  }

  public boolean isPresent() {
    return kind != Kind.MISSING;
  }

  public boolean isMap() {
    return kind == Kind.MAP;
  }

  public boolean isList() {
    return kind == Kind.LIST;
  }

  public boolean isScalar() {
    return kind == Kind.SCALAR;
  }

  /** For example {@code alert.receivers[2].url}. */
  public String path() {
    return path;
  }

  /** From 1; 0 where there are no lines. */
  public int line() {
    return line;
  }

  /** File and line, or the variable or option that gave this value. */
  public String where() {
    return line > 0 ? origin + ":" + line : origin;
  }

  // ---- structure

  /** The child of that name, a missing node where it is not written. */
  public ConfigNode at(String name) {
    ConfigNode child = map().get(name);
    return child == null ? missing(origin, line, join(path, name)) : child;
  }

  /** The child of that name; an error where it is not written. */
  public ConfigNode require(String name) {
    ConfigNode child = at(name);
    if (!child.isPresent()) {
      throw child.error("nothing", "a value: it is required");
    }
    return child;
  }

  /** The items; empty where nothing is written. */
  public List<ConfigNode> list() {
    if (kind == Kind.SCALAR || kind == Kind.MAP) {
      throw error(found(), "a list");
    }
    return list;
  }

  /** The members in the order written; empty where nothing is written. */
  public Map<String, ConfigNode> map() {
    if (kind == Kind.SCALAR || kind == Kind.LIST) {
      throw error(found(), "keys with values");
    }
    return map;
  }

  /** Fails if a key other than these is written. */
  public void unknownKeys(Set<String> allowed) {
    for (ConfigNode child : map().values()) {
      String name = child.path.substring(path.isEmpty() ? 0 : path.length() + 1);
      if (!allowed.contains(name)) {
        throw child.unknown(allowed);
      }
    }
  }

  ConfigException unknown(Collection<String> allowed) {
    String name = path.substring(path.lastIndexOf('.') + 1);
    String hint = Nearest.to(name, allowed)
        .map(nearest -> "did you mean " + nearest + "? ")
        .orElse("");
    return new ConfigException(at(origin, line) + path + ": unknown key (" + hint + "expected: "
        + String.join(", ", allowed.stream().sorted().toList()) + ")");
  }

  // ---- values of this node

  public String string() {
    if (kind != Kind.SCALAR) {
      throw error(found(), "a text");
    }
    return scalar;
  }

  public long integer() {
    return convert(text -> Optional.of(Long.parseLong(text.replace("_", ""))), "a whole number");
  }

  public double number() {
    return convert(
        text -> {
          double value = Double.parseDouble(text.replace("_", ""));
          return Double.isFinite(value) ? Optional.of(value) : Optional.empty();
        },
        "a number");
  }

  public boolean bool() {
    return convert(
        text -> switch (text) {
          case "true" -> Optional.of(true);
          case "false" -> Optional.of(false);
          default -> Optional.empty();
        },
        "true or false");
  }

  public Duration duration() {
    return convert(Units::duration, "a duration such as 250ms, 5s, 2m or 1h30m");
  }

  /** In bytes. */
  public long size() {
    return convert(Units::size, "a size such as 512KiB, 1MiB or 2GiB");
  }

  public <E extends Enum<E>> E oneOf(Class<E> type) {
    String found = string();
    List<String> names = new ArrayList<>();
    for (E constant : type.getEnumConstants()) {
      String name = constant.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
      if (name.equals(found)) {
        return constant;
      }
      names.add(name);
    }
    throw error(found(), String.join(", ", names));
  }

  /** A list of texts; a single text is a list of one. */
  public List<String> strings() {
    if (kind == Kind.SCALAR) {
      return List.of(scalar);
    }
    return list().stream().map(ConfigNode::string).toList();
  }

  /** Name to text, in the order written: labels, annotations, headers. */
  public Map<String, String> stringMap() {
    Map<String, String> strings = new LinkedHashMap<>();
    map().forEach((name, value) -> strings.put(name, value.string()));
    return Collections.unmodifiableMap(strings);
  }

  /** As plain values: map, list, text, long, double, boolean, or null. */
  public @Nullable Object toObject() {
    return switch (kind) {
      case MISSING -> null;
      case LIST -> {
        List<@Nullable Object> items = new ArrayList<>();
        list.forEach(item -> items.add(item.toObject()));
        yield items;
      }
      case MAP -> {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        map.forEach((name, value) -> members.put(name, value.toObject()));
        yield members;
      }
      case SCALAR -> plain();
    };
  }

  private Object plain() {
    try {
      if (Tag.BOOL.equals(tag)) {
        return Boolean.parseBoolean(scalar);
      }
      if (Tag.INT.equals(tag)) {
        return Long.parseLong(scalar);
      }
      if (Tag.FLOAT.equals(tag)) {
        return Double.parseDouble(scalar);
      }
    } catch (NumberFormatException beyondJava) {
      return scalar; // 0x1F, .inf, or more digits than a long has: the text is what was meant
    }
    return scalar;
  }

  // ---- values of children

  public String string(String name) {
    return require(name).string();
  }

  public String string(String name, String fallback) {
    ConfigNode child = at(name);
    return child.isPresent() ? child.string() : fallback;
  }

  public Optional<String> optionalString(String name) {
    ConfigNode child = at(name);
    return child.isPresent() ? Optional.of(child.string()) : Optional.empty();
  }

  public long integer(String name, long fallback) {
    ConfigNode child = at(name);
    return child.isPresent() ? child.integer() : fallback;
  }

  public double number(String name, double fallback) {
    ConfigNode child = at(name);
    return child.isPresent() ? child.number() : fallback;
  }

  public boolean bool(String name, boolean fallback) {
    ConfigNode child = at(name);
    return child.isPresent() ? child.bool() : fallback;
  }

  public Duration duration(String name, Duration fallback) {
    ConfigNode child = at(name);
    return child.isPresent() ? child.duration() : fallback;
  }

  public long size(String name, long fallback) {
    ConfigNode child = at(name);
    return child.isPresent() ? child.size() : fallback;
  }

  public List<String> strings(String name) {
    return at(name).strings();
  }

  public Map<String, String> stringMap(String name) {
    return at(name).stringMap();
  }

  // ---- errors

  /** An error about this node, for whoever judges its meaning. */
  public ConfigException error(String found, String expected) {
    return new ConfigException(at(origin, line) + (path.isEmpty() ? "" : path + ": ") + found
        + " (expected: " + expected + ")");
  }

  /** An error about this node's value as it is written. */
  public ConfigException error(String expected) {
    return error(found(), expected);
  }

  private String found() {
    return switch (kind) {
      case MISSING -> "nothing";
      case LIST -> "a list";
      case MAP -> "keys with values";
      case SCALAR ->
        scalar.isEmpty()
            ? "an empty text"
            : scalar.length() > 120 ? scalar.substring(0, 120) + "..." : scalar;
    };
  }

  private <T> T convert(Function<String, Optional<T>> conversion, String expected) {
    if (kind == Kind.SCALAR) {
      try {
        Optional<T> value = conversion.apply(scalar.strip());
        if (value.isPresent()) {
          return value.get();
        }
      } catch (NumberFormatException noNumber) {
        throw error(found(), expected);
      }
    }
    throw error(found(), expected);
  }

  @Override
  public String toString() {
    return where() + " " + path;
  }
}
