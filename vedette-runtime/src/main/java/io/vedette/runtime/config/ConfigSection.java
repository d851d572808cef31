package io.vedette.runtime.config;

import java.util.List;

/** The keys of one module. Implementations are named in {@code META-INF/services/io.vedette.runtime.config.ConfigSection} and have a public constructor without arguments. */
public interface ConfigSection {
  /** For the reader of {@code ./vedette config}, for example {@code collector}. */
  String name();

  List<Key<?>> keys();
}
