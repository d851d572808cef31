package io.vedette.edge.filter;

import io.vedette.model.RecordView;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A member of a publication, or a member of a member: {@code actor}, {@code attributes.http.status} (whose inner name is all behind the first dot). */
record Path(String member, @Nullable String inner) {
  /** Equal to nothing: what a list or an object counts as. */
  private static final Object NOTHING = new Object();

  static Path of(String text) {
    int dot = text.indexOf('.');
    return dot < 0
        ? new Path(text, null)
        : new Path(text.substring(0, dot), text.substring(dot + 1));
  }

  /** The plain value there; null when there is none. */
  @Nullable
  Object in(RecordView facts) {
    Object value = facts.members().get(member);
    if (inner != null) {
      value = value instanceof Map<?, ?> map ? map.get(inner) : null;
    }
    return plain(value);
  }

  /** Numbers are equal by value, whatever their form. */
  static @Nullable Object plain(@Nullable Object value) {
    if (value instanceof Number number) {
      double exact = number.doubleValue();
      return exact == Math.rint(exact) && Math.abs(exact) < 1L << 53
          ? (Object) (long) exact
          : (Object) exact;
    }
    return value == null || value instanceof String || value instanceof Boolean ? value : NOTHING;
  }

  @Override
  public String toString() {
    return inner == null ? member : member + "." + inner;
  }
}
