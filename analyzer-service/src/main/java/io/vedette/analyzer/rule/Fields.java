package io.vedette.analyzer.rule;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** A mapping of a rules file: its values by key, each read as what it has to be, with the line it stands on. What is not as it has to be becomes a problem, and the answer a harmless one. */
final class Fields {
  static final Pattern LABEL = Pattern.compile("[a-zA-Z_][a-zA-Z0-9_]*");

  private final int line;
  private final Map<String, Node> nodes = new HashMap<>();
  private final Map<String, Integer> lines = new HashMap<>();
  private final Problems problems;

  private Fields(int line, Problems problems) {
    this.line = line;
    this.problems = problems;
  }

  /** Null where the node is no mapping; a key that is not known is a problem. */
  static @Nullable Fields of(Node node, Set<String> known, Problems problems) {
    String expected = String.join(", ", new TreeSet<>(known));
    if (!(node instanceof MappingNode mapping)) {
      problems.add(node, Problems.kind(node), "a map with " + expected);
      return null;
    }
    Fields fields = new Fields(Problems.line(node), problems);
    for (NodeTuple entry : mapping.getValue()) {
      String key = entry.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : "";
      if (!known.contains(key)) {
        problems.add(entry.getKeyNode(), "unknown key " + key, expected);
      } else if (fields.nodes.put(key, entry.getValueNode()) != null) {
        problems.add(entry.getKeyNode(), key + " twice", "each key once");
      }
      fields.lines.put(key, Problems.line(entry.getKeyNode()));
    }
    return fields;
  }

  boolean has(String key) {
    return nodes.containsKey(key);
  }

  @Nullable
  Node node(String key) {
    return nodes.get(key);
  }

  int line() {
    return line;
  }

  /** Of the key, or of the mapping where it is missing. */
  int line(String key) {
    return lines.getOrDefault(key, line);
  }

  @Nullable
  String scalar(String key) {
    Node node = nodes.get(key);
    if (node == null) {
      return null;
    }
    if (node instanceof ScalarNode scalar) {
      return scalar.getValue();
    }
    problems.add(node, key + ": " + Problems.kind(node), "text or a number");
    return null;
  }

  List<Node> list(String key) {
    Node node = nodes.get(key);
    if (node == null) {
      return List.of();
    }
    if (node instanceof SequenceNode list) {
      return list.getValue();
    }
    if (!(node instanceof ScalarNode scalar) || !scalar.getValue().isEmpty()) {
      problems.add(node, key + ": " + Problems.kind(node), "a list");
    }
    return List.of();
  }

  /** Templates by name, as labels and annotations are. */
  SortedMap<String, String> texts(String key) {
    SortedMap<String, String> texts = new TreeMap<>();
    Node node = nodes.get(key);
    if (node == null) {
      return texts;
    }
    if (!(node instanceof MappingNode mapping)) {
      problems.add(node, key + ": " + Problems.kind(node), "a map of name to text");
      return texts;
    }
    for (NodeTuple entry : mapping.getValue()) {
      String name = entry.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : "";
      if (!LABEL.matcher(name).matches()) {
        problems.add(entry.getKeyNode(), key + " name: " + name, "letters, digits and _");
      } else if (!(entry.getValueNode() instanceof ScalarNode text)) {
        problems.add(
            entry.getValueNode(), name + ": " + Problems.kind(entry.getValueNode()), "text");
      } else {
        try {
          Template.parse(text.getValue());
          texts.put(name, text.getValue());
        } catch (IllegalArgumentException refused) {
          problems.add(text, String.valueOf(refused.getMessage()), Template.EXPECTED);
        }
      }
    }
    return texts;
  }

  /** In microseconds. */
  long duration(String key, long fallback, long min, long max) {
    return quantity(
        key, fallback, min, max, Quantities::durationUs, "a duration such as 250ms, 30s, 1h30m");
  }

  /** In bytes. */
  long size(String key, long fallback) {
    return quantity(key, fallback, 1, Long.MAX_VALUE, Quantities::bytes, "a size such as 64MiB");
  }

  long number(String key, long fallback, long min, long max) {
    return quantity(
        key,
        fallback,
        min,
        max,
        text -> text.matches("[0-9]{1,9}")
            ? OptionalLong.of(Long.parseLong(text))
            : OptionalLong.empty(),
        "a number from " + min + " to " + max);
  }

  private long quantity(
      String key,
      long fallback,
      long min,
      long max,
      Function<String, OptionalLong> parse,
      String expected) {
    String text = scalar(key);
    if (text == null) {
      return fallback;
    }
    OptionalLong value = parse.apply(text);
    if (value.isEmpty() || value.getAsLong() < min || value.getAsLong() > max) {
      problems.add(line(key), key + ": " + text, expected);
      return fallback;
    }
    return value.getAsLong();
  }
}
