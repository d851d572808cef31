package io.vedette.edge.protocol;

import org.jspecify.annotations.Nullable;

/**
 * A place in an ordered topic, written {@code epoch:offset}: the last publication its holder has seen. Offset -1 is before the first record, 0 before the first publication of the other topics.
 */
public record Position(String epoch, long offset) {

  /** The position written in {@code text}, or null when it is none. */
  public static @Nullable Position parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 1 || colon == text.length() - 1 || text.length() > 100) {
      return null;
    }
    try {
      long offset = Long.parseLong(text.substring(colon + 1));
      return offset < -1 ? null : new Position(text.substring(0, colon), offset);
    } catch (NumberFormatException notANumber) {
      return null;
    }
  }

  @Override
  public String toString() {
    return epoch + ":" + offset;
  }
}
