package io.vedette.alert.route;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/** Names a group: alerts that one receiver hears of together. {@code key} is Alertmanager's group key. */
public record GroupId(String receiver, String key, SortedMap<String, String> labels) {
  public GroupId {
    labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
  }
}
