package io.vedette.store.analysis;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Closed panes of one key, oldest first. */
public record KeyPanes(int partition, SortedMap<String, String> key, List<Pane> panes) {
  public KeyPanes {
    key = Collections.unmodifiableSortedMap(new TreeMap<>(key));
    panes = List.copyOf(panes);
  }
}
