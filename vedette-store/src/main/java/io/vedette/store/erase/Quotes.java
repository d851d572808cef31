package io.vedette.store.erase;

import io.vedette.model.RecordView;
import io.vedette.store.trail.Appender;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Whether a record in which Vedette says what became of an alert quotes what is erased: the alert counts an erased record, and what tells whom it was about quotes one of the texts. */
final class Quotes {
  /** As V5's json_without: what an alert is called tells nothing of whom it was about. */
  private static final Set<String> NAMES = Set.of("alertname", "severity", "rule");

  private static final int MIN_LENGTH = 4;

  private Quotes() {}

  /** @param alerts fingerprints of alerts that count one of the records; those found are added: an alert's own record stands before those of its notifications */
  static boolean quotes(
      RecordView record, List<Wish.Range> ranges, Set<String> texts, Set<String> alerts) {
    if (!Appender.OWN_SOURCE.equals(record.source())) {
      return false;
    }
    Map<String, Object> said = record.attributes();
    if ("alert".equals(record.text("kind"))) {
      String fingerprint = record.text("target");
      if (counts(said, ranges) && fingerprint != null) {
        alerts.add(fingerprint);
      }
      return alerts.contains(fingerprint)
          && said.get("labels") instanceof Map<?, ?> labels
          && labels.entrySet().stream()
              .anyMatch(label -> !NAMES.contains(label.getKey())
                  && quotes(String.valueOf(label.getValue()), texts));
    }
    return "notification".equals(record.text("kind"))
        && said.get("alerts") instanceof Collection<?> told
        && told.stream().anyMatch(alerts::contains)
        && quotes(said.get("group") + "\n" + record.text("message"), texts);
  }

  private static boolean counts(Map<String, Object> said, List<Wish.Range> ranges) {
    return said.get("firstIndex") instanceof Number first
        && said.get("lastIndex") instanceof Number last
        && ranges.stream()
            .anyMatch(
                range -> range.first() <= last.longValue() && range.last() >= first.longValue());
  }

  private static boolean quotes(String value, Set<String> texts) {
    String written = Texts.escaped(value);
    return texts.stream()
        .anyMatch(text ->
            written.contains(text) || (written.length() >= MIN_LENGTH && text.contains(written)));
  }
}
