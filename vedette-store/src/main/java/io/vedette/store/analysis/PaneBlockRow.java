package io.vedette.store.analysis;

import java.util.List;

/** Closed panes of one rule, to be stored as one block. */
public record PaneBlockRow(
    String rule, String ruleHash, int timeline, long paneUs, List<KeyPanes> keys) {
  public PaneBlockRow {
    keys = List.copyOf(keys);
  }

  /** Bit p is set when there are panes of partition p. */
  long partitions() {
    long mask = 0;
    for (KeyPanes key : keys) {
      mask |= 1L << key.partition();
    }
    return mask;
  }

  long fromUs() {
    return keys.stream().mapToLong(key -> key.panes().get(0).startUs()).min().orElse(0);
  }

  long toUs() {
    return keys.stream()
            .mapToLong(key -> key.panes().get(key.panes().size() - 1).startUs())
            .max()
            .orElse(0)
        + paneUs;
  }
}
