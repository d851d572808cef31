package io.vedette.alert.notify;

import io.vedette.alert.lifecycle.Alert;
import io.vedette.alert.route.GroupId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What a group says, before a receiver gives it its form: a snapshot, so that a retry says the same.
 *
 * @param alerts firing ones first, then by start; at most {@link #MAX_ALERTS}
 * @param truncated how many more there are
 */
public record Notice(GroupId group, Reason reason, List<Alert> alerts, int truncated) {
  /** An alert with evidence takes about 1 KiB as JSON, so a notice stays near 256 KiB. */
  static final int MAX_ALERTS = 250;

  public Notice {
    alerts = List.copyOf(alerts);
  }

  static Notice of(GroupId group, Reason reason, List<Alert> unmuted) {
    List<Alert> sorted = new ArrayList<>(unmuted);
    sorted.sort(Comparator.comparing((Alert alert) -> !alert.active())
        .thenComparingLong(Alert::startsUs)
        .thenComparing(Alert::fingerprint));
    int kept = Math.min(sorted.size(), MAX_ALERTS);
    return new Notice(group, reason, sorted.subList(0, kept), sorted.size() - kept);
  }

  public String status() {
    return firing() > 0 ? "firing" : "resolved";
  }

  public long firing() {
    return alerts.stream().filter(Alert::active).count();
  }

  public long resolved() {
    return alerts.size() - firing();
  }

  public SortedMap<String, String> commonLabels() {
    return common(Alert::labels);
  }

  public SortedMap<String, String> commonAnnotations() {
    return common(Alert::annotations);
  }

  private SortedMap<String, String> common(Function<Alert, SortedMap<String, String>> part) {
    if (alerts.isEmpty()) {
      return Collections.emptySortedMap();
    }
    SortedMap<String, String> shared = new TreeMap<>(part.apply(alerts.get(0)));
    for (Alert alert : alerts) {
      SortedMap<String, String> own = part.apply(alert);
      for (Iterator<Map.Entry<String, String>> it = shared.entrySet().iterator(); it.hasNext(); ) {
        Map.Entry<String, String> entry = it.next();
        if (!entry.getValue().equals(own.get(entry.getKey()))) {
          it.remove();
        }
      }
    }
    return shared;
  }
}
