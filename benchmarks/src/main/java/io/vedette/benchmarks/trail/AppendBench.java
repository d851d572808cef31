package io.vedette.benchmarks.trail;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Appends, with tree and signed checkpoints kept up beside them, against bare inserts of the same rows into the same server, in turns. */
@Command(
    name = "append",
    description =
        "Append throughput beside bare INSERT ... SELECT FROM unnest(...) of the same rows in the same durable PostgreSQL, in turns.")
public final class AppendBench implements Callable<Integer> {
  @Option(
      names = "--appenders",
      defaultValue = "4",
      description = "appenders, each with one batch on its way (default: ${DEFAULT-VALUE})")
  private int appenders;

  @Option(
      names = "--batch",
      defaultValue = "1000",
      description = "records per batch (default: ${DEFAULT-VALUE})")
  private int batch;

  @Option(
      names = "--rounds",
      defaultValue = "5",
      description = "rounds of each (default: ${DEFAULT-VALUE})")
  private int rounds;

  @Option(
      names = "--seconds",
      defaultValue = "4",
      description = "length of a round (default: ${DEFAULT-VALUE})")
  private int seconds;

  @Option(
      names = "--warmup",
      defaultValue = "8",
      description = "length of the first round, which does not count (default: ${DEFAULT-VALUE})")
  private int warmup;

  @Option(
      names = "--only",
      defaultValue = "append,bare1,bare",
      split = ",",
      description =
          "what takes part: append, bare1 (one bare loop), bare (as many as appenders) (default: all)")
  private List<String> only = List.of();

  @Option(
      names = "--folder",
      defaultValue = "${sys:java.io.tmpdir}",
      description = "where the server's folder is made for the run (default: ${DEFAULT-VALUE})")
  private Path folder = Path.of(".");

  @Spec
  private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    Vertx vertx = Vertx.vertx();
    try (BenchServer server = BenchServer.start(folder)) {
      run(vertx, server);
    } finally {
      Waits.value(vertx.close());
    }
    return 0;
  }

  private void run(Vertx vertx, BenchServer server) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    out.println("machine    " + Machine.describe(server.folder()));
    out.println("PostgreSQL " + server.settings());
    try (BenchTrail trail = new BenchTrail(vertx, server)) {
      Waits.value(trail.owner().pool().query(BareLoop.TABLE).execute());
      List<Contender> contenders = contenders(trail);
      out.printf(
          Locale.ROOT,
          "load       batches of %d records of %.0f B on average; %d appenders, each with one on its way; %d rounds of %d s in turns after one of %d s that does not count%n",
          batch,
          new AuditRecords(batch, "bench-0", 42).meanBytes(),
          appenders,
          rounds,
          seconds,
          warmup);
      for (int round = 0; round <= rounds; round++) {
        for (Contender contender : contenders) {
          Round done = Round.of(
              vertx,
              server,
              contender.writers,
              batch,
              Duration.ofSeconds(round == 0 ? warmup : seconds));
          if (round > 0) {
            contender.rounds.add(done);
          }
          out.printf(
              "%-4s %-6s %s%s%n",
              round == 0 ? "warm" : round,
              contender.name,
              done,
              contender.name.equals("append") ? tree(trail) : "");
          out.flush();
        }
      }
      report(out, contenders);
      contenders.forEach(one -> one.writers.forEach(writer -> Waits.value(writer.close())));
    }
  }

  private List<Contender> contenders(BenchTrail trail) {
    List<Contender> contenders = new ArrayList<>();
    for (String name : only) {
      int writers = name.equals("bare1") ? 1 : appenders;
      List<Writer> all = new ArrayList<>();
      for (int w = 0; w < writers; w++) {
        AuditRecords records = new AuditRecords(batch, "bench-" + w, 42 + w);
        long first = (long) (w + (name.equals("bare1") ? 1 << 10 : 0)) << 40;
        all.add(
            name.equals("append")
                ? new AppendLoop(trail.collector(), records, "bench-" + w)
                : new BareLoop(trail.owner(), records, first));
      }
      contenders.add(new Contender(name, all, new ArrayList<>()));
    }
    return contenders;
  }

  /** One who takes part. */
  private record Contender(String name, List<Writer> writers, List<Round> rounds) {
    double median(Function<Round, Double> what) {
      return rounds.stream().map(what).sorted().toList().get(rounds.size() / 2);
    }
  }

  /** What was not signed when the round ended, and how long after it all was. */
  private static String tree(BenchTrail trail) {
    long behind = trail.unsigned();
    return String.format(
        Locale.ROOT,
        "  checkpoint: %d records behind at the end, all signed after %.1f s",
        behind,
        trail.awaitSigned());
  }

  private static void report(PrintWriter out, List<Contender> contenders) {
    out.println("median of the rounds (least to most):");
    for (Contender one : contenders) {
      out.printf(
          Locale.ROOT,
          "  %-6s x%d %,9.0f rows/s (%,.0f to %,.0f); CPU a row: client %.2f us, server %.2f us; WAL %.0f B a row%n",
          one.name,
          one.writers.size(),
          one.median(Round::rows),
          one.rounds.stream().mapToDouble(Round::rows).min().orElse(0),
          one.rounds.stream().mapToDouble(Round::rows).max().orElse(0),
          one.median(Round::clientUs),
          one.median(Round::serverUs),
          one.median(Round::walBytes));
    }
    Contender first = contenders.get(0);
    for (Contender peer : contenders.subList(1, contenders.size())) {
      List<Double> ratios = new ArrayList<>();
      for (int i = 0; i < first.rounds.size(); i++) {
        ratios.add(first.rounds.get(i).rows() / peer.rounds.get(i).rows());
      }
      ratios.sort(null);
      out.printf(
          Locale.ROOT,
          "%s : %s (x%d)  median ratio %.2f (%.2f to %.2f)%n",
          first.name,
          peer.name,
          peer.writers.size(),
          ratios.get(ratios.size() / 2),
          ratios.get(0),
          ratios.get(ratios.size() - 1));
    }
    out.flush();
  }
}
