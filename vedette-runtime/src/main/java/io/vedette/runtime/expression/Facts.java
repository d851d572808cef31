package io.vedette.runtime.expression;

import dev.cel.common.values.NullValue;
import dev.cel.runtime.CelVariableResolver;
import io.vedette.model.RecordView;
import io.vedette.model.Sample;
import io.vedette.model.Severity;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What an expression can ask of a record, a sample or another publication: the variables that {@link Expressions} declares. A text that is absent is empty. */
public final class Facts {
  private Facts() {}

  public static CelVariableResolver of(RecordView record) {
    return name -> Optional.ofNullable(member(record, name));
  }

  private static @Nullable Object member(RecordView record, String name) {
    return switch (name) {
      case "time" -> instant(record.timeUs());
      case "observed" -> instant(record.observedUs());
      case "severity_number" -> {
        Severity severity = record.severity();
        yield severity == null ? 0L : (long) severity.number();
      }
      case "attributes" -> clean(record.attributes());
      case "flags" -> record.flags();
      case "record" -> clean(record.members());
      default -> {
        String text = record.text(name);
        yield text == null ? "" : text;
      }
    };
  }

  public static CelVariableResolver of(Sample sample) {
    return name -> Optional.ofNullable(
        switch (name) {
          case "name" -> sample.series().name();
          case "labels" -> sample.series().labels();
          case "value" -> sample.value();
          default -> null;
        });
  }

  /** Of a finding, an alert or a notification: its members, and its labels once more. */
  public static CelVariableResolver ofPublication(RecordView body) {
    return name -> Optional.ofNullable(
        switch (name) {
          case "publication" -> clean(body.members());
          case "labels" ->
            body.members().get("labels") instanceof Map<?, ?> labels ? clean(labels) : Map.of();
          default -> null;
        });
  }

  private static Instant instant(long us) {
    return Instant.ofEpochSecond(
        Math.floorDiv(us, 1_000_000L), Math.floorMod(us, 1_000_000L) * 1000);
  }

  /** CEL has its own null; maps without one are passed as they are. */
  private static Object clean(@Nullable Object value) {
    if (value == null) {
      return NullValue.NULL_VALUE;
    }
    if (value instanceof Map<?, ?> map && holdsNull(map)) {
      Map<Object, Object> copy = new LinkedHashMap<>();
      for (Map.Entry<?, ?> member : map.entrySet()) {
        copy.put(member.getKey(), clean(member.getValue()));
      }
      return copy;
    }
    if (value instanceof List<?> list && holdsNull(list)) {
      List<Object> copy = new ArrayList<>(list.size());
      for (Object member : list) {
        copy.add(clean(member));
      }
      return copy;
    }
    return value;
  }

  private static boolean holdsNull(@Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      for (Object member : map.values()) {
        if (holdsNull(member)) {
          return true;
        }
      }
      return false;
    }
    if (value instanceof List<?> list) {
      for (Object member : list) {
        if (holdsNull(member)) {
          return true;
        }
      }
      return false;
    }
    return value == null;
  }
}
