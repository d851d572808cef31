package io.vedette.alert.lifecycle;

import io.vedette.model.Finding;
import io.vedette.model.Stamps;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The moves of an alert's state: each takes the alert as it stands and answers what changes, or nothing. Pure; the caller owns the state. */
public final class Lifecycle {
  private Lifecycle() {}

  /** What a finding does. A clearing by another rule than the alert's own changes nothing, neither does a finding about an alert that has resolved. */
  public static Optional<Change> onFinding(@Nullable Alert current, Finding finding, long nowUs) {
    Cause cause =
        new Cause(finding.rule(), finding.revision(), finding.ruleHash(), finding.evidence(), "");
    return switch (finding.transition()) {
      case PENDING -> Optional.empty();
      case FIRING -> {
        if (current != null && current.active()) {
          Alert refreshed =
              current.refreshed(cause, finding.annotations(), 0, nowUs, finding.stamps());
          yield Optional.of(new Change(Change.Kind.UPDATED, refreshed, Change.VEDETTE));
        }
        Alert fired = new Alert(
            Fingerprint.of(finding.labels()),
            AlertState.FIRING,
            cause,
            finding.labels(),
            finding.annotations(),
            finding.atUs(),
            0,
            0,
            null,
            List.of(),
            List.of(),
            List.of(),
            nowUs,
            finding.stamps());
        yield Optional.of(new Change(Change.Kind.FIRED, fired, Change.VEDETTE));
      }
      case CLEARED -> {
        if (current == null
            || !current.active()
            || !current.cause().rule().equals(finding.rule())) {
          yield Optional.empty();
        }
        // What ended it is in its history; the alert keeps saying what it was about, with the
        // records that raised it.
        Alert resolved = current.resolved(
            current.cause(),
            current.annotations(),
            Math.max(finding.atUs(), current.startsUs()),
            nowUs,
            finding.stamps());
        yield Optional.of(new Change(Change.Kind.RESOLVED, resolved, Change.VEDETTE));
      }
    };
  }

  /**
   * What a post from outside does. A post with an end in the past resolves; any other fires or refreshes, and expires at its end, or after {@code resolveTimeoutUs} when it has none. A
   * rule's alert that holds is the rule's affair: a post about the same labels changes nothing.
   */
  public static Optional<Change> onPosted(
      @Nullable Alert current, Posted posted, long nowUs, long resolveTimeoutUs) {
    boolean holds = current != null && current.active();
    if (current != null && holds && !current.cause().posted()) {
      return Optional.empty();
    }
    Cause cause = new Cause("", 0, "", null, posted.generatorUrl());
    boolean over = posted.endsUs() != 0 && posted.endsUs() <= nowUs;
    if (over) {
      return current != null && holds
          ? Optional.of(new Change(
              Change.Kind.RESOLVED,
              current.resolved(
                  cause,
                  posted.annotations(),
                  Math.max(posted.endsUs(), current.startsUs()),
                  nowUs,
                  Stamps.UNKNOWN),
              posted.principal()))
          : Optional.empty();
    }
    long expiresUs = posted.endsUs() != 0 ? posted.endsUs() : nowUs + resolveTimeoutUs;
    if (current != null && holds) {
      return Optional.of(new Change(
          Change.Kind.UPDATED,
          current.refreshed(cause, posted.annotations(), expiresUs, nowUs, Stamps.UNKNOWN),
          posted.principal()));
    }
    Alert fired = new Alert(
        Fingerprint.of(posted.labels()),
        AlertState.FIRING,
        cause,
        posted.labels(),
        posted.annotations(),
        posted.startsUs() != 0 ? posted.startsUs() : nowUs,
        0,
        expiresUs,
        null,
        List.of(),
        List.of(),
        List.of(),
        nowUs,
        Stamps.UNKNOWN);
    return Optional.of(new Change(Change.Kind.FIRED, fired, posted.principal()));
  }

  /** A posted alert whose time has run out resolves. */
  public static Optional<Change> onTime(Alert current, long nowUs) {
    if (!current.active() || current.expiresUs() == 0 || current.expiresUs() > nowUs) {
      return Optional.empty();
    }
    Alert resolved = current.resolved(
        current.cause(),
        current.annotations(),
        Math.max(current.expiresUs(), current.startsUs()),
        nowUs,
        Stamps.UNKNOWN);
    return Optional.of(new Change(Change.Kind.RESOLVED, resolved, Change.VEDETTE));
  }

  /** Somebody looks after it. Acknowledging twice changes nothing but is no error, so a retry is safe. */
  public static Acknowledgement acknowledge(
      @Nullable Alert current, String fingerprint, String by, long nowUs) {
    if (current == null) {
      return new Acknowledgement.Unknown(fingerprint);
    }
    return switch (current.state()) {
      case FIRING ->
        new Acknowledgement.Done(
            new Change(Change.Kind.ACKNOWLEDGED, current.acknowledged(by, nowUs), by));
      case ACKNOWLEDGED -> new Acknowledgement.Already(current);
      case RESOLVED -> new Acknowledgement.Over(current);
    };
  }

  /** Answer to an acknowledgement. */
  public sealed interface Acknowledgement {
    record Done(Change change) implements Acknowledgement {}

    record Already(Alert alert) implements Acknowledgement {}

    record Over(Alert alert) implements Acknowledgement {}

    record Unknown(String fingerprint) implements Acknowledgement {}
  }
}
