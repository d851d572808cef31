package io.vedette.analyzer.rule;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** All revisions, oldest first: which rules were in force at a batch, and since when a rule has been. One thread, but for what says otherwise. */
public final class RuleBook {
  private final List<RuleSet> revisions = new ArrayList<>();
  private final Map<String, CompiledRule> compiled = new HashMap<>();

  /** What metrics ask from other threads; a rule of a name has one of these for each of its versions. */
  private final Map<String, List<CompiledRule>> byName = new ConcurrentHashMap<>();

  /** Adds the next revision; a rule that has not changed is the same object as before. */
  public void add(long revision, long validFrom, List<RulesFile> files) {
    if (revision <= newestRevision()) {
      return;
    }
    List<CompiledRule> rules = new ArrayList<>();
    for (CompiledRule rule : RulesParser.parse(files).orThrow()) {
      CompiledRule known = compiled.putIfAbsent(rule.hash(), rule);
      rules.add(known == null ? rule : known);
      if (known == null) {
        byName
            .computeIfAbsent(rule.rule().name(), name -> new CopyOnWriteArrayList<>())
            .add(rule);
      }
    }
    revisions.add(new RuleSet(revision, validFrom, rules));
  }

  public long newestRevision() {
    return revisions.isEmpty() ? 0 : revisions.get(revisions.size() - 1).revision();
  }

  public RuleSet inForce(long batch) {
    for (int i = revisions.size() - 1; i >= 0; i--) {
      if (revisions.get(i).validFrom() <= batch) {
        return revisions.get(i);
      }
    }
    return RuleSet.NONE;
  }

  /** First batch since which the rule has been in force without a break until that batch. */
  public long activeFrom(String hash, long batch) {
    long from = batch;
    for (int i = revisions.size() - 1; i >= 0; i--) {
      RuleSet revision = revisions.get(i);
      if (revision.validFrom() > batch) {
        continue;
      }
      if (revision.byHash(hash) == null) {
        break;
      }
      from = revision.validFrom();
    }
    return from;
  }

  /** First batch that any rule applies to; nothing is to be folded before. */
  public long firstBatch() {
    return revisions.isEmpty() ? Long.MAX_VALUE : revisions.get(0).validFrom();
  }

  /** Names of all rules that were ever in force. Any thread. */
  public Set<String> names() {
    return Set.copyOf(byName.keySet());
  }

  /** Evaluations of rules of a name that failed since this process began. Any thread. */
  public long errors(String name) {
    return byName.getOrDefault(name, List.of()).stream()
        .mapToLong(CompiledRule::errors)
        .sum();
  }
}
