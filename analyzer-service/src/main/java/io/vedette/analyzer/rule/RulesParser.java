package io.vedette.analyzer.rule;

import io.vedette.analyzer.statistic.Statistic;
import io.vedette.runtime.expression.BadExpression;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/**
 * Reads rules files. Everything wrong is found in one pass and named with file, line, what was found and what was expected. Keys are spelled as in Prometheus; see {@code config/rules} for each of them.
 */
public final class RulesParser {
  private static final Set<String> RULE_KEYS = Set.of(
      "alert",
      "name",
      "on",
      "where",
      "group_by",
      "value",
      "window",
      "statistic",
      "condition",
      "for",
      "keep_firing_for",
      "absent",
      "forget",
      "late",
      "max_keys",
      "memory",
      "labels",
      "annotations");
  private static final Set<String> STATISTIC_KEYS = Set.of(
      "name", "on", "where", "group_by", "value", "window", "fields", "late", "max_keys", "memory");
  private static final Pattern NAME = Pattern.compile("[a-zA-Z_][a-zA-Z0-9_.-]{0,99}");
  private static final int MAX_PANES_PER_WINDOW = 120;
  private static final long MIN_SLIDE_US = 100_000;
  private static final long DAY_US = 86_400_000_000L;
  private static final long MONTH_US = 30 * DAY_US;
  private static final int DEFAULT_KEYS = 2_000;
  private static final long DEFAULT_MEMORY = 256L << 20;

  /** What the window of an absence rule is when it names none: only its slide matters, as the step of judging. */
  private static final Window ABSENCE = new Window(60_000_000, 5_000_000);

  private final Problems problems;
  private final List<CompiledRule> rules;
  private final Map<String, String> names;

  private RulesParser(Problems problems, List<CompiledRule> rules, Map<String, String> names) {
    this.problems = problems;
    this.rules = rules;
    this.names = names;
  }

  /** What the files say: rules, or what is wrong with them, by file and line. */
  public record Parsed(List<CompiledRule> rules, List<RuleProblem> problems) {
    public Parsed {
      rules = List.copyOf(rules);
      problems = List.copyOf(problems);
    }

    public List<CompiledRule> orThrow() {
      if (!problems.isEmpty()) {
        throw new IllegalArgumentException(
            problems.stream().map(RuleProblem::toString).collect(Collectors.joining("\n")));
      }
      return rules;
    }
  }

  private record Window(long sizeUs, long slideUs) {}

  public static Parsed parse(List<RulesFile> files) {
    List<RuleProblem> problems = new ArrayList<>();
    List<CompiledRule> rules = new ArrayList<>();
    Map<String, String> names = new HashMap<>();
    for (RulesFile file : files) {
      List<RuleProblem> found = new ArrayList<>();
      new RulesParser(new Problems(file.name(), found), rules, names).read(file.text());
      found.sort(Comparator.comparingInt(RuleProblem::line));
      problems.addAll(found);
    }
    return new Parsed(rules, problems);
  }

  private void read(String text) {
    Node root = compose(text);
    if (root == null || (root instanceof ScalarNode scalar && scalar.getValue().isEmpty())) {
      return;
    }
    Fields top = Fields.of(root, Set.of("rules", "statistics"), problems);
    if (top == null) {
      return;
    }
    for (Node node : top.list("rules")) {
      Fields fields = Fields.of(node, RULE_KEYS, problems);
      if (fields != null) {
        add(node, rule(fields));
      }
    }
    for (Node node : top.list("statistics")) {
      Fields fields = Fields.of(node, STATISTIC_KEYS, problems);
      if (fields != null) {
        add(node, statistic(fields));
      }
    }
  }

  private @Nullable Node compose(String text) {
    try {
      return new Compose(LoadSettings.builder()
              .setLabel(problems.file())
              .setAllowDuplicateKeys(false)
              .build())
          .composeString(text)
          .orElse(null);
    } catch (MarkedYamlEngineException broken) {
      int line = broken.getProblemMark().map(mark -> mark.getLine() + 1).orElse(1);
      problems.add(line, String.valueOf(broken.getProblem()), "YAML");
      return null;
    } catch (YamlEngineException broken) {
      problems.add(1, String.valueOf(broken.getMessage()), "YAML");
      return null;
    }
  }

