package io.vedette.edge.hub;

/** One event loop: runs tasks one at a time, in order. */
public interface Loop {
  /** At once when called on the loop, else soon. */
  void execute(Runnable task);

  void schedule(long delayMs, Runnable task);

  /** Wall clock, microseconds since the epoch. */
  long nowUs();
}
