package io.vedette.analyzer;

import io.vedette.analyzer.rule.CompiledRule;
import io.vedette.analyzer.rule.Rule;
import io.vedette.analyzer.rule.RuleProblem;
import io.vedette.analyzer.rule.RulesFile;
import io.vedette.analyzer.rule.RulesParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;

/** What {@code vedette rules check} finds. */
public final class RulesCheck {
  private final List<RulesFile> files;
  private final List<CompiledRule> rules;
  private final List<RuleProblem> problems;

  private RulesCheck(List<RulesFile> files, List<CompiledRule> rules, List<RuleProblem> problems) {
    this.files = files;
    this.rules = rules;
    this.problems = problems;
  }

  /** Reads files and folders together, as they would be in force together. Blocks. */
  public static RulesCheck of(List<Path> paths) {
    List<RulesFile> files = new ArrayList<>();
    List<RuleProblem> problems = new ArrayList<>();
    for (Path path : paths) {
      if (!Files.exists(path)) {
        problems.add(new RuleProblem(path.toString(), 0, "does not exist", "a file or folder"));
        continue;
      }
      try {
        List<RulesFile> found = RulesFolder.read(path);
        if (found.isEmpty()) {
          problems.add(new RuleProblem(path.toString(), 0, "holds no rules", "files *.yaml"));
        }
        for (RulesFile file : found) {
          String name =
              Files.isDirectory(path) ? path.resolve(file.name()).toString() : path.toString();
          files.add(new RulesFile(name, file.text()));
        }
      } catch (IOException unreadable) {
        problems.add(
            new RuleProblem(path.toString(), 0, "unreadable: " + unreadable, "readable YAML"));
      }
    }
    RulesParser.Parsed parsed = RulesParser.parse(files);
    problems.addAll(parsed.problems());
    return new RulesCheck(files, parsed.rules(), problems);
  }

  public boolean isFine() {
    return problems.isEmpty();
  }

  public List<RuleProblem> problems() {
    return List.copyOf(problems);
  }

  public SortedMap<String, String> files() {
    return RulesFolder.texts(files);
  }

  public String hash() {
    return RulesFolder.hash(rules);
  }

  /** A line per rule, and one for all. */
  public List<String> summary() {
    List<String> lines = new ArrayList<>();
    long bytes = 0;
    for (CompiledRule compiled : rules) {
      Rule rule = compiled.rule();
      bytes += rule.maxBytes();
      lines.add(String.format(
          Locale.ROOT,
          "%-9s %-28s at most %6.1f MiB for %d keys",
          rule.kind().name().toLowerCase(Locale.ROOT),
          rule.name(),
          rule.maxBytes() / 1048576.0,
          rule.maxKeys()));
    }
    lines.add(String.format(
        Locale.ROOT,
        "%d rules in %d files, %d problems, at most %.1f MiB together",
        rules.size(),
        files.size(),
        problems.size(),
        bytes / 1048576.0));
    return lines;
  }
}
