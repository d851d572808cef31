package io.vedette.store.analysis;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Rules in force from a batch on.
 *
 * @param validFrom number of the batch that holds its record: the first one it applies to
 * @param author the principal who applied it
 * @param hash of the rules' content, whatever files they stand in
 * @param files file name to YAML
 */
public record RuleRevision(
    int trail,
    long revision,
    long validFrom,
    long createdUs,
    String author,
    String comment,
    String hash,
    SortedMap<String, String> files) {
  public RuleRevision {
    files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
  }
}
