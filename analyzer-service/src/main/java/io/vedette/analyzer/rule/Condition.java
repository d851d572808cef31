package io.vedette.analyzer.rule;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A comparison with a number, as in {@code > 0.9}. NaN never satisfies it. */
public record Condition(String comparison, double threshold) {
  public static final String EXPECTED =
      "one of > >= < <= == != and a number, for example \"> 0.9\"";

  private static final Pattern FORM = Pattern.compile("\\s*(>=|<=|==|!=|>|<)\\s*(\\S+)\\s*");

  public static Optional<Condition> parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      return Optional.empty();
    }
    try {
      double threshold = Double.parseDouble(form.group(2));
      return Double.isFinite(threshold)
          ? Optional.of(new Condition(form.group(1), threshold))
          : Optional.empty();
    } catch (NumberFormatException notANumber) {
      return Optional.empty();
    }
  }

  public boolean holds(double value) {
    if (Double.isNaN(value)) {
      return false;
    }
    return switch (comparison) {
      case ">" -> value > threshold;
      case ">=" -> value >= threshold;
      case "<" -> value < threshold;
      case "<=" -> value <= threshold;
      case "==" -> value == threshold;
      default -> value != threshold;
    };
  }

  /** True where more can only help: {@code >} and {@code >=}. */
  boolean risesOnly() {
    return comparison.startsWith(">");
  }

  @Override
  public String toString() {
    return comparison + " " + threshold;
  }
}
