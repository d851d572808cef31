package io.vedette.alert;

import io.vedette.alert.lifecycle.Alert;
import io.vedette.alert.lifecycle.Change;
import io.vedette.alert.mute.Silence;
import io.vedette.alert.notify.Changes;
import io.vedette.alert.wire.Times;
import io.vedette.model.Evidence;
import io.vedette.model.Outcome;
import io.vedette.model.RecordDraft;
import io.vedette.model.Severity;
import io.vedette.store.alert.NotificationRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What the alert service writes into the trail: what happened to alerts and silences and who did it, and what became of every notification. */
final class Drafts {
  private static final Map<String, Severity> SEVERITIES = Map.of(
      "critical",
      Severity.ERROR,
      "page",
      Severity.ERROR,
      "error",
      Severity.ERROR,
      "fatal",
      Severity.FATAL,
      "info",
      Severity.INFO,
      "none",
      Severity.INFO);

  private Drafts() {}

  static List<RecordDraft> of(Changes changes, long nowUs) {
    List<RecordDraft> drafts = new ArrayList<>();
    for (Change change : changes.alerts()) {
      if (change.kind().recorded()) {
        drafts.add(alert(change, nowUs));
      }
    }
    changes.silences().forEach(change -> drafts.add(silence(change, nowUs)));
    return drafts;
  }

  private static RecordDraft alert(Change change, long nowUs) {
    Alert alert = change.alert();
    RecordDraft.Builder draft = RecordDraft.builder()
        .kind("alert")
        .observedUs(nowUs)
        .actor(change.actor())
        .action("alert." + change.kind().text())
        .target(alert.fingerprint())
        .outcome(Outcome.SUCCESS)
        .severity(
            change.kind() == Change.Kind.FIRED
                ? SEVERITIES.getOrDefault(
                    alert.labels().getOrDefault("severity", ""), Severity.WARN)
                : Severity.INFO)
        .message("alert " + alert.name() + " " + change.kind().text())
        .attribute("labels", alert.labels())
        .attribute("startsAt", Times.text(alert.startsUs()))
        .attribute("receivers", alert.receivers());
    if (!alert.silencedBy().isEmpty()) {
      draft.attribute("silencedBy", alert.silencedBy());
    }
    if (!alert.inhibitedBy().isEmpty()) {
      draft.attribute("inhibitedBy", alert.inhibitedBy());
    }
    if (!alert.cause().posted()) {
      draft
          .attribute("rule", alert.cause().rule())
          .attribute("revision", alert.cause().revision())
          .attribute("ruleHash", alert.cause().ruleHash());
    }
    Evidence evidence = alert.cause().evidence();
    if (evidence != null) {
      if (Double.isFinite(evidence.value())) {
        draft.attribute("value", evidence.value()).attribute("threshold", evidence.threshold());
      }
      draft
          .attribute("comparison", evidence.comparison())
          .attribute("count", evidence.count())
          .attribute("windowStart", Times.text(evidence.windowStartUs()))
          .attribute("windowEnd", Times.text(evidence.windowEndUs()))
          .attribute("firstIndex", evidence.firstIndex())
          .attribute("lastIndex", evidence.lastIndex())
          .attribute("sample", evidence.sample());
    }
    return draft.build();
  }

  private static RecordDraft silence(Changes.SilenceChange change, long nowUs) {
    Silence silence = change.silence();
    return RecordDraft.builder()
        .kind("alert")
        .observedUs(nowUs)
        .actor(change.actor())
        .action(change.action())
        .target(silence.id())
        .outcome(Outcome.SUCCESS)
        .severity(Severity.INFO)
        .message(silence.comment().isEmpty() ? change.action() : silence.comment())
        .attribute("matchers", silence.matchers().stream().map(Object::toString).toList())
        .attribute("startsAt", Times.text(silence.startsUs()))
        .attribute("endsAt", Times.text(silence.endsUs()))
        .attribute("createdBy", silence.createdBy())
        .build();
  }

  /** {@code action}: sent, retry or failed. */
  static RecordDraft notification(
      NotificationRow row,
      String action,
      String detail,
      String providerId,
      String duplicate,
      long nowUs) {
    RecordDraft.Builder draft = RecordDraft.builder()
        .kind("notification")
        .observedUs(nowUs)
        .actor(Change.VEDETTE)
        .action("notification." + action)
        .target(row.receiver() + "/" + row.integration())
        .outcome(action.equals("sent") ? Outcome.SUCCESS : Outcome.FAILURE)
        .severity(
            action.equals("sent")
                ? Severity.INFO
                : action.equals("retry") ? Severity.WARN : Severity.ERROR)
        .message("notification to " + row.receiver() + " " + action
            + (detail.isEmpty() ? "" : ": " + detail))
        .attribute("notification", row.id())
        .attribute("attempt", row.attempt())
        .attribute("reason", row.reason())
        .attribute("group", row.groupKey())
        .attribute("alerts", row.fingerprints());
    if (!providerId.isEmpty()) {
      draft.attribute("providerId", providerId);
    }
    if (!duplicate.isEmpty()) {
      draft.attribute("possibleDuplicate", duplicate);
    }
    return draft.build();
  }
}
