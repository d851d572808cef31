package io.vedette.alert.mute;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The silences of a trail that have not expired. Not thread safe. */
public final class Silences {
  private final Map<String, Silence> byId = new LinkedHashMap<>();

  public void put(Silence silence) {
    byId.put(silence.id(), silence);
  }

  public @Nullable Silence get(String id) {
    return byId.get(id);
  }

  public Collection<Silence> all() {
    return List.copyOf(byId.values());
  }

  public int size() {
    return byId.size();
  }

  /** Ids of the silences that mute these labels now. */
  public List<String> muting(Map<String, String> labels, long nowUs) {
    List<String> ids = new ArrayList<>();
    for (Silence silence : byId.values()) {
      if (silence.mutes(labels, nowUs)) {
        ids.add(silence.id());
      }
    }
    return ids;
  }

  /** Whether some silence began or ended in the time after {@code fromUs} up to {@code toUs}. */
  public boolean turned(long fromUs, long toUs) {
    for (Silence silence : byId.values()) {
      if (silence.active(fromUs) != silence.active(toUs)) {
        return true;
      }
    }
    return false;
  }

  public void forgetExpired(long nowUs) {
    byId.values().removeIf(silence -> silence.expired(nowUs));
  }

  /**
   * What asking for a silence does: the rows to write, the wanted one last. A silence can be changed in place while it lives and its matchers stay; otherwise the old one expires and a new
   * one with another id takes its place.
   */
  public List<Silence> set(NewSilence wanted, long nowUs, Supplier<String> newId) {
    Silence old = byId.get(wanted.id());
    long startsUs = Math.max(wanted.startsUs(), nowUs);
    if (old == null || old.expired(nowUs)) {
      return List.of(silence(newId.get(), wanted, startsUs, nowUs));
    }
    if (old.matchers().equals(wanted.matchers())) {
      long begun = old.active(nowUs) ? old.startsUs() : startsUs;
      return List.of(silence(old.id(), wanted, begun, nowUs));
    }
    return List.of(old.expiredAt(nowUs), silence(newId.get(), wanted, startsUs, nowUs));
  }

  /** The silence ended now; empty when there is none by this id that lives. */
  public Optional<Silence> expire(String id, long nowUs) {
    Silence silence = byId.get(id);
    return silence == null || silence.expired(nowUs)
        ? Optional.empty()
        : Optional.of(silence.expiredAt(nowUs));
  }

  private static Silence silence(String id, NewSilence wanted, long startsUs, long nowUs) {
    return new Silence(
        id,
        wanted.matchers(),
        startsUs,
        wanted.endsUs(),
        wanted.createdBy(),
        wanted.comment(),
        nowUs);
  }
}
