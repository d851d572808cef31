package io.vedette.alert.mute;

import io.vedette.alert.route.Matcher;
import io.vedette.alert.route.Matchers;
import java.util.List;
import java.util.Map;

/** Mutes what its matchers match from {@code startsUs} until {@code endsUs}. */
public record Silence(
    String id,
    List<Matcher> matchers,
    long startsUs,
    long endsUs,
    String createdBy,
    String comment,
    long updatedUs) {
  public Silence {
    matchers = List.copyOf(matchers);
  }

  public boolean pending(long nowUs) {
    return nowUs < startsUs;
  }

  public boolean active(long nowUs) {
    return startsUs <= nowUs && nowUs < endsUs;
  }

  public boolean expired(long nowUs) {
    return nowUs >= endsUs;
  }

  public String state(long nowUs) {
    return expired(nowUs) ? "expired" : pending(nowUs) ? "pending" : "active";
  }

  public boolean mutes(Map<String, String> labels, long nowUs) {
    return active(nowUs) && Matchers.all(matchers, labels);
  }

  public Silence expiredAt(long nowUs) {
    return new Silence(id, matchers, Math.min(startsUs, nowUs), nowUs, createdBy, comment, nowUs);
  }
}