  private void add(Node node, @Nullable Rule rule) {
    if (rule == null) {
      return;
    }
    if (rule.maxBytes() > rule.memoryBytes()) {
      problems.add(
          node,
          rule.name()
              + " may need "
              + rule.maxBytes()
              + " bytes = 64 partitions x "
              + rule.maxKeysPerPartition()
              + " keys x "
              + rule.ringPanes()
              + " panes x "
              + rule.paneBytes()
              + " bytes",
          "at most memory: " + rule.memoryBytes()
              + " bytes; lower max_keys, lengthen the slide or raise memory");
      return;
    }
    String here = problems.file() + ":" + Problems.line(node);
    String other = names.putIfAbsent(rule.name(), here);
    if (other != null) {
      problems.add(node, "name " + rule.name() + " is taken by " + other, "a name of its own");
      return;
    }
    try {
      rules.add(new CompiledRule(rule));
    } catch (BadExpression unreachable) {
      problems.add(node, String.valueOf(unreachable.getMessage()), "CEL");
    }
  }

  private @Nullable Rule rule(Fields fields) {
    int before = problems.count();
    String name = name(fields, fields.has("alert") ? "alert" : "name");
    if (fields.has("alert") && fields.has("name")) {
      problems.add(fields.line("name"), "both alert and name", "one of them");
    }
    Rule.Input on = input(fields);
    Selection selection = Selection.read(fields, on, false, problems);
    long absentUs = fields.duration("absent", 0, 1, MONTH_US);
    Window window = window(fields, absentUs > 0 ? ABSENCE : null);
    Statistic statistic = absentUs > 0
        ? countOfAbsence(fields)
        : statistic(fields.line("statistic"), fields.scalar("statistic"), "statistic");
    Condition condition = absentUs > 0 ? null : condition(fields);
    long forUs = fields.duration("for", 0, 0, MONTH_US);
    long keepUs = fields.duration("keep_firing_for", 0, 0, MONTH_US);
    long forgetUs = fields.duration("forget", DAY_US, 1_000_000, MONTH_US);
    Rule.Late late = late(fields, on);
    int maxKeys = (int) fields.number("max_keys", DEFAULT_KEYS, 1, 10_000_000);
    long memory = fields.size("memory", DEFAULT_MEMORY);
    var labels = fields.texts("labels");
    var annotations = fields.texts("annotations");
    if (problems.count() > before || name == null || window == null || statistic == null) {
      return null;
    }
    return new Rule(
        Rule.Kind.ALERT,
        name,
        on,
        selection.where(),
        selection.groupBy(),
        selection.value(),
        window.sizeUs(),
        window.slideUs(),
        List.of(statistic),
        condition,
        forUs,
        keepUs,
        absentUs,
        forgetUs,
        late,
        maxKeys,
        memory,
        labels,
        annotations);
  }

  private @Nullable Rule statistic(Fields fields) {
    int before = problems.count();
    String name = name(fields, "name");
    Rule.Input on = input(fields);
    Selection selection = Selection.read(fields, on, true, problems);
    Window window = window(fields, null);
    List<Statistic> statistics = new ArrayList<>();
    if (!fields.has("fields")) {
      problems.add(fields.line(), "no fields", "a list of " + Statistic.KNOWN);
    }
    for (Node node : fields.list("fields")) {
      String text = node instanceof ScalarNode scalar ? scalar.getValue() : null;
      Statistic statistic = statistic(Problems.line(node), text, "fields");
      if (statistic != null) {
        statistics.add(statistic);
      }
    }
    Rule.Late late = late(fields, on);
    int maxKeys = (int) fields.number("max_keys", DEFAULT_KEYS, 1, 10_000_000);
    long memory = fields.size("memory", DEFAULT_MEMORY);
    if (problems.count() > before || name == null || window == null) {
      return null;
    }
    return new Rule(
        Rule.Kind.STATISTIC,
        name,
        on,
        selection.where(),
        selection.groupBy(),
        selection.value(),
        window.sizeUs(),
        window.slideUs(),
        statistics,
        null,
        0,
        0,
        0,
        DAY_US,
        late,
        maxKeys,
        memory,
        new TreeMap<>(),
        new TreeMap<>());
  }

