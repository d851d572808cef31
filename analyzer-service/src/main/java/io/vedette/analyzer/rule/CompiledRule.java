package io.vedette.analyzer.rule;

import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelVariableResolver;
import io.vedette.model.RecordView;
import io.vedette.model.Sample;
import io.vedette.model.Series;
import io.vedette.runtime.expression.BadExpression;
import io.vedette.runtime.expression.Expressions;
import io.vedette.runtime.expression.Facts;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A rule with its expressions compiled: says to which group a record or sample belongs and what it adds. Evaluation errors are counted and match nothing. Not thread safe: it remembers keys (at most {@link
 * #REMEMBERED}).
 */
public final class CompiledRule {
  /** Name under which the whole series becomes the key of a sample. */
  public static final String SERIES_NAME = "__name__";

  private static final int REMEMBERED = 50_000;

  private final Rule rule;
  private final String hash;
  private final CelRuntime.@Nullable Program where;
  private final Map<String, CelRuntime.Program> groupBy = new LinkedHashMap<>();
  private final CelRuntime.@Nullable Program value;
  private final Map<String, Template> annotations = new LinkedHashMap<>();
  private final Map<String, Template> labels = new LinkedHashMap<>();
  private final boolean namesVedette;
  private final LongAdder errors = new LongAdder();
  private final Map<SortedMap<String, String>, GroupKey> keys = new HashMap<>();
  private final Map<Series, Optional<GroupKey>> series = new HashMap<>();

  /** What a record or sample adds to a group. */
  public record Match(GroupKey key, double value) {}

  CompiledRule(Rule rule) throws BadExpression {
    this.rule = rule;
    this.hash = rule.hash();
    boolean records = rule.on() == Rule.Input.RECORDS;
    this.where = rule.where() == null ? null : compileKey(rule.where(), records, SimpleType.BOOL);
    for (Map.Entry<String, String> group : rule.groupBy().entrySet()) {
      groupBy.put(group.getKey(), compileKey(group.getValue(), records, SimpleType.DYN));
    }
    String number = rule.value();
    this.value = number == null
        ? null
        : records
            ? Expressions.ofRecord(number, SimpleType.DYN)
            : Expressions.ofSample(number, SimpleType.DYN);
    rule.annotations().forEach((name, text) -> annotations.put(name, Template.parse(text)));
    rule.labels().forEach((name, text) -> labels.put(name, Template.parse(text)));
    String text = rule.where() == null ? "" : rule.where();
    this.namesVedette = text.contains("\"vedette\"") || text.contains("'vedette'");
  }

  private static CelRuntime.Program compileKey(String text, boolean records, CelType wanted)
      throws BadExpression {
    return records ? Expressions.ofRecord(text, wanted) : Expressions.ofSeries(text, wanted);
  }

  public Rule rule() {
    return rule;
  }

  public String hash() {
    return hash;
  }

  /** Evaluations that failed since this process compiled the rule. */
  public long errors() {
    return errors.sum();
  }

  /** Null where the rule does not count this record. */
  public @Nullable Match match(RecordView record) {
    if (record.source().equals("vedette") && !namesVedette) {
      return null;
    }
    CelVariableResolver facts = Facts.of(record);
    try {
      GroupKey key = key(facts);
      if (key == null) {
        return null;
      }
      double number = value == null ? 1 : number(value.eval(facts));
      return finite(key, number);
    } catch (CelEvaluationException | RuntimeException failed) {
      errors.increment();
      return null;
    }
  }

  /** Null where the rule does not count this sample. */
  public @Nullable Match match(Sample sample) {
    Optional<GroupKey> key = series.get(sample.series());
    if (key == null) {
      key = keyOf(sample);
      if (series.size() >= REMEMBERED) {
        series.clear();
      }
      series.put(sample.series(), key);
    }
    if (key.isEmpty()) {
      return null;
    }
    try {
      return finite(
          key.get(), value == null ? sample.value() : number(value.eval(Facts.of(sample))));
    } catch (CelEvaluationException | RuntimeException failed) {
      errors.increment();
      return null;
    }
  }

  private Optional<GroupKey> keyOf(Sample sample) {
    try {
      return Optional.ofNullable(key(Facts.of(sample)));
    } catch (CelEvaluationException | RuntimeException failed) {
      errors.increment();
      return Optional.empty();
    }
  }

  /** NaN and infinity would stay in every window; they are counted as errors. */
  private @Nullable Match finite(GroupKey key, double number) {
    if (!Double.isFinite(number)) {
      errors.increment();
      return null;
    }
    return new Match(key, number);
  }

  private @Nullable GroupKey key(CelVariableResolver facts) throws CelEvaluationException {
    if (where != null && !Boolean.TRUE.equals(where.eval(facts))) {
      return null;
    }
    SortedMap<String, String> key = new TreeMap<>();
    for (Map.Entry<String, CelRuntime.Program> group : groupBy.entrySet()) {
      if (!put(key, group.getKey(), group.getValue().eval(facts))) {
        return null;
      }
    }
    GroupKey known = keys.get(key);
    if (known == null) {
      known = GroupKey.of(rule.name(), key);
      if (keys.size() >= REMEMBERED) {
        keys.clear();
      }
      keys.put(key, known);
    }
    return known;
  }

  /** False where there is no value: such a record matches nothing. */
  private static boolean put(SortedMap<String, String> key, String name, Object result) {
    Object found = result;
    if (found instanceof Optional<?> optional) {
      if (optional.isEmpty()) {
        return false;
      }
      found = optional.get();
    }
    if (name.equals(Selection.ALL_LABELS)) {
      if (!(found instanceof Map<?, ?> map)) {
        throw new IllegalArgumentException("group_by: " + found + " (expected: a map)");
      }
      map.forEach((label, text) -> key.put(String.valueOf(label), String.valueOf(text)));
      return true;
    }
    if (found instanceof dev.cel.common.values.NullValue) {
      return false;
    }
    String text = String.valueOf(found);
    key.put(name, text);
    return !text.isEmpty();
  }

  private static double number(Object result) {
    Object found = result instanceof Optional<?> optional ? optional.orElse(null) : result;
    if (found instanceof Number number) {
      return number.doubleValue();
    }
    throw new IllegalArgumentException("value: " + found + " (expected: a number)");
  }

  public SortedMap<String, String> labels(GroupKey key, double number) {
    SortedMap<String, String> all = new TreeMap<>(key.labels());
    labels.forEach((name, template) -> all.put(name, template.render(key.labels(), number)));
    all.put("alertname", rule.name());
    return all;
  }

  public SortedMap<String, String> annotations(SortedMap<String, String> allLabels, double number) {
    SortedMap<String, String> all = new TreeMap<>();
    annotations.forEach((name, template) -> all.put(name, template.render(allLabels, number)));
    return all;
  }
}
