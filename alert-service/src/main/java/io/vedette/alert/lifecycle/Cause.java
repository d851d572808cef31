package io.vedette.alert.lifecycle;

import io.vedette.model.Evidence;
import org.jspecify.annotations.Nullable;

/**
 * Why an alert is there: the rule as it stood and what it measured. For an alert posted from outside there is no rule of ours and no evidence.
 *
 * @param rule name of the rule, empty for a posted alert
 * @param revision revision of the rules in force, 0 for a posted alert
 * @param ruleHash content hash of the rule, hex
 * @param generatorUrl where the alert came from, as the poster said; empty when unknown
 */
public record Cause(
    String rule, long revision, String ruleHash, @Nullable Evidence evidence, String generatorUrl) {
  public boolean posted() {
    return rule.isEmpty();
  }
}
