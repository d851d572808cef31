package io.vedette.alert.notify;

import io.vedette.alert.lifecycle.Alert;
import io.vedette.alert.lifecycle.AlertState;
import io.vedette.alert.lifecycle.Change;
import io.vedette.alert.lifecycle.CursorStep;
import io.vedette.alert.lifecycle.Fingerprint;
import io.vedette.alert.lifecycle.Lifecycle;
import io.vedette.alert.lifecycle.Lifecycle.Acknowledgement;
import io.vedette.alert.lifecycle.Posted;
import io.vedette.alert.mute.Inhibitor;
import io.vedette.alert.mute.NewSilence;
import io.vedette.alert.mute.Silence;
import io.vedette.alert.mute.Silences;
import io.vedette.alert.route.GroupId;
import io.vedette.alert.route.Receiver;
import io.vedette.alert.route.Route;
import io.vedette.alert.route.Routing;
import io.vedette.model.Finding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The alerts of one trail that hold or that somebody still has to hear of, their groups and silences. Inputs come in one after the other and {@link #take} answers all that they changed; when
 * writing that fails the book is thrown away and made again from the rows. Pure and not thread safe; bounded by what is firing.
 */
public final class AlertBook {
  private final Routing routing;
  private final Supplier<String> newId;
  private final Predicate<String> saturated;

  private final Map<Integer, Long> cursors = new HashMap<>();
  private final Map<String, Alert> alerts = new LinkedHashMap<>();
  private final Silences silences = new Silences();
  private final Map<GroupId, Group> groups = new LinkedHashMap<>();
  private final Map<GroupId, Set<String>> members = new HashMap<>();
  private final Map<GroupId, Route> routes = new HashMap<>();

  private long settledUs;
  private boolean touched;

  private final Map<Integer, CursorStep> movedCursors = new LinkedHashMap<>();
  private final List<Change> changes = new ArrayList<>();
  private final List<String> settled = new ArrayList<>();
  private final Set<GroupId> changedGroups = new LinkedHashSet<>();
  private final Set<GroupId> goneGroups = new LinkedHashSet<>();
  private final List<Outgoing> outbox = new ArrayList<>();
  private final List<Changes.SilenceChange> silenceChanges = new ArrayList<>();

  /**
   * A book as the rows tell it.
   *
   * @param newId makes ids of notifications and silences
   * @param saturated whether {@code receiver/integration} has so much to send already that its groups must wait (they lose nothing: what they say later is newer)
   */
  public AlertBook(
      Routing routing,
      Map<Integer, Long> cursors,
      Collection<Alert> alerts,
      Collection<Silence> silences,
      Collection<Group> groups,
      long nowUs,
      Supplier<String> newId,
      Predicate<String> saturated) {
    this.routing = routing;
    this.newId = newId;
    this.saturated = saturated;
    this.cursors.putAll(cursors);
    silences.forEach(this.silences::put);
    Map<GroupId, Group> known = new HashMap<>();
    groups.forEach(group -> known.put(group.id(), group));
    for (Alert alert : alerts) {
      place(alert, known, nowUs);
    }
    known.keySet().forEach(goneGroups::add);
    settledUs = nowUs;
    touched = true;
  }

  public long cursor(int partition) {
    return cursors.getOrDefault(partition, 0L);
  }

  public Map<Integer, Long> cursors() {
    return Map.copyOf(cursors);
  }

  public Collection<Alert> alerts() {
    return List.copyOf(alerts.values());
  }

  public @Nullable Alert alert(String fingerprint) {
    return alerts.get(fingerprint);
  }

  public Silences silences() {
    return silences;
  }

  /** A finding that the cursor has passed changes nothing. One that is further on than the next says that those between have expired: nobody can act on them any more. */
  public void onFinding(Finding finding, long nowUs) {
    long at = cursor(finding.partition());
    if (finding.number() <= at) {
      return;
    }
    cursors.put(finding.partition(), finding.number());
    movedCursors.merge(
        finding.partition(),
        new CursorStep(finding.partition(), at, finding.number()),
        (first, last) -> new CursorStep(first.partition(), first.from(), last.to()));
    Alert current = alerts.get(Fingerprint.of(finding.labels()));
    Lifecycle.onFinding(current, finding, nowUs).ifPresent(change -> apply(change, nowUs));
  }

  public void onPosted(Posted posted, long nowUs) {
    Alert current = alerts.get(Fingerprint.of(posted.labels()));
    Lifecycle.onPosted(
            current,
            posted,
            nowUs,
            TimeUnit.MILLISECONDS.toMicros(routing.resolveTimeout().toMillis()))
        .ifPresent(change -> apply(change, nowUs));
  }

  public Acknowledgement acknowledge(String fingerprint, String by, long nowUs) {
    Acknowledgement answer = Lifecycle.acknowledge(alerts.get(fingerprint), fingerprint, by, nowUs);
    if (answer instanceof Acknowledgement.Done done) {
      apply(done.change(), nowUs);
    }
    return answer;
  }

  /** The silence as it stands after the request. */
  public Silence silence(NewSilence wanted, String by, long nowUs) {
    List<Silence> rows = silences.set(wanted, nowUs, newId);
    for (Silence row : rows) {
      boolean known = silences.get(row.id()) != null;
      String action =
          row.expired(nowUs) ? "silence.expire" : known ? "silence.update" : "silence.create";
      silences.put(row);
      silenceChanges.add(new Changes.SilenceChange(row, action, by));
    }
    touched = true;
    return rows.get(rows.size() - 1);
  }

  public Optional<Silence> expireSilence(String id, String by, long nowUs) {
    Optional<Silence> expired = silences.expire(id, nowUs);
    expired.ifPresent(silence -> {
      silences.put(silence);
      silenceChanges.add(new Changes.SilenceChange(silence, "silence.expire", by));
      touched = true;
    });
    return expired;
  }

  /** Lets time do its part and answers everything that changed since the last call. */
  public Changes take(long nowUs) {
    for (Alert alert : List.copyOf(alerts.values())) {
      Lifecycle.onTime(alert, nowUs).ifPresent(change -> apply(change, nowUs));
    }
    if (touched || silences.turned(settledUs, nowUs)) {
      mute(nowUs);
    }
    settledUs = nowUs;
    touched = false;
    silences.forgetExpired(nowUs);
    for (Group group : List.copyOf(groups.values())) {
      if (group.flushUs() != 0 && group.flushUs() <= nowUs) {
        flush(group, nowUs);
      }
    }
    return drain();
  }

  private void apply(Change change, long nowUs) {
    Alert alert = change.alert();
    List<String> receivers = new ArrayList<>();
    for (Route route : routing.root().take(alert.labels())) {
      if (!receivers.contains(route.receiver())) {
        receivers.add(route.receiver());
      }
    }
    Alert routed = alert.routedTo(receivers);
    alerts.put(routed.fingerprint(), routed);
    changes.add(new Change(change.kind(), routed, change.actor()));
    touched = true;
    for (Route route : routing.root().take(routed.labels())) {
      GroupId id = route.group(routed.labels());
      join(id, route, routed.fingerprint(), null, nowUs);
      if (change.kind() != Change.Kind.UPDATED) {
        touch(id, nowUs);
      }
    }
  }

  private void place(Alert alert, Map<GroupId, Group> known, long nowUs) {
    alerts.put(alert.fingerprint(), alert);
    for (Route route : routing.root().take(alert.labels())) {
      GroupId id = route.group(alert.labels());
      Group row = known.remove(id);
      join(id, route, alert.fingerprint(), row, nowUs);
      Group group = groups.get(id);
      if (group != null && (row == null ? group.flushUs() == 0 : !alert.active())) {
        touch(id, nowUs);
      }
    }
  }

  private void join(GroupId id, Route route, String fingerprint, @Nullable Group row, long nowUs) {
    if (!groups.containsKey(id)) {
      groups.put(id, row != null ? row : new Group(id, nowUs, 0, 0, Map.of()));
      if (row == null) {
        changedGroups.add(id);
      }
      goneGroups.remove(id);
    }
    routes.put(id, route);
    members.computeIfAbsent(id, key -> new LinkedHashSet<>()).add(fingerprint);
  }

  /** The group has news: look at it after group_wait when it is young, after group_interval when it has spoken lately. */
  private void touch(GroupId id, long nowUs) {
    Group group = groups.get(id);
    Route route = routes.get(id);
    if (group == null || route == null) {
      return;
    }
    long dueUs = group.flushedUs() == 0
        ? group.createdUs() + micros(route.groupWait())
        : Math.max(nowUs, group.flushedUs() + micros(route.groupInterval()));
    if (group.flushUs() == 0 || dueUs < group.flushUs()) {
      groups.put(id, group.dueAt(dueUs));
      changedGroups.add(id);
    }
  }

  private void mute(long nowUs) {
    Inhibitor inhibitor = new Inhibitor(routing.inhibitions(), alerts.values());
    for (Alert alert : List.copyOf(alerts.values())) {
      if (!alert.active()) {
        continue;
      }
      List<String> bySilence = silences.muting(alert.labels(), nowUs);
      List<String> byAlert = inhibitor.muting(alert);
      if (bySilence.equals(alert.silencedBy()) && byAlert.equals(alert.inhibitedBy())) {
        continue;
      }
      Alert now = alert.mutedBy(bySilence, byAlert, nowUs);
      alerts.put(now.fingerprint(), now);
      noteMute(now, alert.muted());
      for (Route route : routing.root().take(now.labels())) {
        touch(route.group(now.labels()), nowUs);
      }
    }
  }

  /** A change of this step that is about to be told carries the mutes along; otherwise they are a change of their own. */
  private void noteMute(Alert now, boolean wasMuted) {
    for (int i = changes.size() - 1; i >= 0; i--) {
      Change change = changes.get(i);
      if (change.alert().fingerprint().equals(now.fingerprint())) {
        changes.set(i, new Change(change.kind(), now, change.actor()));
        return;
      }
    }
    if (now.muted() != wasMuted) {
      Change.Kind kind = now.muted() ? Change.Kind.MUTED : Change.Kind.UNMUTED;
      changes.add(new Change(kind, now, Change.VEDETTE));
    } else {
      changes.add(new Change(Change.Kind.UPDATED, now, Change.VEDETTE));
    }
  }

  private void flush(Group group, long nowUs) {
    Route route = routes.get(group.id());
    Receiver receiver = routing.receivers().get(group.id().receiver());
    if (route == null || receiver == null) {
      forget(group.id());
      return;
    }
    List<Alert> all = membersOf(group.id());
    List<Alert> unmuted = all.stream().filter(alert -> !alert.muted()).toList();
    long repeatUs = micros(route.repeatInterval());
    long nextUs = 0;
    boolean waiting = false;
    Map<String, Told> news = new HashMap<>();
    for (Receiver.Integration integration : receiver.integrations()) {
      Told last = group.told(integration.id());
      Optional<Reason> reason =
          Deduplicator.decide(last, unmuted, integration.sendResolved(), repeatUs, nowUs);
      Told told = last;
      if (reason.isPresent()) {
        if (saturated.test(receiver.name() + "/" + integration.id())) {
          waiting = true;
          continue;
        }
        Notice notice = Notice.of(group.id(), reason.get(), unmuted);
        outbox.add(new Outgoing(newId.get(), integration.id(), notice, nowUs));
        told = toldNow(unmuted, nowUs);
        news.put(integration.id(), told);
      }
      if (told.atUs() > 0
          && unmuted.stream().anyMatch(alert -> alert.state() == AlertState.FIRING)) {
        nextUs = earlier(nextUs, Math.max(told.atUs() + repeatUs, nowUs + 1));
      }
    }
    if (waiting) {
      nextUs = earlier(nextUs, nowUs + Math.max(micros(route.groupInterval()), 1_000_000));
    }
    groups.put(group.id(), group.flushed(nowUs, nextUs, news));
    changedGroups.add(group.id());
    if (!waiting) {
      leave(group.id(), all);
    }
  }

  /** Resolved alerts have been dealt with and leave; a group without members ends. */
  private void leave(GroupId id, List<Alert> all) {
    Set<String> staying = members.getOrDefault(id, Set.of());
    for (Alert alert : all) {
      if (alert.active()) {
        continue;
      }
      staying.remove(alert.fingerprint());
      boolean elsewhere = routing.root().take(alert.labels()).stream().anyMatch(route -> members
          .getOrDefault(route.group(alert.labels()), Set.of())
          .contains(alert.fingerprint()));
      if (!elsewhere) {
        alerts.remove(alert.fingerprint());
        settled.add(alert.fingerprint());
      }
    }
    if (staying.isEmpty()) {
      forget(id);
    }
  }

  private void forget(GroupId id) {
    groups.remove(id);
    members.remove(id);
    routes.remove(id);
    changedGroups.remove(id);
    goneGroups.add(id);
  }

  private List<Alert> membersOf(GroupId id) {
    List<Alert> found = new ArrayList<>();
    for (String fingerprint : members.getOrDefault(id, Set.of())) {
      Alert alert = alerts.get(fingerprint);
      if (alert != null) {
        found.add(alert);
      }
    }
    return found;
  }

  private Changes drain() {
    List<Group> saved = new ArrayList<>();
    for (GroupId id : changedGroups) {
      Group group = groups.get(id);
      if (group != null) {
        saved.add(group);
      }
    }
    Changes drained = new Changes(
        List.copyOf(movedCursors.values()),
        changes,
        settled,
        saved,
        List.copyOf(goneGroups),
        outbox,
        silenceChanges);
    movedCursors.clear();
    changes.clear();
    settled.clear();
    changedGroups.clear();
    goneGroups.clear();
    outbox.clear();
    silenceChanges.clear();
    return drained;
  }

  private static Told toldNow(List<Alert> unmuted, long nowUs) {
    Set<String> firing = new LinkedHashSet<>();
    Set<String> resolved = new LinkedHashSet<>();
    for (Alert alert : unmuted) {
      (alert.active() ? firing : resolved).add(alert.episode());
    }
    return new Told(firing, resolved, nowUs);
  }

  private static long earlier(long a, long b) {
    return a == 0 ? b : Math.min(a, b);
  }

  private static long micros(Duration duration) {
    return TimeUnit.MILLISECONDS.toMicros(duration.toMillis());
  }
}
