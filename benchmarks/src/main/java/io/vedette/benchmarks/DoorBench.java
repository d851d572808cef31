package io.vedette.benchmarks;

import io.vedette.standalone.cli.CommandFailure;
import io.vedette.standalone.cli.RunningInstance;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Many small clients at the collector's door: each posts one record, waits for its durable acknowledgement, and posts the next (closed loop). */
@Command(
    name = "door",
    description =
        "One record per request from many concurrent HTTP clients, each waiting for its acknowledgement.")
public final class DoorBench implements Callable<Integer> {
  @Option(
      names = "--data-dir",
      defaultValue = "data",
      description = "folder of the running instance (default: ./data)")
  private Path dataDir = Path.of("data");

  @Option(
      names = "--clients",
      defaultValue = "200",
      description = "clients, a connection each (default: ${DEFAULT-VALUE})")
  private int clients;

  @Option(
      names = "--seconds",
      defaultValue = "5",
      description = "length of a round (default: ${DEFAULT-VALUE})")
  private int seconds;

  @Option(
      names = "--rounds",
      defaultValue = "5",
      description = "rounds after a first one that does not count (default: ${DEFAULT-VALUE})")
  private int rounds;

  @Spec
  private CommandSpec spec = CommandSpec.create();

  private final AtomicLong acknowledged = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private volatile long endNs;

  @Override
  public Integer call() throws IOException, InterruptedException {
    RunningInstance instance = RunningInstance.require(dataDir);
    RecordMaker maker = new RecordMaker(null, 42);
    byte[][] bodies = new byte[1024][];
    for (int i = 0; i < bodies.length; i++) {
      bodies[i] = maker.body(1);
    }
    RequestOptions request = new RequestOptions()
        .setMethod(HttpMethod.POST)
        .setAbsoluteURI(instance.collectorUrl() + "/v1/records")
        .putHeader("Authorization", "Bearer " + instance.token());
    Vertx vertx = Vertx.vertx();
    PrintWriter out = spec.commandLine().getOut();
    try {
      HttpClient http = vertx.createHttpClient(
          new HttpClientOptions().setKeepAlive(true), new PoolOptions().setHttp1MaxSize(clients));
      double[] rates = new double[rounds];
      for (int round = -1; round < rounds; round++) {
        double rate = round(vertx, http, request, bodies, instance, out, round);
        if (round >= 0) {
          rates[round] = rate;
        }
      }
      java.util.Arrays.sort(rates);
      out.printf(
          Locale.ROOT,
          "one-record appends: median %,.0f/s (%,.0f to %,.0f) from %d clients%n",
          rates[rounds / 2],
          rates[0],
          rates[rounds - 1],
          clients);
      out.flush();
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().join();
    }
    return 0;
  }

  private double round(
      Vertx vertx,
      HttpClient http,
      RequestOptions request,
      byte[][] bodies,
      RunningInstance instance,
      PrintWriter out,
      int round)
      throws InterruptedException, IOException {
    acknowledged.set(0);
    refused.set(0);
    Latencies latencies = new Latencies();
    CountDownLatch done = new CountDownLatch(clients);
    ServerCpu before = ServerCpu.now(instance);
    long startNs = System.nanoTime();
    endNs = startNs + TimeUnit.SECONDS.toNanos(round < 0 ? 2L * seconds : seconds);
    for (int i = 0; i < clients; i++) {
      int first = i;
      // On an event loop: a chain put together by this thread may come too late for the body.
      vertx.runOnContext(go -> next(http, request, bodies, first, latencies, done));
    }
    if (!done.await(seconds + 60L, TimeUnit.SECONDS)) {
      throw new CommandFailure(done.getCount() + " clients wait for an answer after a minute");
    }
    double rate = acknowledged.get() * 1e9 / (System.nanoTime() - startNs);
    synchronized (latencies) {
      out.printf(
          Locale.ROOT,
          "%-5s %,7.0f records/s acknowledged, %d refused; request -> ack %s; %s%n",
          round < 0 ? "warm" : round + 1,
          rate,
          refused.get(),
          latencies.summary(),
          ServerCpu.now(instance).since(before, acknowledged.get()));
    }
    out.flush();
    return rate;
  }

  private void next(
      HttpClient http,
      RequestOptions request,
      byte[][] bodies,
      int n,
      Latencies latencies,
      CountDownLatch done) {
    long sentNs = System.nanoTime();
    if (sentNs >= endNs) {
      done.countDown();
      return;
    }
    http.request(request)
        .compose(r -> r.send(Buffer.buffer(bodies[n % bodies.length])))
        .compose(response -> response.body().map(body -> response.statusCode()))
        .onComplete(answer -> {
          if (answer.succeeded() && answer.result() / 100 == 2) {
            acknowledged.incrementAndGet();
            synchronized (latencies) {
              latencies.add((System.nanoTime() - sentNs) / 1000);
            }
          } else {
            refused.incrementAndGet();
          }
          next(http, request, bodies, n + clients, latencies, done);
        });
  }
}
