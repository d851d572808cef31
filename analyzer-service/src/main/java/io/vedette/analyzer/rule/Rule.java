package io.vedette.analyzer.rule;

import io.vedette.analyzer.statistic.Statistic;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A rule as written, complete with its defaults. Equal rules have equal hashes, wherever they stand in a file: that is what keeps their state across revisions.
 *
 * @param kind what it is for: an alert judges, a statistic is published
 * @param where CEL, true for what counts
 * @param groupBy label name to CEL; the name {@code *} stands for an expression that gives a map of labels
 * @param value CEL giving the number to fold; null folds 1 per record, or the sample's value
 * @param statistics one for an alert, any number for a statistic
 * @param condition null for a rule of absence and for a statistic
 * @param absentUs 0 unless the rule fires when a key has been silent for so long
 * @param forgetUs how long a key of an absence rule is remembered after its last record
 */
public record Rule(
    Kind kind,
    String name,
    Input on,
    @Nullable String where,
    Map<String, String> groupBy,
    @Nullable String value,
    long sizeUs,
    long slideUs,
    List<Statistic> statistics,
    @Nullable Condition condition,
    long forUs,
    long keepFiringForUs,
    long absentUs,
    long forgetUs,
    Late late,
    int maxKeys,
    long memoryBytes,
    SortedMap<String, String> labels,
    SortedMap<String, String> annotations) {

  /** A pane is as long as the slide, at most a minute, so that a chart has points. */
  public static final long MAX_PANE_US = 60_000_000;

  /** How long a pane stays open for what arrives late. */
  public static final long LATENESS_US = 10_000_000;

  /** How far ahead of log time an event time may be before log time counts instead. */
  public static final long CLAIM_US = 5_000_000;

  /** Indices kept per key and pane as evidence. */
  public static final int PANE_SAMPLE = 4;

  public enum Kind {
    ALERT,
    STATISTIC
  }

  public enum Input {
    RECORDS,
    SAMPLES
  }

  public enum Late {
    FOLD,
    COUNT
  }

  public Rule {
    groupBy = Collections.unmodifiableMap(new LinkedHashMap<>(groupBy));
    statistics = List.copyOf(statistics);
    labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
    annotations = Collections.unmodifiableSortedMap(new TreeMap<>(annotations));
  }

  public long paneUs() {
    return Math.min(slideUs, MAX_PANE_US);
  }

  public int panesPerWindow() {
    return (int) (sizeUs / paneUs());
  }

  /** Panes that may still change, the current one included. */
  public int openPanes() {
    return ceilDiv(LATENESS_US, paneUs()) + 1;
  }

  /** Panes in memory per key: the windows that end at an open pane, and those ahead of log time. */
  public int ringPanes() {
    return panesPerWindow() + openPanes() + ceilDiv(CLAIM_US, paneUs()) + 1;
  }

  public boolean needsHistogram() {
    return statistics.stream().anyMatch(Statistic::needsHistogram);
  }

  public boolean isAbsence() {
    return absentUs > 0;
  }

  /** True where a window that is not complete yet would hold the condition by mistake: a count that has to be small. */
  public boolean judgesCompleteWindowsOnly() {
    return condition != null && statistics.get(0).accumulates() && !condition.risesOnly();
  }

  /** Keys are hashed over 64 partitions; a partition takes twice its share and 16 more, so that an uneven hash refuses nothing. */
  public int maxKeysPerPartition() {
    return 2 * ceilDiv(maxKeys, 64) + 16;
  }

  /** Nine fields of 8 bytes, the sample of indices for records, and where a quantile is asked for one histogram of at most 1 KiB. */
  public int paneBytes() {
    return 72
        + (on == Input.RECORDS ? 8 * PANE_SAMPLE : 0)
        + (needsHistogram() ? 8 * io.vedette.analyzer.statistic.Histogram.MAX_BUCKETS : 0);
  }

  /** What the rule may need at most on all partitions together. */
  public long maxBytes() {
    return 64L * maxKeysPerPartition() * ringPanes() * paneBytes();
  }

  private static int ceilDiv(long dividend, long divisor) {
    return (int) ((dividend + divisor - 1) / divisor);
  }

  /** Hex SHA-256 over all that decides what the rule does and says. */
  public String hash() {
    StringBuilder text = new StringBuilder("rule.v1");
    for (Object part : new Object[] {
      kind,
      name,
      on,
      where,
      groupBy,
      value,
      sizeUs,
      slideUs,
      statistics,
      condition,
      forUs,
      keepFiringForUs,
      absentUs,
      forgetUs,
      late,
      maxKeys,
      memoryBytes,
      labels,
      annotations
    }) {
      String written = String.valueOf(part);
      text.append('\n').append(written.length()).append(':').append(written);
    }
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256")
              .digest(text.toString().getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("SHA-256 is part of every JDK", impossible);
    }
  }
}
