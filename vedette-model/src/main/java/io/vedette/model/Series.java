package io.vedette.model;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** What samples belong to: a metric name and labels, in Prometheus' sense. Labels are sorted by name, so equal series are written equally. */
public record Series(String name, SortedMap<String, String> labels) {
  public Series {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("series name: empty (expected: a metric name)");
    }
    labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
  }

  public static Series of(String name, Map<String, String> labels) {
    return new Series(name, new TreeMap<>(labels));
  }

  /** As Prometheus writes it: {@code name{a="1",b="2"}}. */
  @Override
  public String toString() {
    if (labels.isEmpty()) {
      return name;
    }
    StringBuilder text = new StringBuilder(name).append('{');
    String separator = "";
    for (Map.Entry<String, String> label : labels.entrySet()) {
      text.append(separator).append(label.getKey()).append("=\"");
      text.append(label.getValue().replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n"))
          .append('"');
      separator = ",";
    }
    return text.append('}').toString();
  }
}
