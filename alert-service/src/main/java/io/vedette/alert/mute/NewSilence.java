package io.vedette.alert.mute;

import io.vedette.alert.route.Matcher;
import java.util.List;

/** A silence as somebody asks for it; {@code id} is empty for a new one and names the one to change otherwise. The constructor refuses what would mute everything or nothing. */
public record NewSilence(
    String id,
    List<Matcher> matchers,
    long startsUs,
    long endsUs,
    String createdBy,
    String comment) {
  /** A silence with more matchers than this is a mistake. */
  static final int MAX_MATCHERS = 64;

  public NewSilence {
    matchers = List.copyOf(matchers);
    if (matchers.isEmpty() || matchers.size() > MAX_MATCHERS) {
      throw new IllegalArgumentException(
          "matchers: " + matchers.size() + " (expected: 1 to " + MAX_MATCHERS + ")");
    }
    if (matchers.stream().allMatch(Matcher::matchesEmpty)) {
      throw new IllegalArgumentException("matchers: " + matchers
          + " (expected: at least one that does not match the empty value)");
    }
    if (endsUs <= startsUs) {
      throw new IllegalArgumentException("endsAt: not after startsAt (expected: a later time)");
    }
    if (createdBy.isBlank()) {
      throw new IllegalArgumentException("createdBy: empty (expected: who asks for the silence)");
    }
  }
}
