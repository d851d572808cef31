package io.vedette.analyzer;

import io.vedette.runtime.config.ConfigSection;
import io.vedette.runtime.config.Key;
import java.time.Duration;
import java.util.List;

/** The keys of the analyzer. */
public final class AnalyzerConfig implements ConfigSection {
  public static final Key<Integer> HTTP_PORT =
      Key.port("analyzer.http.port", 8082, "Port of /metrics and /health. 0 takes a free one.");
  public static final Key<Integer> TRAIL =
      Key.integer("analyzer.trail", 1, 1, Integer.MAX_VALUE, "Trail to analyse.");
  public static final Key<String> RULES = Key.string(
      "analyzer.rules.path",
      "config/rules",
      "Folder with rules: imported at the first start, afterwards a proposal for `vedette rules apply`. Without it the shipped rules are proposed.");
  public static final Key<Duration> STORE_INTERVAL = Key.duration(
      "analyzer.store.interval",
      Duration.ofSeconds(5),
      Duration.ZERO,
      Duration.ofMinutes(1),
      "How often state and closed panes are stored. Shorter writes more, longer replays more after a crash and lets charts of the past end earlier.");
  public static final Key<Duration> PANE_RETENTION = Key.duration(
      "analyzer.retention.panes",
      Duration.ofDays(7),
      Duration.ofHours(1),
      Duration.ofDays(3650),
      "How long closed panes are kept: what charts can show. A window longer than that loses panes when its partition moves.");
  public static final Key<Duration> FINDING_RETENTION = Key.duration(
      "analyzer.retention.findings",
      Duration.ofDays(90),
      Duration.ofDays(1),
      Duration.ofDays(3650),
      "How long findings are kept.");

  @Override
  public String name() {
    return "analyzer";
  }

  @Override
  public List<Key<?>> keys() {
    return List.of(HTTP_PORT, TRAIL, RULES, STORE_INTERVAL, PANE_RETENTION, FINDING_RETENTION);
  }
}
