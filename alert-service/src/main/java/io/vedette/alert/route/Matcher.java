package io.vedette.alert.route;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A condition on one label; a label that is not there counts as empty. Regular expressions are RE2 (linear time) and match the whole value, both as in Alertmanager.
 */
public final class Matcher {
  /** Longest regular expression: keeps compiling one cheap. */
  static final int MAX_PATTERN_CHARS = 1024;

  private final String name;
  private final String value;
  private final boolean regex;
  private final boolean equal;
  private final @Nullable Pattern pattern;

  private Matcher(
      String name, String value, boolean regex, boolean equal, @Nullable Pattern pattern) {
    this.name = name;
    this.value = value;
    this.regex = regex;
    this.equal = equal;
    this.pattern = pattern;
  }

  /** Throws IllegalArgumentException that shows the offending part. */
  public static Matcher of(String name, String value, boolean regex, boolean equal) {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("matcher: empty label name (expected: a label name)");
    }
    if (!regex) {
      return new Matcher(name, value, false, equal, null);
    }
    if (value.length() > MAX_PATTERN_CHARS) {
      throw new IllegalArgumentException("matcher " + name + ": pattern of " + value.length()
          + " characters (expected: at most " + MAX_PATTERN_CHARS + ")");
    }
    try {
      return new Matcher(
          name, value, true, equal, Pattern.compile("^(?:" + value + ")$", Pattern.DOTALL));
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "matcher " + name + ": " + value + " (expected: an RE2 regular expression; "
              + e.getDescription() + ")",
          e);
    }
  }

  public String name() {
    return name;
  }

  public String value() {
    return value;
  }

  public boolean isRegex() {
    return regex;
  }

  public boolean isEqual() {
    return equal;
  }

  public boolean matches(Map<String, String> labels) {
    return matchesValue(labels.getOrDefault(name, ""));
  }

  /** Whether it also holds for labels that do not have the name at all. */
  public boolean matchesEmpty() {
    return matchesValue("");
  }

  private boolean matchesValue(String found) {
    boolean same = pattern != null ? pattern.matcher(found).matches() : value.equals(found);
    return same == equal;
  }

  /** As Alertmanager writes it: {@code name=~"value"}. */
  @Override
  public String toString() {
    String operator = regex ? (equal ? "=~" : "!~") : (equal ? "=" : "!=");
    return name + operator + Quoted.of(value);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Matcher that
        && name.equals(that.name)
        && value.equals(that.value)
        && regex == that.regex
        && equal == that.equal;
  }

  @Override
  public int hashCode() {
    return toString().hashCode();
  }
}
