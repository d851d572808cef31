package io.vedette.alert;

import io.vedette.model.Evidence;
import io.vedette.model.Finding;
import io.vedette.model.Stamps;
import io.vedette.model.Transition;
import io.vedette.testkit.ManualClock;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Findings as an analyzer would make them. */
public final class Examples {
  private Examples() {}

  public static Finding finding(long number, String host, Transition transition) {
    return finding(
        3, number, "SshFailures", Map.of("host", host, "severity", "critical"), transition);
  }

  public static Finding finding(
      int partition, long number, String rule, Map<String, String> labels, Transition transition) {
    TreeMap<String, String> all = new TreeMap<>(labels);
    all.put("alertname", rule);
    long atUs = ManualClock.START_US + number * 1_000_000;
    return new Finding(
        1,
        partition,
        number,
        rule,
        7,
        "ab12",
        new TreeMap<>(Map.of("host", labels.getOrDefault("host", ""))),
        transition,
        100 + number,
        atUs,
        atUs - 5_000_000,
        all,
        new TreeMap<>(Map.of("summary", "12 failed logins on " + labels.getOrDefault("host", ""))),
        new Evidence(
            atUs - 60_000_000, atUs, 12, ">", 5, 12, 1000, 1040, List.of(1000L, 1007L, 1040L)),
        Stamps.UNKNOWN);
  }
}
