package io.vedette.store.host;

import io.vedette.runtime.config.ConfigSection;
import io.vedette.runtime.config.Key;
import java.util.List;

/** The key of a service that only tests know. */
public final class MillConfig implements ConfigSection {
  static final Key<Integer> HTTP_PORT = Key.port("mill.http.port", 0, "Port of the mill.");

  @Override
  public String name() {
    return "mill";
  }

  @Override
  public List<Key<?>> keys() {
    return List.of(HTTP_PORT);
  }
}
