package io.vedette.trail.verify;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks that one signed tree begins with another, by the recursion of RFC 6962, section 2.1.2. */
public final class ConsistencyCheck {
  private final Sha sha = new Sha();
  private final byte[] oldRoot;
  private final List<byte[]> path;
  private int left;

  private record Roots(byte[] before, byte[] after) {}

  private ConsistencyCheck(byte[] oldRoot, List<byte[]> path) {
    this.oldRoot = oldRoot;
    this.path = path;
    this.left = path.size();
  }

  /** Throws {@link Reason#EARLIER_CHECKPOINT} unless {@code path} proves that {@code later} extends {@code earlier}. */
  public static void check(SignedCheckpoint earlier, SignedCheckpoint later, List<byte[]> path) {
    boolean proven = earlier.origin().equals(later.origin())
        && earlier.size() <= later.size()
        && path.stream().allMatch(hash -> hash.length == Sha.SIZE)
        && new ConsistencyCheck(earlier.root(), path).proves(earlier, later);
    if (!proven) {
      throw FaultException.of(
          Reason.EARLIER_CHECKPOINT,
          "proof of consistency",
          "no way from " + earlier,
          "one to " + later);
    }
  }

  private boolean proves(SignedCheckpoint earlier, SignedCheckpoint later) {
    if (earlier.size() == 0) {
      return left == 0 && Arrays.equals(oldRoot, sha.empty());
    }
    Roots roots = roots(earlier.size(), later.size(), true);
    return roots != null
        && left == 0
        && earlier.hasRoot(roots.before)
        && later.hasRoot(roots.after);
  }

  /** The roots over the first m and over all n leaves, by SUBPROOF(m, D[n], known) with its last hashes first; null if too short. */
  private @Nullable Roots roots(long m, long n, boolean known) {
    if (m == n && known) {
      return new Roots(oldRoot, oldRoot);
    }
    if (left == 0) {
      return null;
    }
    byte[] hash = path.get(--left);
    if (m == n) {
      return new Roots(hash, hash);
    }
    long k = Long.highestOneBit(n - 1);
    Roots below = m <= k ? roots(m, k, known) : roots(m - k, n - k, false);
    if (below == null) {
      return null;
    }
    return m <= k
        ? new Roots(below.before, sha.node(below.after, hash))
        : new Roots(sha.node(hash, below.before), sha.node(hash, below.after));
  }
}
