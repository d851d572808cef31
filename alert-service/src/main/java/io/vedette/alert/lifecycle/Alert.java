package io.vedette.alert.lifecycle;

import io.vedette.model.Stamps;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One alert, as it stands.
 *
 * @param startsUs when this episode began to fire
 * @param endsUs when it resolved, 0 while it holds
 * @param expiresUs when a posted alert resolves by itself unless it is posted again; 0 for a rule's alert
 * @param acknowledgedBy who looks after it, null when nobody does
 * @param receivers names of the receivers its routes lead to
 * @param silencedBy ids of the silences that mute it
 * @param inhibitedBy fingerprints of the alerts that mute it
 * @param stamps when the data behind it passed the earlier stages
 */
public record Alert(
    String fingerprint,
    AlertState state,
    Cause cause,
    SortedMap<String, String> labels,
    SortedMap<String, String> annotations,
    long startsUs,
    long endsUs,
    long expiresUs,
    @Nullable String acknowledgedBy,
    List<String> receivers,
    List<String> silencedBy,
    List<String> inhibitedBy,
    long updatedUs,
    Stamps stamps) {
  public Alert {
    labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
    annotations = Collections.unmodifiableSortedMap(new TreeMap<>(annotations));
    receivers = List.copyOf(receivers);
    silencedBy = List.copyOf(silencedBy);
    inhibitedBy = List.copyOf(inhibitedBy);
  }

  public boolean active() {
    return state != AlertState.RESOLVED;
  }

  public boolean muted() {
    return !silencedBy.isEmpty() || !inhibitedBy.isEmpty();
  }

  /** Names this episode: the same labels firing again later are another one. */
  public String episode() {
    return fingerprint + "@" + startsUs;
  }

  public String name() {
    return labels.getOrDefault("alertname", "");
  }

  Alert acknowledged(String by, long nowUs) {
    return new Alert(
        fingerprint,
        AlertState.ACKNOWLEDGED,
        cause,
        labels,
        annotations,
        startsUs,
        endsUs,
        expiresUs,
        by,
        receivers,
        silencedBy,
        inhibitedBy,
        nowUs,
        stamps);
  }

  Alert resolved(Cause why, SortedMap<String, String> notes, long atUs, long nowUs, Stamps passed) {
    return new Alert(
        fingerprint,
        AlertState.RESOLVED,
        why,
        labels,
        notes,
        startsUs,
        atUs,
        0,
        acknowledgedBy,
        receivers,
        silencedBy,
        inhibitedBy,
        nowUs,
        passed);
  }

  Alert refreshed(
      Cause why, SortedMap<String, String> notes, long expiry, long nowUs, Stamps passed) {
    return new Alert(
        fingerprint,
        state,
        why,
        labels,
        notes,
        startsUs,
        endsUs,
        expiry,
        acknowledgedBy,
        receivers,
        silencedBy,
        inhibitedBy,
        nowUs,
        passed);
  }

  public Alert mutedBy(List<String> silences, List<String> inhibitors, long nowUs) {
    return new Alert(
        fingerprint,
        state,
        cause,
        labels,
        annotations,
        startsUs,
        endsUs,
        expiresUs,
        acknowledgedBy,
        receivers,
        silences,
        inhibitors,
        nowUs,
        stamps);
  }

  public Alert routedTo(List<String> names) {
    return new Alert(
        fingerprint,
        state,
        cause,
        labels,
        annotations,
        startsUs,
        endsUs,
        expiresUs,
        acknowledgedBy,
        names,
        silencedBy,
        inhibitedBy,
        updatedUs,
        stamps);
  }
}
