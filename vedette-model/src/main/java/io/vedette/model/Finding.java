package io.vedette.model;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a rule found for a key: numbered without holes per partition.
 *
 * @param revision revision of the rules in force
 * @param ruleHash content hash of the rule, hex
 * @param key group key: label name to value
 * @param labels key, rule labels and {@code alertname}
 * @param batch batch whose fold led to it
 * @param atUs log time
 * @param sinceUs log time at which the condition began to hold
 */
public record Finding(
    int trail,
    int partition,
    long number,
    String rule,
    long revision,
    String ruleHash,
    SortedMap<String, String> key,
    Transition transition,
    long batch,
    long atUs,
    long sinceUs,
    SortedMap<String, String> labels,
    SortedMap<String, String> annotations,
    Evidence evidence,
    Stamps stamps) {
  public Finding {
    key = Collections.unmodifiableSortedMap(new TreeMap<>(key));
    labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
    annotations = Collections.unmodifiableSortedMap(new TreeMap<>(annotations));
  }
}
