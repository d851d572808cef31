package io.vedette.alert.mute;

import io.vedette.alert.lifecycle.Alert;
import io.vedette.alert.route.Matchers;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * Says which firing alerts mute another. Built from the alerts that hold, once per change; sources lie by their {@code equal} values, so asking costs one look-up per rule. An alert that
 * matches both sides of a rule is not muted by another that does, else two of them would mute each other.
 */
public final class Inhibitor {
  private final List<Inhibition> rules;
  private final List<Map<List<String>, List<Alert>>> sources = new ArrayList<>();

  public Inhibitor(List<Inhibition> rules, Collection<Alert> alerts) {
    this.rules = List.copyOf(rules);
    for (Inhibition rule : this.rules) {
      Map<List<String>, List<Alert>> byValues = new HashMap<>();
      for (Alert alert : alerts) {
        if (alert.active() && Matchers.all(rule.source(), alert.labels())) {
          byValues
              .computeIfAbsent(values(rule, alert.labels()), key -> new ArrayList<>())
              .add(alert);
        }
      }
      sources.add(byValues);
    }
  }

  /** Fingerprints of the alerts that mute this one. */
  public List<String> muting(Alert alert) {
    List<String> fingerprints = new ArrayList<>();
    for (int i = 0; i < rules.size(); i++) {
      Inhibition rule = rules.get(i);
      if (!Matchers.all(rule.target(), alert.labels())) {
        continue;
      }
      boolean bothSides = Matchers.all(rule.source(), alert.labels());
      for (Alert source : sources.get(i).getOrDefault(values(rule, alert.labels()), List.of())) {
        boolean itself = source.fingerprint().equals(alert.fingerprint());
        boolean mutual = bothSides && Matchers.all(rule.target(), source.labels());
        if (!itself && !mutual && !fingerprints.contains(source.fingerprint())) {
          fingerprints.add(source.fingerprint());
        }
      }
    }
    return fingerprints;
  }

  private static List<String> values(Inhibition rule, SortedMap<String, String> labels) {
    return rule.equal().stream().map(name -> labels.getOrDefault(name, "")).toList();
  }
}
