package io.vedette.runtime;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Supplier;

/** What this node says of itself beside that it lives: asked at each of its beats, so answers come at once. Safe for use by any thread; bounded by the names put. */
public final class About {
  private final Map<String, Supplier<String>> said = new ConcurrentSkipListMap<>();

  /** From now on {@code name} is said with the value of that moment, for example {@code edge.sessions}. */
  public void put(String name, Supplier<String> value) {
    said.put(name, value);
  }

  public Map<String, String> now() {
    Map<String, String> now = new TreeMap<>();
    said.forEach((name, value) -> now.put(name, value.get()));
    return now;
  }
}
