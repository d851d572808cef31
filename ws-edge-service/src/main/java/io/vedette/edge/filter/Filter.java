package io.vedette.edge.filter;

import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import io.vedette.edge.protocol.ServerFrames;
import io.vedette.model.RecordView;
import io.vedette.runtime.expression.Facts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** Which publications of a topic a subscription wants. Filters with the same key want the same. Thread safe. */
public abstract sealed class Filter implements Sieve {
  private final String key;

  private Filter(String key) {
    this.key = key;
  }

  /** What makes two filters of a topic the same. */
  final String key() {
    return key;
  }

  /** Whether the publication is wanted. What cannot be evaluated is not: as in rules. */
  public abstract boolean matches(RecordView facts);

  /** Every path has one of its values. */
  static final class Equality extends Filter {
    private final List<Path> paths;
    private final List<List<@Nullable Object>> values;

    Equality(SortedMap<String, List<@Nullable Object>> wanted) {
      super(key(wanted));
      this.paths = wanted.keySet().stream().map(Path::of).toList();
      this.values = new ArrayList<>(wanted.values());
    }

    private static String key(SortedMap<String, List<@Nullable Object>> wanted) {
      StringBuilder key = new StringBuilder("=");
      wanted.forEach((field, values) -> {
        key.append(ServerFrames.quote(field));
        values.forEach(value -> key.append(' ')
            .append(value instanceof String text ? ServerFrames.quote(text) : value));
      });
      return key.toString();
    }

    List<Path> paths() {
      return paths;
    }

    /** Every combination of values that matches, as {@link #valueOf} gives it. */
    List<@Nullable Object> combinations() {
      List<List<@Nullable Object>> combinations = List.of(List.of());
      for (List<@Nullable Object> choices : values) {
        List<List<@Nullable Object>> longer = new ArrayList<>();
        for (List<@Nullable Object> begun : combinations) {
          for (Object choice : choices) {
            List<@Nullable Object> next = new ArrayList<>(begun);
            next.add(choice);
            longer.add(next);
          }
        }
        combinations = longer;
      }
      List<@Nullable Object> keys = new ArrayList<>();
      for (List<@Nullable Object> combination : combinations) {
        keys.add(combination.size() == 1 ? combination.get(0) : combination);
      }
      return keys;
    }

    /** What a publication has at these paths: the value itself for one, a list for several. */
    static @Nullable Object valueOf(List<Path> paths, RecordView facts) {
      if (paths.size() == 1) {
        return paths.get(0).in(facts);
      }
      @Nullable Object[] found = new Object[paths.size()];
      for (int i = 0; i < found.length; i++) {
        found[i] = paths.get(i).in(facts);
      }
      return Arrays.asList(found);
    }

    @Override
    public boolean matches(RecordView facts) {
      for (int i = 0; i < paths.size(); i++) {
        if (!values.get(i).contains(paths.get(i).in(facts))) {
          return false;
        }
      }
      return true;
    }
  }

  /** A CEL expression is true. */
  static final class Condition extends Filter {
    private final String text;
    private final CelRuntime.Program program;
    private final boolean ofRecord;

    Condition(String text, CelRuntime.Program program, boolean ofRecord) {
      super(key(text));
      this.text = text;
      this.program = program;
      this.ofRecord = ofRecord;
    }

    static String key(String text) {
      return "?" + text;
    }

    /** The same wish, another filter. */
    Condition anew() {
      return new Condition(text, program, ofRecord);
    }

    @Override
    public boolean matches(RecordView facts) {
      try {
        return Boolean.TRUE.equals(
            program.eval(ofRecord ? Facts.of(facts) : Facts.ofPublication(facts)));
      } catch (CelEvaluationException notForThisOne) {
        return false;
      }
    }
  }
}
