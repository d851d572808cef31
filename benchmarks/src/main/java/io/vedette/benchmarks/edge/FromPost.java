package io.vedette.benchmarks.edge;

import io.vedette.standalone.cli.RunningInstance;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** End to end against a running instance: records posted at a rate, sockets that each filter a share of them; from the answered POST to the frame. A frame that came before the answer counts as 0. */
@Command(
    name = "e2e",
    description = "A running instance: from the answered POST to the frames of filtered sockets.")
final class FromPost implements Callable<Integer> {
  @Option(
      names = "--data-dir",
      defaultValue = "data",
      description = "folder of the running instance (default: ./data)")
  private Path dataDir = Path.of("data");

  @Option(
      names = "--rate",
      defaultValue = "5000",
      description = "records per second (default: ${DEFAULT-VALUE})")
  private double rate;

  @Option(
      names = "--batch",
      defaultValue = "25",
      description = "records per request (default: ${DEFAULT-VALUE})")
  private int batch;

  @Option(names = "--connections", defaultValue = "16", description = "(default: ${DEFAULT-VALUE})")
  private int connections;

  @Option(names = "--sockets", defaultValue = "500", description = "(default: ${DEFAULT-VALUE})")
  private int sockets;

  @Option(
      names = "--share",
      defaultValue = "100",
      description =
          "each socket's filter takes one record in so many; 0 = no filter (default: ${DEFAULT-VALUE})")
  private int share;

  @Option(
      names = "--warmup",
      defaultValue = "20",
      description = "seconds (default: ${DEFAULT-VALUE})")
  private int warmup;

  @Option(names = "--seconds", defaultValue = "30", description = "(default: ${DEFAULT-VALUE})")
  private int seconds;

  @Option(
      names = "--log",
      defaultValue = "/var/log/dpkg.log",
      description = "log whose lines become records (default: ${DEFAULT-VALUE})")
  private Path log = Path.of("/var/log/dpkg.log");

  @Spec
  private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    RunningInstance instance = RunningInstance.require(dataDir);
    int actors = share == 0 ? 100 : share;
    try (Posts posts =
            new Posts(instance.collectorUrl(), instance.token(), connections, batch, actors, log);
        Crowd crowd = new Crowd(
            greeting(instance.token()),
            URI.create(instance.edgeUrl()).getPort(),
            false,
            posts,
            new Tally(Topic.RECORDS, posts, false, false))) {
      crowd.bound(Double.MAX_VALUE);
      crowd.grow(sockets);
      posts.rate(rate);
      run(crowd, warmup);
      long pid = instance.pid();
      long own = ProcessHandle.current().pid();
      double server = Proc.cpuSeconds(pid);
      double load = Proc.cpuSeconds(own, false);
      crowd.tally().begin(System.nanoTime());
      posts.begin();
      run(crowd, seconds);
      server = Proc.cpuSeconds(pid) - server;
      load = Proc.cpuSeconds(own, false) - load;
      report(posts, crowd, server / seconds, load / seconds);
    }
    return 0;
  }

  private Greeting greeting(String token) {
    return new Greeting() {
      @Override
      public String path(int client) {
        return "/monitor";
      }

      @Override
      public String headers() {
        return "Authorization: Bearer " + token + "\r\n";
      }

      @Override
      public String hello(int client) {
        return share == 0
            ? "{\"type\":\"register\",\"address\":\"records\",\"headers\":{}}"
            : "{\"type\":\"register\",\"address\":\"records\",\"headers\":{\"filter\":{\"actor\":\"user-"
                + client % share + "\"}}}";
      }
    };
  }

  private static void run(Crowd crowd, double seconds) throws IOException {
    crowd.turn(System.nanoTime() + (long) (seconds * 1e9));
  }

  private void report(Posts posts, Crowd crowd, double serverCores, double loadCores) {
    PrintWriter out = spec.commandLine().getOut();
    Tally tally = crowd.tally();
    out.printf(
        Locale.ROOT,
        "offered        %.0f records/s, %d a request, %d connections, %d sockets%s, %d s%n",
        rate,
        batch,
        connections,
        sockets,
        share == 0 ? "" : ", each a filter that takes 1 of " + share,
        seconds);
    out.printf(
        Locale.ROOT,
        "acknowledged   %.0f records/s, %d requests refused; due -> answer p50 %.1f ms, p99 %.1f ms, max %.1f ms%n",
        posts.acknowledged() / (double) seconds,
        posts.refused(),
        posts.toAck().quantileMs(0.5),
        posts.toAck().quantileMs(0.99),
        posts.toAck().quantileMs(1));
    out.printf(
        Locale.ROOT,
        "delivered      %.0f frames/s (%.0f %% of what the filters take), %d sockets lost, %.0f B each%n",
        tally.deliveries() / (double) seconds,
        100.0
            * tally.deliveries()
            / Math.max(1, posts.acknowledged() * (double) sockets / Math.max(1, share)),
        crowd.lost(),
        tally.wireBytes() / (double) Math.max(1, tally.deliveries()));
    out.printf(
        Locale.ROOT,
        "answer -> frame  p50 %.1f ms, p90 %.1f ms, p99 %.1f ms, p99.9 %.1f ms, max %.1f ms (n=%d)%n",
        tally.ages().quantileMs(0.5),
        tally.ages().quantileMs(0.9),
        tally.ages().quantileMs(0.99),
        tally.ages().quantileMs(0.999),
        tally.ages().quantileMs(1),
        tally.ages().total());
    out.printf(
        Locale.ROOT,
        "cores          server and its PostgreSQL %.2f, load %.2f%n",
        serverCores,
        loadCores);
    out.flush();
  }
}
