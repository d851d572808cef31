package io.vedette.edge.filter;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.vedette.runtime.expression.RegexSize;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which series of a state topic a subscription wants, as Prometheus writes it: {@code {host="a",unit!~"x.*"}}. A label that is not there is empty. Bounded by length and matchers; its expressions need time in proportion to what they read. */
public final class Selector implements Sieve {
  private static final int MAX_LENGTH = 1_000;
  private static final int MAX_MATCHERS = 16;

  /** Of all expressions together: they are compiled on the loop that serves the sessions, which takes about a millisecond then. */
  private static final int MAX_STEPS = 2_000;

  private enum Relation {
    EQUAL("="),
    NOT_EQUAL("!="),
    LIKE("=~"),
    UNLIKE("!~");

    final String sign;

    Relation(String sign) {
      this.sign = sign;
    }
  }

  private record Matcher(
      String label,
      Relation relation,
      String value,
      @Nullable Pattern pattern) {
    boolean matches(String found) {
      boolean same = pattern == null ? found.equals(value) : pattern.matches(found);
      return same == (relation == Relation.EQUAL || relation == Relation.LIKE);
    }
  }

  private final String text;
  private final List<Matcher> matchers;

  private Selector(String text, List<Matcher> matchers) {
    this.text = text;
    this.matchers = List.copyOf(matchers);
  }

  /** The selector in a registration's header. */
  public static Selector of(String text) throws BadWish {
    return new Parser(text).parse();
  }

  /** Equal for selectors that say the same in the same words. */
  public String text() {
    return text;
  }

  public boolean matches(Map<String, String> labels) {
    for (Matcher matcher : matchers) {
      if (!matcher.matches(labels.getOrDefault(matcher.label(), ""))) {
        return false;
      }
    }
    return true;
  }

  private static final class Parser {
    private final String text;
    private final StringBuilder canonical = new StringBuilder("{");
    private int at;
    private long steps;

    Parser(String text) {
      this.text = text;
    }

    Selector parse() throws BadWish {
      if (text.length() > MAX_LENGTH) {
        throw new BadWish("headers.selector: " + text.length() + " characters (expected: at most "
            + MAX_LENGTH + ")");
      }
      List<Matcher> matchers = new ArrayList<>();
      expect("{");
      while (!skipped().startsWith("}", at)) {
        if (!matchers.isEmpty()) {
          expect(",");
          if (skipped().startsWith("}", at)) {
            break;
          }
        }
        matchers.add(matcher());
        if (matchers.size() > MAX_MATCHERS) {
          throw wrong(at, "a matcher too many", "at most " + MAX_MATCHERS);
        }
      }
      expect("}");
      if (skipped().length() > at) {
        throw wrong(at, "more behind the selector", "nothing");
      }
      if (matchers.isEmpty()) {
        throw wrong(0, "no matcher", "at least one; leave the selector out to get all");
      }
      return new Selector(canonical.append('}').toString(), matchers);
    }

    private Matcher matcher() throws BadWish {
      int begin = at;
      while (at < text.length()
          && (Character.isLetterOrDigit(text.charAt(at))
              || "_.:/-".indexOf(text.charAt(at)) >= 0)) {
        at++;
      }
      String label = text.substring(begin, at);
      if (label.isEmpty()) {
        throw wrong(begin, found(begin), "a label's name");
      }
      Relation relation = relation();
      int valueAt = skipped().length() > at ? at : text.length();
      String value = quoted();
      canonical
          .append(label)
          .append(relation.sign)
          .append('"')
          .append(value.replace("\\", "\\\\").replace("\"", "\\\""))
          .append("\",");
      boolean expression = relation == Relation.LIKE || relation == Relation.UNLIKE;
      steps += expression ? RegexSize.of(value) : 0;
      if (steps > MAX_STEPS) {
        throw wrong(
            valueAt,
            "expressions of " + steps + " steps, repetitions written out",
            "at most " + MAX_STEPS);
      }
      try {
        return new Matcher(label, relation, value, expression ? Pattern.compile(value) : null);
      } catch (PatternSyntaxException bad) {
        throw wrong(
            valueAt, String.valueOf(bad.getMessage()), "a regular expression as RE2 has it");
      }
    }

    private Relation relation() throws BadWish {
      skipped();
      Relation found = null;
      for (Relation relation : Relation.values()) {
        if (text.startsWith(relation.sign, at)
            && (found == null || relation.sign.length() > found.sign.length())) {
          found = relation;
        }
      }
      if (found == null) {
        throw wrong(at, found(at), "one of = != =~ !~");
      }
      at += found.sign.length();
      return found;
    }

    private String quoted() throws BadWish {
      int begin = at;
      char quote = begin < text.length() ? text.charAt(begin) : ' ';
      if (quote != '"' && quote != '\'') {
        throw wrong(begin, found(begin), "a quoted value");
      }
      StringBuilder value = new StringBuilder();
      for (at++; at < text.length(); at++) {
        char next = text.charAt(at);
        if (next == quote) {
          at++;
          return value.toString();
        }
        if (next == '\\' && at + 1 < text.length()) {
          char escaped = text.charAt(++at);
          value.append(
              escaped == 'n'
                  ? "\n"
                  : escaped == '"' || escaped == '\'' || escaped == '\\'
                      ? String.valueOf(escaped)
                      : "\\" + escaped);
        } else {
          value.append(next);
        }
      }
      throw wrong(begin, "a value without end", "a closing " + quote);
    }

    private void expect(String sign) throws BadWish {
      if (!skipped().startsWith(sign, at)) {
        throw wrong(at, found(at), sign);
      }
      at++;
      skipped();
    }

    /** The text, with the blanks at this place passed over. */
    private String skipped() {
      while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
        at++;
      }
      return text;
    }

    private String found(int position) {
      return position >= text.length() ? "the end" : "'" + text.charAt(position) + "'";
    }

    private static BadWish wrong(int position, String found, String expected) {
      return new BadWish("headers.selector: column " + (position + 1) + ": " + found
          + " (expected: " + expected + ")");
    }
  }
}
