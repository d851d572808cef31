package io.vedette.edge.filter;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Compiles expressions away from the event loops, each once for all who ask for it while it waits, and for who comes back with it soon after. Any thread may call. Bounded by the number that wait, one more is refused, and by the
 * number remembered.
 */
public final class FilterCompiler {
  static final int MAX_WAITING = 1_000;

  /** What is as long as it may be takes some 130 KB compiled. */
  static final int MAX_REMEMBERED = 64;

  /** A filter that nobody holds yet, or why there is none. */
  public record Compiled(@Nullable Filter filter, String refusal) {}

  private record Wanted(boolean ofRecords, String text) {}

  private final Executor worker;

  // Guarded by this.
  private final Map<Wanted, CompletableFuture<Compiled>> remembered =
      new LinkedHashMap<>(16, 0.75f, true);
  private int waiting;

  /** @param worker runs what is compiled; on it nobody is served meanwhile */
  public FilterCompiler(Executor worker) {
    this.worker = worker;
  }

  /** Answers on the worker, or at once. */
  public CompletionStage<Compiled> compile(String topic, String text) {
    Wanted wanted = new Wanted(FilterParser.isOfRecords(topic), text);
    CompletableFuture<Compiled> compiled;
    boolean begins = false;
    synchronized (this) {
      compiled = remembered.get(wanted);
      if (compiled == null) {
        if (waiting >= MAX_WAITING) {
          return CompletableFuture.completedFuture(
              new Compiled(
                  null,
                  "headers.filter: " + waiting
                      + " expressions wait to be compiled (expected: one that is in use, an object of fields, or patience)"));
        }
        waiting++;
        begins = true;
        compiled = new CompletableFuture<>();
        remember(wanted, compiled);
      }
    }
    if (begins) {
      CompletableFuture<Compiled> answer = compiled;
      worker.execute(() -> {
        Compiled done = compiled(topic, text);
        synchronized (this) {
          waiting--;
        }
        answer.complete(done);
      });
    }
    return compiled.thenApply(FilterCompiler::anew);
  }

  private void remember(Wanted wanted, CompletableFuture<Compiled> compiled) {
    remembered.put(wanted, compiled);
    if (remembered.size() > MAX_REMEMBERED) {
      remembered.remove(remembered.keySet().iterator().next());
    }
  }

  private static Compiled compiled(String topic, String text) {
    try {
      return new Compiled(FilterParser.of(topic, text), "");
    } catch (BadWish bad) {
      return new Compiled(null, String.valueOf(bad.getMessage()));
    } catch (RuntimeException | StackOverflowError unforeseen) {
      return new Compiled(
          null,
          "headers.filter: cannot be compiled: " + unforeseen + " (expected: another expression)");
    }
  }

  /** Filters are told apart by identity: an evicted one must not be taken for the next of the same text. */
  private static Compiled anew(Compiled known) {
    return known.filter() instanceof Filter.Condition condition
        ? new Compiled(condition.anew(), "")
        : known;
  }
}
