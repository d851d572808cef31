package io.vedette.trail;

import java.util.Random;

/** Randomness that can be had again: {@code -Dvedette.seed=N} replaces the default; put {@link #toString} into every assertion. */
public final class Seed {
  private final long seed;

  private Seed(long seed) {
    this.seed = seed;
  }

  public static Seed of(long otherwise) {
    return new Seed(Long.getLong("vedette.seed", otherwise));
  }

  public Random random() {
    return new Random(seed);
  }

  @Override
  public String toString() {
    return "-Dvedette.seed=" + seed;
  }
}
