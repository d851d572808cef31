package io.vedette.runtime.expression;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * How many steps a regular expression becomes when it is compiled, from its text alone: repetitions are written out, and those within each other multiply, so that {@code (((a{100}){100}){100})} would be a million. A rough count, not
 * less than half of the truth; what is no expression at all is for the compiler to refuse. Pure functions.
 */
public final class RegexSize {
  private final String text;

  /** Sizes of what was read of each open group; the innermost last. */
  private final Deque<Long> groups = new ArrayDeque<>();

  private int at;
  private long group;
  private long atom;

  private RegexSize(String text) {
    this.text = text;
  }

  public static long of(String text) {
    return new RegexSize(text).count();
  }

  private long count() {
    while (at < text.length()) {
      char next = text.charAt(at++);
      switch (next) {
        case '(' -> {
          take(0);
          groups.push(group);
          group = 0;
        }
        case ')' -> {
          take(0);
          long inner = group + 1;
          group = groups.isEmpty() ? 0 : groups.pop();
          atom = inner;
        }
        case '[' -> {
          skipClass();
          take(1);
        }
        case '\\' -> escaped();
        case '{' -> repeat();
        case '*', '+', '?', '|' -> atom++;
        default -> take(1);
      }
    }
    take(0);
    long all = group;
    for (long open : groups) {
      all += open;
    }
    return all;
  }

  /** What was read last belongs to its group now, and this takes its place. */
  private void take(long size) {
    group = Math.min(Long.MAX_VALUE / 4_000, group + atom);
    atom = size;
  }

  private void skipClass() {
    if (text.startsWith("^", at)) {
      at++;
    }
    if (text.startsWith("]", at)) {
      at++;
    }
    while (at < text.length() && text.charAt(at) != ']') {
      boolean named = text.startsWith("[:", at) && text.indexOf(":]", at) > 0;
      at = named ? text.indexOf(":]", at) + 2 : at + (text.charAt(at) == '\\' ? 2 : 1);
    }
    at++;
  }

  private void escaped() {
    char name = at < text.length() ? text.charAt(at) : ' ';
    at++;
    if (name == 'Q') {
      int end = text.indexOf("\\E", at);
      int quoted = end < 0 ? text.length() : end;
      take(Math.max(0, quoted - at));
      at = quoted + 2;
      return;
    }
    take(1);
    if ((name == 'p' || name == 'P' || name == 'x') && text.startsWith("{", at)) {
      int end = text.indexOf('}', at);
      at = end < 0 ? text.length() : end + 1;
    }
  }

  /** {@code {n}}, {@code {n,}}, {@code {n,m}}; any other brace is a letter. */
  private void repeat() {
    int end = text.indexOf('}', at);
    String inside = end < 0 ? "" : text.substring(at, end);
    if (!inside.matches("\\d{1,4}(,\\d{0,4})?")) {
      take(1);
      return;
    }
    at = end + 1;
    int comma = inside.indexOf(',');
    String most = comma < 0 || comma == inside.length() - 1
        ? inside.substring(0, comma < 0 ? inside.length() : comma)
        : inside.substring(comma + 1);
    atom = Math.min(Long.MAX_VALUE / 4_000, atom * Math.max(1, Long.parseLong(most)));
  }
}
