package io.vedette.alert.notify;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.alert.Examples;
import io.vedette.alert.lifecycle.Alert;
import io.vedette.alert.lifecycle.AlertState;
import io.vedette.alert.lifecycle.Change;
import io.vedette.alert.mute.Inhibition;
import io.vedette.alert.mute.NewSilence;
import io.vedette.alert.mute.Silence;
import io.vedette.alert.route.GroupId;
import io.vedette.alert.route.Matchers;
import io.vedette.alert.route.Receiver;
import io.vedette.alert.route.Route;
import io.vedette.alert.route.Routing;
import io.vedette.model.Transition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class AlertBookTest {
  private static final long SECOND = 1_000_000;
  private static final Routing ROUTING = new Routing(
      new Route(
          "{}",
          "ops",
          List.of(),
          List.of("alertname"),
          false,
          Duration.ofSeconds(10),
          Duration.ofSeconds(60),
          Duration.ofHours(1),
          false,
          List.of()),
      Map.of("ops", new Receiver("ops", List.of(new Receiver.Integration("webhook/0", true)))),
      List.of(new Inhibition(
          Matchers.parse("alertname=Down"),
          Matchers.parse("alertname=SshFailures"),
          List.of("host"))),
      Duration.ofMinutes(5));

  private long now = 1_800_000_000L * SECOND;
  private int ids;
  private final Set<String> saturated = new HashSet<>();
  private final Map<Integer, Long> cursors = new HashMap<>();
  private final Map<String, Alert> alertRows = new LinkedHashMap<>();
  private final Map<String, Silence> silenceRows = new LinkedHashMap<>();
  private final Map<Object, Group> groupRows = new LinkedHashMap<>();
  private AlertBook book = restored();

  /** A book made from what was written, as after a restart. */
  private AlertBook restored() {
    return new AlertBook(
        ROUTING,
        cursors,
        alertRows.values(),
        silenceRows.values(),
        groupRows.values(),
        now,
        () -> "id" + ids++,
        saturated::contains);
  }

  private Changes take() {
    Changes changes = book.take(now);
    changes.cursors().forEach(step -> cursors.put(step.partition(), step.to()));
    changes.alerts().forEach(change -> alertRows.put(change.alert().fingerprint(), change.alert()));
    changes.settled().forEach(alertRows::remove);
    changes.goneGroups().forEach(groupRows::remove);
    changes.groups().forEach(group -> groupRows.put(group.id(), group));
    changes.silences().forEach(change -> silenceRows.put(change.silence().id(), change.silence()));
    return changes;
  }

  private Changes after(long seconds) {
    now += seconds * SECOND;
    return take();
  }

  private void find(long number, String host, Transition transition) {
    book.onFinding(Examples.finding(number, host, transition), now);
  }

  private static List<Reason> reasons(Changes changes) {
    return changes.outbox().stream().map(one -> one.notice().reason()).toList();
  }

  @Test
  void groupWaitsThenSpeaksOnceOfAllItsAlerts() {
    find(1, "a", Transition.FIRING);
    assertThat(take().outbox()).isEmpty();
    find(2, "b", Transition.FIRING);
    assertThat(after(9).outbox()).isEmpty();
    Changes spoken = after(1);
    assertThat(reasons(spoken)).containsExactly(Reason.FIRST_NOTIFICATION);
    assertThat(spoken.outbox().get(0).notice().alerts()).hasSize(2);
    assertThat(after(1).isEmpty()).isTrue();
  }

  @Test
  void sameFindingsTwiceChangeNothing() {
    find(1, "a", Transition.FIRING);
    take();
    find(1, "a", Transition.FIRING);
    assertThat(take().isEmpty()).isTrue();
    book = restored();
    find(1, "a", Transition.FIRING);
    assertThat(take().cursors()).isEmpty();
    assertThat(reasons(after(10))).containsExactly(Reason.FIRST_NOTIFICATION);
  }

  @Test
  void newAlertInAGroupThatSpokeWaitsForTheInterval() {
    find(1, "a", Transition.FIRING);
    take();
    after(10);
    find(2, "b", Transition.FIRING);
    assertThat(after(30).outbox()).isEmpty();
    assertThat(reasons(after(30))).containsExactly(Reason.NEW_ALERTS_IN_GROUP);
  }

  @Test
  void resolvedIsToldAndTheGroupEnds() {
    find(1, "a", Transition.FIRING);
    take();
    after(10);
    find(2, "a", Transition.CLEARED);
    assertThat(take().outbox()).isEmpty();
    Changes spoken = after(60);
    assertThat(reasons(spoken)).containsExactly(Reason.ALL_ALERTS_RESOLVED);
    assertThat(spoken.settled()).hasSize(1);
    assertThat(alertRows).isEmpty();
    assertThat(groupRows).isEmpty();
    assertThat(book.alerts()).isEmpty();
  }

  @Test
  void whatResolvesBeforeItWasToldIsNotTold() {
    find(1, "a", Transition.FIRING);
    take();
    find(2, "a", Transition.CLEARED);
    take();
    assertThat(after(10).outbox()).isEmpty();
    assertThat(groupRows).isEmpty();
  }

  @Test
  void repeatsAfterTheIntervalUntilSomebodyAcknowledges() {
    find(1, "a", Transition.FIRING);
    take();
    after(10);
    assertThat(after(3599).outbox()).isEmpty();
    assertThat(reasons(after(1))).containsExactly(Reason.REPEAT_INTERVAL_ELAPSED);
    String fingerprint = book.alerts().iterator().next().fingerprint();
    book.acknowledge(fingerprint, "ann", now);
    assertThat(take().alerts()).extracting(Change::kind).containsExactly(Change.Kind.ACKNOWLEDGED);
    assertThat(after(7200).outbox()).isEmpty();
    assertThat(after(1).isEmpty()).isTrue();
  }

  @Test
  void restartKeepsEveryClock() {
    find(1, "a", Transition.FIRING);
    take();
    now += 4 * SECOND;
    book = restored();
    assertThat(take().outbox()).isEmpty();
    assertThat(after(5).outbox()).isEmpty();
    assertThat(reasons(after(1))).containsExactly(Reason.FIRST_NOTIFICATION);
    book = restored();
    assertThat(after(1800).outbox()).isEmpty();
    book = restored();
    assertThat(reasons(after(1800))).containsExactly(Reason.REPEAT_INTERVAL_ELAPSED);
  }

  @Test
  void restartBetweenResolvingAndTellingTells() {
    find(1, "a", Transition.FIRING);
    take();
    after(10);
    find(2, "a", Transition.CLEARED);
    take();
    book = restored();
    assertThat(reasons(after(60))).containsExactly(Reason.ALL_ALERTS_RESOLVED);
  }

  @Test
  void silencedAlertNamesItsSilenceAndIsToldWhenThatEnds() {
    book.silence(
        new NewSilence("", Matchers.parse("host=a"), now, now + 100 * SECOND, "ann", "works"),
        "ann",
        now);
    take();
    find(1, "a", Transition.FIRING);
    Changes fired = take();
    assertThat(fired.alerts().get(0).alert().silencedBy()).containsExactly("id0");
    assertThat(after(20).outbox()).isEmpty();
    book = restored();
    Changes ended = after(80);
    assertThat(ended.alerts()).extracting(Change::kind).containsExactly(Change.Kind.UNMUTED);
    List<Reason> told = new ArrayList<>(reasons(ended));
    told.addAll(reasons(after(60)));
    assertThat(told).containsExactly(Reason.FIRST_NOTIFICATION);
  }

  @Test
  void inhibitedAlertNamesWhatMutesIt() {
    book.onFinding(Examples.finding(9, 1, "Down", Map.of("host", "a"), Transition.FIRING), now);
    find(1, "a", Transition.FIRING);
    Changes changes = take();
    Alert muted = changes.alerts().get(1).alert();
    assertThat(muted.inhibitedBy())
        .containsExactly(changes.alerts().get(0).alert().fingerprint());
    Changes spoken = after(10);
    assertThat(spoken.outbox()).hasSize(1);
    assertThat(spoken.outbox().get(0).notice().alerts())
        .extracting(Alert::name)
        .containsExactly("Down");
  }

  @Test
  void saturatedIntegrationMakesTheGroupWaitAndLoseNothing() {
    saturated.add("ops/webhook/0");
    find(1, "a", Transition.FIRING);
    take();
    assertThat(after(10).outbox()).isEmpty();
    find(2, "a", Transition.CLEARED);
    find(3, "b", Transition.FIRING);
    take();
    saturated.clear();
    Changes spoken = after(60);
    assertThat(spoken.outbox()).hasSize(1);
    assertThat(spoken.outbox().get(0).notice().alerts())
        .filteredOn(Alert::active)
        .extracting(alert -> alert.labels().get("host"))
        .containsExactly("b");
  }

  @Test
  void groupOfARouteThatIsGoneEnds() {
    find(1, "a", Transition.FIRING);
    take();
    Group stranger = new Group(new GroupId("old", "{}:{}", new TreeMap<>()), now, now, 0, Map.of());
    groupRows.put(stranger.id(), stranger);
    book = restored();
    assertThat(take().goneGroups()).containsExactly(stranger.id());
  }

  @Test
  void expiredFindingsAreSteppedOver() {
    find(41, "a", Transition.FIRING);
    assertThat(take().cursors()).singleElement().satisfies(step -> assertThat(step.to())
        .isEqualTo(41));
    assertThat(book.alerts()).extracting(Alert::state).containsExactly(AlertState.FIRING);
  }
}
