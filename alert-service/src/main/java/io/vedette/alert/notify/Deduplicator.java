package io.vedette.alert.notify;

import io.vedette.alert.lifecycle.Alert;
import io.vedette.alert.lifecycle.AlertState;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** Decides whether a group has something to say that it has not said. Pure. */
public final class Deduplicator {
  private Deduplicator() {}

  /**
   * Why to speak, or nothing.
   *
   * @param unmuted alerts of the group that nothing mutes
   */
  public static Optional<Reason> decide(
      Told last, Collection<Alert> unmuted, boolean sendResolved, long repeatUs, long nowUs) {
    Set<String> firing = new HashSet<>();
    boolean newcomer = false;
    boolean lookedAfter = true;
    boolean newlyResolved = false;
    for (Alert alert : unmuted) {
      String episode = alert.episode();
      if (alert.active()) {
        firing.add(episode);
        boolean acknowledged = alert.state() == AlertState.ACKNOWLEDGED;
        newcomer |= !acknowledged && !last.firing().contains(episode);
        lookedAfter &= acknowledged;
      } else {
        newlyResolved |= last.firing().contains(episode) && !last.resolved().contains(episode);
      }
    }
    if (newcomer) {
      return Optional.of(
          last.firing().isEmpty() ? Reason.FIRST_NOTIFICATION : Reason.NEW_ALERTS_IN_GROUP);
    }
    if (newlyResolved && sendResolved) {
      return Optional.of(
          firing.isEmpty() ? Reason.ALL_ALERTS_RESOLVED : Reason.SOME_ALERTS_RESOLVED);
    }
    boolean repeats = !firing.isEmpty() && !lookedAfter && last.atUs() > 0;
    return repeats && nowUs - last.atUs() >= repeatUs
        ? Optional.of(Reason.REPEAT_INTERVAL_ELAPSED)
        : Optional.empty();
  }
}
