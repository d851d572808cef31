package io.vedette.runtime;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Can this process do its job now? Checks answer at once from what they know; they wait for nothing. Safe for use by any thread; bounded by the number of checks registered. */
public final class Health {
  public enum State {
    UP,
    /** Worse than it should be, but the job is done. */
    DEGRADED,
    /** The job cannot be done: not ready. */
    DOWN
  }

  /** What a check says now; {@code detail} is for people. */
  public record Check(State state, String detail) {
    public static Check up() {
      return new Check(State.UP, "");
    }

    public static Check up(String detail) {
      return new Check(State.UP, detail);
    }

    public static Check degraded(String detail) {
      return new Check(State.DEGRADED, detail);
    }

    public static Check down(String detail) {
      return new Check(State.DOWN, detail);
    }
  }

  private final Map<String, Supplier<Check>> checks = new ConcurrentSkipListMap<>();
  private final AtomicReference<@Nullable String> draining = new AtomicReference<>();

  /** Adds a check, for example {@code collector.database}; the answer takes it away again. */
  public Runnable register(String name, Supplier<Check> check) {
    if (checks.putIfAbsent(name, check) != null) {
      throw new IllegalStateException("health check " + name + ": registered twice");
    }
    return () -> checks.remove(name, check);
  }

  /** From now on this process is not ready: it takes no new work and leaves soon. */
  public void drain(String reason) {
    draining.compareAndSet(null, reason);
  }

  public boolean isDraining() {
    return draining.get() != null;
  }

  public boolean isReady() {
    return !isDraining()
        && report().values().stream().noneMatch(check -> check.state() == State.DOWN);
  }

  /** Every check's answer, by name. A check that throws is down. */
  public Map<String, Check> report() {
    Map<String, Check> report = new TreeMap<>();
    checks.forEach((name, check) -> report.put(name, ask(check)));
    String leaving = draining.get();
    if (leaving != null) {
      report.put("draining", Check.down(leaving));
    }
    return report;
  }

  private static Check ask(Supplier<Check> check) {
    try {
      return check.get();
    } catch (RuntimeException broken) {
      return Check.down("the check failed: " + broken);
    }
  }
}
