package io.vedette.alert.route;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Reads Alertmanager's notation: {@code name op value} with {@code =}, {@code !=}, {@code =~}, {@code !~}, the value bare or quoted, several between braces and commas. */
public final class Matchers {
  private final String text;
  private int at;

  private Matchers(String text) {
    this.text = text;
  }

  public static List<Matcher> parse(String text) {
    return new Matchers(text).read();
  }

  public static boolean all(List<Matcher> matchers, Map<String, String> labels) {
    for (Matcher matcher : matchers) {
      if (!matcher.matches(labels)) {
        return false;
      }
    }
    return true;
  }

  private List<Matcher> read() {
    List<Matcher> found = new ArrayList<>();
    skipBlanks();
    boolean braces = take('{');
    skipBlanks();
    while (at < text.length() && text.charAt(at) != '}') {
      found.add(one());
      skipBlanks();
      if (!take(',')) {
        break;
      }
      skipBlanks();
    }
    if (braces && !take('}')) {
      throw broken("a closing }");
    }
    skipBlanks();
    if (at < text.length()) {
      throw broken("a comma or the end");
    }
    if (found.isEmpty() && !braces) {
      throw broken("a matcher such as severity=\"critical\"");
    }
    return List.copyOf(found);
  }

  private Matcher one() {
    String name = at < text.length() && text.charAt(at) == '"' ? quoted() : bare("=!~,}\" \t");
    if (name.isEmpty()) {
      throw broken("a label name");
    }
    skipBlanks();
    boolean equal;
    boolean regex;
    if (take('=')) {
      equal = true;
      regex = take('~');
    } else if (take('!')) {
      equal = false;
      regex = take('~');
      if (!regex && !take('=')) {
        throw broken("!= or !~");
      }
    } else {
      throw broken("one of = != =~ !~");
    }
    skipBlanks();
    String value =
        at < text.length() && text.charAt(at) == '"' ? quoted() : bare(",}\"").stripTrailing();
    return Matcher.of(name, value, regex, equal);
  }

  private String bare(String ends) {
    int from = at;
    while (at < text.length() && ends.indexOf(text.charAt(at)) < 0) {
      at++;
    }
    return text.substring(from, at);
  }

  private String quoted() {
    StringBuilder value = new StringBuilder();
    at++;
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c == '"') {
        return value.toString();
      }
      if (c == '\\' && at < text.length()) {
        char escaped = text.charAt(at++);
        switch (escaped) {
          case 'n' -> value.append('\n');
          case '"', '\\' -> value.append(escaped);
          default -> value.append('\\').append(escaped);
        }
      } else {
        value.append(c);
      }
    }
    throw broken("a closing quote");
  }

  private void skipBlanks() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  private boolean take(char wanted) {
    if (at < text.length() && text.charAt(at) == wanted) {
      at++;
      return true;
    }
    return false;
  }

  private IllegalArgumentException broken(String expected) {
    return new IllegalArgumentException(
        "matcher: " + text + " (at character " + (at + 1) + " expected: " + expected + ")");
  }
}
