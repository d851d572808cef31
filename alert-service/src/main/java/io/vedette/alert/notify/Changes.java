package io.vedette.alert.notify;

import io.vedette.alert.lifecycle.Change;
import io.vedette.alert.lifecycle.CursorStep;
import io.vedette.alert.mute.Silence;
import io.vedette.alert.route.GroupId;
import java.util.List;

/**
 * What one step of the {@link AlertBook} changed: written in one transaction, or not at all.
 *
 * @param settled fingerprints of resolved alerts that every group has dealt with
 */
public record Changes(
    List<CursorStep> cursors,
    List<Change> alerts,
    List<String> settled,
    List<Group> groups,
    List<GroupId> goneGroups,
    List<Outgoing> outbox,
    List<SilenceChange> silences) {
  public Changes {
    cursors = List.copyOf(cursors);
    alerts = List.copyOf(alerts);
    settled = List.copyOf(settled);
    groups = List.copyOf(groups);
    goneGroups = List.copyOf(goneGroups);
    outbox = List.copyOf(outbox);
    silences = List.copyOf(silences);
  }

  public boolean isEmpty() {
    return cursors.isEmpty()
        && alerts.isEmpty()
        && settled.isEmpty()
        && groups.isEmpty()
        && goneGroups.isEmpty()
        && outbox.isEmpty()
        && silences.isEmpty();
  }

  /** A silence was made, changed or ended by somebody. */
  public record SilenceChange(Silence silence, String action, String actor) {}
}
