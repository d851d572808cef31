package io.vedette.alert;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** How many notifications wait for each integration, as {@code receiver/integration}. Counted by who adds and who sends; set right from the rows every few seconds. Safe for any thread. */
final class Waiting {
  private final Map<String, Integer> byTarget = new ConcurrentHashMap<>();

  int of(String target) {
    return byTarget.getOrDefault(target, 0);
  }

  int total() {
    return byTarget.values().stream().mapToInt(Integer::intValue).sum();
  }

  void add(String target, int more) {
    byTarget.merge(target, more, Integer::sum);
  }

  void set(Map<String, Integer> counted) {
    byTarget.keySet().retainAll(counted.keySet());
    byTarget.putAll(counted);
  }
}
