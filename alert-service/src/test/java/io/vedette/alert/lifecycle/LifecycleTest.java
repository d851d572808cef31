package io.vedette.alert.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.alert.Examples;
import io.vedette.model.Transition;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class LifecycleTest {
  private static final long NOW = 1_800_000_000_000_000L;

  private static Alert fired() {
    return Lifecycle.onFinding(null, Examples.finding(1, "a", Transition.FIRING), NOW)
        .orElseThrow()
        .alert();
  }

  private static Posted posted(long endsUs) {
    return new Posted(
        new TreeMap<>(Map.of("alertname", "Up")),
        new TreeMap<>(),
        0,
        endsUs,
        "http://p",
        "prometheus");
  }

  @Test
  void pendingFindingIsNoAlert() {
    assertThat(Lifecycle.onFinding(null, Examples.finding(1, "a", Transition.PENDING), NOW))
        .isEmpty();
  }

  @Test
  void firingFindingBeginsAnEpisodeWithItsEvidence() {
    Alert alert = fired();
    assertThat(alert.state()).isEqualTo(AlertState.FIRING);
    assertThat(alert.cause().ruleHash()).isEqualTo("ab12");
    assertThat(alert.cause().revision()).isEqualTo(7);
    assertThat(alert.cause().evidence()).isNotNull();
    assertThat(alert.episode()).isEqualTo(alert.fingerprint() + "@" + alert.startsUs());
  }

  @Test
  void firingAgainRefreshesTheEvidenceAndKeepsEpisodeAndAcknowledgement() {
    Lifecycle.Acknowledgement done = Lifecycle.acknowledge(fired(), "x", "ann", NOW);
    Alert acknowledged = ((Lifecycle.Acknowledgement.Done) done).change().alert();
    Change again = Lifecycle.onFinding(
            acknowledged, Examples.finding(2, "a", Transition.FIRING), NOW + 1)
        .orElseThrow();
    assertThat(again.kind()).isEqualTo(Change.Kind.UPDATED);
    assertThat(again.alert().episode()).isEqualTo(acknowledged.episode());
    assertThat(again.alert().acknowledgedBy()).isEqualTo("ann");
  }

  @Test
  void clearedFindingResolvesAcknowledgedAlertAsWell() {
    Lifecycle.Acknowledgement done = Lifecycle.acknowledge(fired(), "x", "ann", NOW);
    Alert acknowledged = ((Lifecycle.Acknowledgement.Done) done).change().alert();
    Change cleared = Lifecycle.onFinding(
            acknowledged, Examples.finding(2, "a", Transition.CLEARED), NOW)
        .orElseThrow();
    assertThat(cleared.kind()).isEqualTo(Change.Kind.RESOLVED);
    assertThat(cleared.alert().endsUs()).isGreaterThan(cleared.alert().startsUs());
  }

  @Test
  void clearingByAnotherRuleChangesNothing() {
    var other = Examples.finding(
        3, 2, "Other", Map.of("host", "a", "severity", "critical"), Transition.CLEARED);
    assertThat(Lifecycle.onFinding(fired(), other, NOW)).isEmpty();
  }

  @Test
  void clearingWhatDoesNotHoldChangesNothing() {
    assertThat(Lifecycle.onFinding(null, Examples.finding(1, "a", Transition.CLEARED), NOW))
        .isEmpty();
  }

  @Test
  void acknowledgingTwiceIsNoError() {
    Alert alert = ((Lifecycle.Acknowledgement.Done) Lifecycle.acknowledge(fired(), "x", "ann", NOW))
        .change()
        .alert();
    assertThat(Lifecycle.acknowledge(alert, "x", "bob", NOW))
        .isInstanceOf(Lifecycle.Acknowledgement.Already.class);
    assertThat(alert.acknowledgedBy()).isEqualTo("ann");
  }

  @Test
  void postedAlertExpiresUnlessPostedAgain() {
    Alert alert =
        Lifecycle.onPosted(null, posted(0), NOW, 300_000_000).orElseThrow().alert();
    assertThat(Lifecycle.onTime(alert, NOW + 299_999_999)).isEmpty();
    Alert again = Lifecycle.onPosted(alert, posted(0), NOW + 200_000_000, 300_000_000)
        .orElseThrow()
        .alert();
    assertThat(Lifecycle.onTime(again, NOW + 400_000_000)).isEmpty();
    assertThat(Lifecycle.onTime(again, NOW + 500_000_000).orElseThrow().kind())
        .isEqualTo(Change.Kind.RESOLVED);
  }

  @Test
  void postWithAnEndInThePastResolvesOnlyWhatFires() {
    assertThat(Lifecycle.onPosted(null, posted(NOW - 1), NOW, 1)).isEmpty();
    Alert alert =
        Lifecycle.onPosted(null, posted(0), NOW, 300_000_000).orElseThrow().alert();
    assertThat(
            Lifecycle.onPosted(alert, posted(NOW + 1), NOW + 2, 1).orElseThrow().kind())
        .isEqualTo(Change.Kind.RESOLVED);
  }

  @Test
  void postCannotResolveWhatARuleFires() {
    Alert ours = fired();
    Posted post = new Posted(ours.labels(), new TreeMap<>(), 0, NOW - 1, "", "stranger");
    assertThat(Lifecycle.onPosted(ours, post, NOW, 1)).isEmpty();
  }
}
