package io.vedette.alert.lifecycle;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/** An alert as somebody outside posted it. {@code startsUs} and {@code endsUs} are 0 where the poster left them out. */
public record Posted(
    SortedMap<String, String> labels,
    SortedMap<String, String> annotations,
    long startsUs,
    long endsUs,
    String generatorUrl,
    String principal) {
  public Posted {
    labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
    annotations = Collections.unmodifiableSortedMap(new TreeMap<>(annotations));
  }
}
