package io.vedette.analyzer.rule;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The part of Prometheus' annotation templates that needs no query: {@code {{ $labels.x }}}, {@code {{ $value }}}, and {@code $value} piped to {@code humanize} or {@code humanizePercentage}. Anything else is
 * refused when the rule is read, not when it fires.
 */
public final class Template {
  static final String EXPECTED =
      "{{ $labels.<name> }}, {{ $value }}, {{ $value | humanize }} or {{ $value | humanizePercentage }}";

  private static final Pattern ACTION = Pattern.compile("\\{\\{(.*?)\\}\\}", Pattern.DOTALL);
  private static final Pattern LABEL =
      Pattern.compile("\\$labels\\.([a-zA-Z_][a-zA-Z0-9_]*)|index \\$labels \"([^\"]+)\"");

  private interface Part {
    String render(Map<String, String> labels, double value);
  }

  private final List<Part> parts;

  private Template(List<Part> parts) {
    this.parts = parts;
  }

  /**
   * Throws with what was found.
   *
   * @throws IllegalArgumentException where the text asks for something else
   */
  public static Template parse(String text) {
    List<Part> parts = new ArrayList<>();
    Matcher action = ACTION.matcher(text);
    int end = 0;
    while (action.find()) {
      literal(parts, text.substring(end, action.start()));
      parts.add(part(action.group(1).strip()));
      end = action.end();
    }
    literal(parts, text.substring(end));
    return new Template(parts);
  }

  private static void literal(List<Part> parts, String text) {
    if (text.contains("{{") || text.contains("}}")) {
      throw new IllegalArgumentException("braces that do not close: " + text.strip());
    }
    if (!text.isEmpty()) {
      parts.add((labels, value) -> text);
    }
  }

  private static Part part(String action) {
    Matcher label = LABEL.matcher(action);
    if (label.matches()) {
      String name = label.group(1) != null ? label.group(1) : label.group(2);
      return (labels, value) -> labels.getOrDefault(name, "");
    }
    return switch (action.replaceAll("\\s+", " ")) {
      case "$value" -> (labels, value) -> plain(value);
      case "$value | humanize" -> (labels, value) -> humanize(value);
      case "$value | humanizePercentage" -> (labels, value) -> significant(value * 100) + "%";
      default -> throw new IllegalArgumentException("{{ " + action + " }}");
    };
  }

  public String render(Map<String, String> labels, double value) {
    StringBuilder text = new StringBuilder();
    for (Part part : parts) {
      text.append(part.render(labels, value));
    }
    return text.toString();
  }

  private static String plain(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }

  private static String humanize(double value) {
    if (!Double.isFinite(value) || value == 0) {
      return plain(value);
    }
    String[] units = {"", "k", "M", "G", "T", "P", "E"};
    double rest = value;
    int unit = 0;
    while (Math.abs(rest) >= 1000 && unit < units.length - 1) {
      rest /= 1000;
      unit++;
    }
    return significant(rest) + units[unit];
  }

  /** Four significant digits, as Prometheus prints. */
  private static String significant(double value) {
    if (!Double.isFinite(value)) {
      return Double.toString(value);
    }
    java.math.BigDecimal rounded =
        new java.math.BigDecimal(value).round(new java.math.MathContext(4)).stripTrailingZeros();
    return String.format(Locale.ROOT, "%s", rounded.toPlainString());
  }
}
