package io.vedette.alert;

import io.vedette.runtime.config.ConfigNode;
import io.vedette.runtime.config.ConfigSection;
import io.vedette.runtime.config.Key;
import java.time.Duration;
import java.util.List;

/** The keys of the alert service. What the trees hold is read by {@link SetupReader}. */
public final class AlertConfig implements ConfigSection {
  public static final Key<Integer> HTTP_PORT =
      Key.port("alert.http.port", 9093, "Port of the Alertmanager API; 0 takes a free one.");
  public static final Key<ConfigNode> ROUTE = Key.tree(
      "alert.route",
      "The routing tree, spelled as Alertmanager's: receiver, matchers, group_by, group_wait, group_interval, repeat_interval, continue, routes. Without it everything goes to the receiver default.");
  public static final Key<ConfigNode> RECEIVERS = Key.tree(
      "alert.receivers",
      "Whom to tell: a list of {name, webhook_configs, email_configs, sms_configs, log_configs, dashboard_configs}. Two are there without being listed: default (log and dashboard) and log.");
  public static final Key<ConfigNode> INHIBIT_RULES = Key.tree(
      "alert.inhibit-rules",
      "Which alerts mute others while they fire: a list of {source_matchers, target_matchers, equal}.");
  public static final Key<Duration> RESOLVE_TIMEOUT = Key.duration(
      "alert.resolve-timeout",
      Duration.ofMinutes(5),
      Duration.ofSeconds(1),
      Duration.ofDays(7),
      "After this long an alert posted from outside without an end resolves unless it was posted again. Shorter than the poster's interval and it flaps.");
  public static final Key<String> EXTERNAL_URL = Key.string(
      "alert.external-url",
      "http://localhost:8080/",
      "Address of the dashboard as readers of notifications can reach it: the link in them.");
  public static final Key<Duration> RETENTION = Key.duration(
      "alert.retention",
      Duration.ofDays(90),
      Duration.ofHours(1),
      Duration.ofDays(3650),
      "How long resolved alerts, their history, notifications and expired silences are kept. Their records in the trail have a retention of their own.");
  public static final Key<Duration> GIVE_UP_AFTER = Key.duration(
      "alert.notify.give-up-after",
      Duration.ofHours(1),
      Duration.ofSeconds(1),
      Duration.ofDays(7),
      "How long sending a notification is tried before it counts as failed. Too short and a receiver's restart loses it; too long and stale news is sent.");
  public static final Key<Duration> RETRY_FIRST = Key.duration(
      "alert.notify.retry-first",
      Duration.ofSeconds(1),
      Duration.ofMillis(10),
      Duration.ofMinutes(10),
      "Wait before the second attempt; doubled for each further one, with jitter.");
  public static final Key<Duration> RETRY_MOST = Key.duration(
      "alert.notify.retry-most",
      Duration.ofMinutes(1),
      Duration.ofMillis(10),
      Duration.ofHours(6),
      "Longest wait between attempts.");
  public static final Key<Integer> MAX_WAITING = Key.integer(
      "alert.notify.max-waiting",
      1000,
      1,
      1_000_000,
      "Most notifications that wait for one integration. When they are reached its groups wait and say later what is true then; nothing is lost.");
  public static final Key<Integer> MAX_INBOX = Key.integer(
      "alert.max-inbox",
      10_000,
      1,
      1_000_000,
      "Most alerts posted from outside that wait to be taken. Beyond it posts get 503 with Retry-After.");
  public static final Key<Duration> TRAIL_SILENT_AFTER = Key.duration(
      "alert.trail-silent-after",
      Duration.ofSeconds(30),
      Duration.ofSeconds(5),
      Duration.ofDays(1),
      "The alert TrailSilent fires when no batch came into the trail for this long by the wall clock: log time stands still then and rules raise nothing. Collectors append every second; shorter than their restart and it cries wolf.");

  @Override
  public String name() {
    return "alert";
  }

  @Override
  public List<Key<?>> keys() {
    return List.of(
        HTTP_PORT,
        ROUTE,
        RECEIVERS,
        INHIBIT_RULES,
        RESOLVE_TIMEOUT,
        EXTERNAL_URL,
        RETENTION,
        GIVE_UP_AFTER,
        RETRY_FIRST,
        RETRY_MOST,
        MAX_WAITING,
        MAX_INBOX,
        TRAIL_SILENT_AFTER);
  }
}