  private @Nullable String name(Fields fields, String key) {
    String name = fields.scalar(key);
    if (name == null) {
      problems.add(fields.line(), "no name", "alert: or name: with a name");
    } else if (!NAME.matcher(name).matches()) {
      problems.add(
          fields.line(key), key + ": " + name, "letters, digits, _ . - and at most 100 of them");
    }
    return name;
  }

  private Rule.Input input(Fields fields) {
    String on = fields.scalar("on");
    if ("records".equals(on)) {
      return Rule.Input.RECORDS;
    }
    if (!"samples".equals(on)) {
      problems.add(
          fields.line("on"), on == null ? "no on" : "on: " + on, "on: records or on: samples");
    }
    return Rule.Input.SAMPLES;
  }

  private Rule.Late late(Fields fields, Rule.Input on) {
    String late = fields.scalar("late");
    if (late == null) {
      return on == Rule.Input.RECORDS ? Rule.Late.FOLD : Rule.Late.COUNT;
    }
    if (!late.equals("fold") && !late.equals("count")) {
      problems.add(fields.line("late"), "late: " + late, "fold or count");
    }
    return late.equals("fold") ? Rule.Late.FOLD : Rule.Late.COUNT;
  }

  private @Nullable Statistic statistic(int line, @Nullable String text, String key) {
    Optional<Statistic> statistic = text == null ? Optional.empty() : Statistic.parse(text);
    if (statistic.isEmpty()) {
      problems.add(line, text == null ? "no " + key : key + ": " + text, Statistic.KNOWN);
    }
    return statistic.orElse(null);
  }

  private Statistic countOfAbsence(Fields fields) {
    for (String key : new String[] {"condition", "statistic", "value"}) {
      if (fields.has(key)) {
        problems.add(fields.line(key), key + " beside absent", "one of absent and condition");
      }
    }
    return Statistic.parse("count").orElseThrow();
  }

  private @Nullable Condition condition(Fields fields) {
    String text = fields.scalar("condition");
    if (text == null) {
      problems.add(
          fields.line(), "no condition", Condition.EXPECTED + ", or absent: with a duration");
      return null;
    }
    Optional<Condition> condition = Condition.parse(text);
    if (condition.isEmpty()) {
      problems.add(fields.line("condition"), "condition: " + text, Condition.EXPECTED);
    }
    return condition.orElse(null);
  }

  private @Nullable Window window(Fields fields, @Nullable Window fallback) {
    Node node = fields.node("window");
    if (node == null) {
      if (fallback == null) {
        problems.add(fields.line(), "no window", "window: {size: 1m, slide: 5s}");
      }
      return fallback;
    }
    Fields window = Fields.of(node, Set.of("size", "slide"), problems);
    if (window == null) {
      return fallback;
    }
    int before = problems.count();
    long sizeUs = window.duration("size", 0, MIN_SLIDE_US, MONTH_US);
    long slideUs = window.duration("slide", sizeUs, MIN_SLIDE_US, MONTH_US);
    if (problems.count() > before) {
      return fallback;
    }
    if (!window.has("size")) {
      problems.add(window.line(), "no size", "window: {size: 1m, slide: 5s}");
    } else if (sizeUs % slideUs != 0) {
      problems.add(
          window.line(), "size is no multiple of slide", "for example {size: 1m, slide: 5s}");
    } else if (sizeUs / slideUs > MAX_PANES_PER_WINDOW) {
      problems.add(
          window.line(), "size/slide is " + sizeUs / slideUs, "at most " + MAX_PANES_PER_WINDOW);
    } else if (slideUs > Rule.MAX_PANE_US && slideUs % Rule.MAX_PANE_US != 0) {
      problems.add(
          window.line(),
          "slide is no whole number of minutes",
          "above one minute a multiple of 1m");
    }
    return new Window(sizeUs, slideUs);
  }
}
