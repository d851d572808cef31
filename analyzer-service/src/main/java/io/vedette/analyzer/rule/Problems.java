package io.vedette.analyzer.rule;

import java.util.List;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** What is wrong with one file, added to what is wrong with all of them. */
final class Problems {
  private final String file;
  private final List<RuleProblem> all;

  Problems(String file, List<RuleProblem> all) {
    this.file = file;
    this.all = all;
  }

  String file() {
    return file;
  }

  /** How many there are so far: who compares before and after knows whether its own part was fine. */
  int count() {
    return all.size();
  }

  void add(int line, String found, String expected) {
    all.add(new RuleProblem(file, line, found, expected));
  }

  void add(Node node, String found, String expected) {
    add(line(node), found, expected);
  }

  static int line(Node node) {
    return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(1);
  }

  /** A node as a reader of the file would call it. */
  static String kind(Node node) {
    if (node instanceof MappingNode) {
      return "a map";
    }
    return node instanceof SequenceNode ? "a list" : "\"" + ((ScalarNode) node).getValue() + "\"";
  }
}
