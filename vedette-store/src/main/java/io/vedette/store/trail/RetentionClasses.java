package io.vedette.store.trail;

import io.vedette.runtime.config.ConfigNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which sources' payloads are kept for how long. Class {@value #DEFAULT} is everything that no other class names; class {@value #ACTS} is kept for ever: the records without which missing payloads
 * could not be told from removed ones.
 */
public final class RetentionClasses {
  public static final int DEFAULT = 0;
  public static final int ACTS = 1;

  /** What a record's kind begins with that says what was done to the trail itself. */
  private static final String ACT = "trail.";

  private static final int LARGEST = 100; // each is a table, and one more per partition

  public static final RetentionClasses NONE = new RetentionClasses(List.of());

  private final List<Entry> entries;

  /** @param names of sources; {@code *} at the end stands for anything */
  private record Entry(int number, Duration keep, List<String> names) {
    boolean holds(String source) {
      for (String name : names) {
        boolean same = name.endsWith("*")
            ? source.startsWith(name.substring(0, name.length() - 1))
            : source.equals(name);
        if (same) {
          return true;
        }
      }
      return false;
    }
  }

  private RetentionClasses(List<Entry> entries) {
    this.entries = List.copyOf(entries);
  }

  /** Reads {@code storage.retention.classes}; a wrong entry is a configuration error with its line. */
  public static RetentionClasses of(ConfigNode list) {
    List<Entry> entries = new ArrayList<>();
    Set<Long> seen = new HashSet<>();
    if (list.isPresent()) {
      for (ConfigNode one : list.list()) {
        one.unknownKeys(Set.of("class", "keep", "sources"));
        long number = one.require("class").integer();
        if (number <= ACTS || number > LARGEST || !seen.add(number)) {
          throw one.at("class").error("2.." + LARGEST + ", each once");
        }
        Duration keep = one.require("keep").duration();
        if (keep.compareTo(Duration.ofHours(1)) < 0) {
          throw one.at("keep").error("1h or more");
        }
        one.require("sources");
        List<String> names = one.strings("sources");
        for (String name : names) {
          int star = name.indexOf('*');
          if (name.isEmpty()
              || name.equals(Appender.OWN_SOURCE)
              || (star >= 0 && star != name.length() - 1)) {
            throw one.at("sources")
                .error(
                    name,
                    "names of sources, * at their end for any; not vedette, whose acts are kept for ever");
          }
        }
        entries.add(new Entry((int) number, keep, names));
      }
    }
    return new RetentionClasses(entries);
  }

  /** The class of what a source sends: the first that names it. What Vedette declares itself is no source's, whatever wildcard there is. */
  public int of(String source) {
    if (source.equals(Appender.OWN_SOURCE)) {
      return DEFAULT;
    }
    for (Entry entry : entries) {
      if (entry.holds(source)) {
        return entry.number();
      }
    }
    return DEFAULT;
  }

  /** The class of a record that Vedette makes itself. */
  static int ofOwn(@Nullable String kind) {
    return kind != null && kind.startsWith(ACT) ? ACTS : DEFAULT;
  }

  /** How long the payloads of each class are kept; one that is not named is kept for ever. */
  public Map<Integer, Duration> kept(Duration records) {
    Map<Integer, Duration> kept = new TreeMap<>();
    kept.put(DEFAULT, records);
    entries.forEach(entry -> kept.put(entry.number(), entry.keep()));
    return kept;
  }
}
