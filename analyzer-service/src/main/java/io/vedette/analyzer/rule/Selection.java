package io.vedette.analyzer.rule;

import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import io.vedette.runtime.expression.BadExpression;
import io.vedette.runtime.expression.Expressions;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * What a rule counts, under which key and with which number: the CEL of a rule, each expression compiled once to know that it does.
 *
 * @param groupBy label name to CEL; the name {@code *} stands for an expression that gives a map of labels
 */
record Selection(
    @Nullable String where,
    Map<String, String> groupBy,
    @Nullable String value) {
  /** Label name of an expression that gives all labels. */
  static final String ALL_LABELS = "*";

  private static final String SERIES_VARIABLES = "name, labels";
  private static final Pattern PATH = Pattern.compile("(?:[a-z_]+\\.)?([a-zA-Z_][a-zA-Z0-9_]*)");
  private static final Pattern OPTIONAL_KEY =
      Pattern.compile("[a-z_]+\\[\\?\"([a-zA-Z_][a-zA-Z0-9_]*)\"\\]");

  /** @param everySeries whether samples without {@code group_by} are kept apart by series, as statistics do */
  static Selection read(Fields fields, Rule.Input on, boolean everySeries, Problems problems) {
    Reader reader = new Reader(on, problems);
    String where = reader.expression(fields, "where", Use.WHERE);
    reader.groupBy(fields, everySeries);
    String value = reader.expression(fields, "value", Use.VALUE);
    return new Selection(where, reader.groups, value);
  }

  private enum Use {
    WHERE,
    KEY,
    VALUE
  }

  private static final class Reader {
    private final Rule.Input on;
    private final Problems problems;
    private final Map<String, String> groups = new LinkedHashMap<>();

    Reader(Rule.Input on, Problems problems) {
      this.on = on;
      this.problems = problems;
    }

    @Nullable
    String expression(Fields fields, String key, Use use) {
      Node node = fields.node(key);
      String text = fields.scalar(key);
      if (node != null && text != null) {
        check(node, text, use);
      }
      return text;
    }

    void groupBy(Fields fields, boolean everySeries) {
      Node node = fields.node("group_by");
      if (node == null) {
        if (everySeries && on == Rule.Input.SAMPLES) {
          groups.put(CompiledRule.SERIES_NAME, "name");
          groups.put(ALL_LABELS, "labels");
        }
      } else if (node instanceof MappingNode mapping) {
        for (NodeTuple entry : mapping.getValue()) {
          String name = entry.getKeyNode() instanceof ScalarNode key ? key.getValue() : "";
          if (Fields.LABEL.matcher(name).matches()) {
            group(name, entry.getValueNode());
          } else {
            problems.add(entry.getKeyNode(), "group_by label: " + name, "letters, digits and _");
          }
        }
      } else if (node instanceof SequenceNode list) {
        list.getValue().forEach(element -> group(null, element));
      } else {
        group(null, node);
      }
    }

    private void group(@Nullable String name, Node node) {
      if (!(node instanceof ScalarNode scalar)) {
        problems.add(
            node,
            "group_by: " + Problems.kind(node),
            "CEL, a list of CEL, or a map of label name to CEL");
        return;
      }
      String text = scalar.getValue().strip();
      String label = name == null ? label(text) : name;
      if (label == null) {
        problems.add(
            node,
            "group_by: " + text,
            "a name for what is no plain field: group_by: {name: '" + text + "'}");
        return;
      }
      check(node, text, Use.KEY);
      if (groups.put(label, text) != null) {
        problems.add(node, "group_by: " + label + " twice", "each label once");
      }
    }

    /** The label that an expression names by itself: {@code origin}, {@code labels.host}, {@code attributes[?"count"]}. */
    private @Nullable String label(String text) {
      if (on == Rule.Input.SAMPLES && text.equals("labels")) {
        return ALL_LABELS;
      }
      var path = PATH.matcher(text);
      if (path.matches()) {
        return path.group(1);
      }
      var optional = OPTIONAL_KEY.matcher(text);
      return optional.matches() ? optional.group(1) : null;
    }

    private void check(Node node, String text, Use use) {
      CelType wanted = use == Use.WHERE ? SimpleType.BOOL : SimpleType.DYN;
      String variables = Expressions.RECORD_VARIABLES;
      try {
        if (on == Rule.Input.RECORDS) {
          Expressions.ofRecord(text, wanted);
        } else if (use == Use.VALUE) {
          variables = Expressions.SAMPLE_VARIABLES;
          Expressions.ofSample(text, wanted);
        } else {
          variables = SERIES_VARIABLES;
          Expressions.ofSeries(text, wanted);
        }
      } catch (BadExpression bad) {
        problems.add(
            Problems.line(node) + (isBlock(node) ? bad.line() : bad.line() - 1),
            bad.getMessage() + " in: " + text.strip(),
            "CEL over " + variables);
      }
    }

    /** A block begins on the line after the mark that announces it. */
    private static boolean isBlock(Node node) {
      return node instanceof ScalarNode scalar
          && (scalar.getScalarStyle() == ScalarStyle.LITERAL
              || scalar.getScalarStyle() == ScalarStyle.FOLDED);
    }
  }
}
