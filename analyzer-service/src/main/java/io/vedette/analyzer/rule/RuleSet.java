package io.vedette.analyzer.rule;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The rules of one revision, ordered by name: the order findings of a batch are numbered in. */
public final class RuleSet {
  public static final RuleSet NONE = new RuleSet(0, 0, List.of());

  private final long revision;
  private final long validFrom;
  private final List<CompiledRule> rules;
  private final List<CompiledRule> onRecords;
  private final List<CompiledRule> onSamples;
  private final Map<String, CompiledRule> byHash;

  /**
   * Rules in force.
   *
   * @param validFrom number of the first batch they apply to
   */
  public RuleSet(long revision, long validFrom, List<CompiledRule> rules) {
    this.revision = revision;
    this.validFrom = validFrom;
    this.rules = rules.stream()
        .sorted(java.util.Comparator.comparing(rule -> rule.rule().name()))
        .collect(Collectors.toUnmodifiableList());
    this.onRecords = on(Rule.Input.RECORDS);
    this.onSamples = on(Rule.Input.SAMPLES);
    this.byHash = this.rules.stream().collect(Collectors.toMap(CompiledRule::hash, rule -> rule));
  }

  private List<CompiledRule> on(Rule.Input input) {
    return rules.stream().filter(rule -> rule.rule().on() == input).toList();
  }

  public long revision() {
    return revision;
  }

  public long validFrom() {
    return validFrom;
  }

  public List<CompiledRule> rules() {
    return rules;
  }

  public List<CompiledRule> onRecords() {
    return onRecords;
  }

  public List<CompiledRule> onSamples() {
    return onSamples;
  }

  public @Nullable CompiledRule byHash(String hash) {
    return byHash.get(hash);
  }
}
