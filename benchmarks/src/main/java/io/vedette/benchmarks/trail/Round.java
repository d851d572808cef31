package io.vedette.benchmarks.trail;

import com.sun.management.OperatingSystemMXBean;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What writers did in one round.
 *
 * @param rows per second, all writers together
 * @param clientUs CPU time of this process per row: clients, and for the trail its integrator
 * @param serverUs CPU time of PostgreSQL per row
 * @param walBytes per row
 */
record Round(double rows, double clientUs, double serverUs, double walBytes) {

  /** Lets each writer write for a time, each on an event loop of its own; a batch that began in time counts, and so does the time it took. */
  static Round of(Vertx vertx, BenchServer server, List<Writer> writers, int batch, Duration time) {
    server.execute("CHECKPOINT"); // nobody begins with what the one before left to be written
    long walBefore = server.walBytes();
    Duration serverBefore = server.cpu();
    long clientBefore = processNs();
    long startNs = System.nanoTime();
    long endNs = startNs + time.toNanos();
    List<Future<Long>> all = new ArrayList<>();
    for (Writer writer : writers) {
      Promise<Long> done = Promise.promise();
      Context context = ((VertxInternal) vertx).createEventLoopContext();
      context.runOnContext(ignored -> next(writer, endNs, 0, done));
      all.add(done.future());
    }
    long batches = 0;
    for (Future<Long> one : all) {
      batches += Waits.value(one);
    }
    double seconds = (System.nanoTime() - startNs) / 1e9;
    double rows = (double) batches * batch;
    return new Round(
        rows / seconds,
        (processNs() - clientBefore) / 1e3 / rows,
        server.cpu().minus(serverBefore).toNanos() / 1e3 / rows,
        (server.walBytes() - walBefore) / rows);
  }

  private static void next(Writer writer, long endNs, long written, Promise<Long> done) {
    writer.write().onComplete(answer -> {
      if (answer.failed()) {
        done.fail(answer.cause());
      } else if (System.nanoTime() >= endNs) {
        done.complete(written + 1);
      } else {
        next(writer, endNs, written + 1, done);
      }
    });
  }

  private static long processNs() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%,9.0f rows/s  (CPU a row: client %.2f us, server %.2f us; WAL %.0f B a row)",
        rows,
        clientUs,
        serverUs,
        walBytes);
  }
}
