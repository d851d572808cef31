package io.vedette.testkit;

import java.util.SplittableRandom;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/**
 * Random numbers of a test, from a seed that a failure names: register it with {@code @RegisterExtension}. {@code -Dvedette.test.seed=N} repeats a run.
 */
public final class Seeds implements TestExecutionExceptionHandler {
  private static final String PROPERTY = "vedette.test.seed";

  private final long seed;

  public Seeds() {
    this.seed = Long.getLong(PROPERTY, System.nanoTime());
  }

  public long seed() {
    return seed;
  }

  /** The same sequence every time it is called. */
  public SplittableRandom random() {
    return new SplittableRandom(seed);
  }

  /** The n-th of independent sequences. */
  public SplittableRandom random(int n) {
    SplittableRandom root = random();
    for (int i = 0; i < n; i++) {
      root.split();
    }
    return root.split();
  }

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    failure.addSuppressed(
        new AssertionError("seed " + seed + " (repeat with -D" + PROPERTY + "=" + seed + ")"));
    throw failure;
  }
}
