package io.vedette.analyzer.statistic;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What can be read from a window.
 *
 * @param name as rules write it: {@code count}, {@code p95}, ...
 * @param quantile for {@link Kind#QUANTILE} only
 */
public record Statistic(Kind kind, String name, double quantile) {
  public static final String KNOWN =
      "count, rate, sum, mean, min, max, stddev, last, p50, p95, p99, p999, ...";

  private static final Pattern PERCENTILE = Pattern.compile("p([0-9]{1,5})");

  /** Rate is how many per second: count over the window's size. */
  public enum Kind {
    COUNT,
    RATE,
    SUM,
    MEAN,
    MIN,
    MAX,
    STDDEV,
    LAST,
    QUANTILE
  }

  public static Optional<Statistic> parse(String text) {
    Matcher percentile = PERCENTILE.matcher(text);
    if (percentile.matches()) {
      double q = Double.parseDouble("0." + percentile.group(1));
      return q > 0 ? Optional.of(new Statistic(Kind.QUANTILE, text, q)) : Optional.empty();
    }
    for (Kind kind : Kind.values()) {
      if (kind != Kind.QUANTILE && kind.name().equals(text.toUpperCase(java.util.Locale.ROOT))) {
        return Optional.of(new Statistic(kind, kind.name().toLowerCase(java.util.Locale.ROOT), 0));
      }
    }
    return Optional.empty();
  }

  public boolean needsHistogram() {
    return kind == Kind.QUANTILE;
  }

  /** Grows with every value folded, so a window that is not complete yet says too little. */
  public boolean accumulates() {
    return kind == Kind.COUNT || kind == Kind.RATE || kind == Kind.SUM;
  }

  /** NaN where an empty window has no such value. */
  public double of(WindowValue window, long sizeUs) {
    if (window.count() == 0) {
      return accumulates() ? 0 : Double.NaN;
    }
    return switch (kind) {
      case COUNT -> window.count();
      case RATE -> window.count() * 1e6 / sizeUs;
      case SUM -> window.sum();
      case MEAN -> window.sum() / window.count();
      case MIN -> window.min();
      case MAX -> window.max();
      case STDDEV -> Math.sqrt(window.m2() / window.count());
      case LAST -> window.last();
      case QUANTILE ->
        Math.min(window.max(), Math.max(window.min(), window.histogram().quantile(quantile)));
    };
  }
}
