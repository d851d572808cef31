package io.vedette.store.lease;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Highest random weight hashing: who should own a name, the same answer on every node; when one leaves only what it owned moves. */
public final class Rendezvous {
  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  private Rendezvous() {}

  /** Empty without nodes. */
  public static Optional<String> owner(String name, Collection<String> nodes) {
    return nodes.stream()
        .max(Comparator.comparingLong((String node) -> weight(name, node))
            .thenComparing(Comparator.naturalOrder()));
  }

  private static long weight(String name, String node) {
    long hash = FNV_OFFSET;
    for (byte b : (node + '\n' + name).getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * FNV_PRIME;
    }
    // FNV alone leaves the high bits of similar names alike.
    hash = (hash ^ (hash >>> 33)) * 0xff51afd7ed558ccdL;
    hash = (hash ^ (hash >>> 33)) * 0xc4ceb9fe1a85ec53L;
    return hash ^ (hash >>> 33);
  }
}
