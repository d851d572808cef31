package io.vedette.benchmarks.edge;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** F5: some clients stop reading; what the others notice, and what it costs in memory. */
@Command(name = "f5", description = "Clients that stop reading: what the others notice.")
final class Stall implements Callable<Integer> {
  @Mixin
  private Ground ground = new Ground();

  @Option(names = "--sockets", defaultValue = "1000", description = "(default: ${DEFAULT-VALUE})")
  private int sockets;

  @Option(
      names = "--stalled",
      defaultValue = "10",
      description = "sockets that stop reading (default: ${DEFAULT-VALUE})")
  private int stalled;

  @Option(
      names = "--rate",
      defaultValue = "500",
      description = "publications per second (default: ${DEFAULT-VALUE})")
  private double rate;

  @Option(
      names = "--batch",
      defaultValue = "25",
      description = "publications at a time (default: ${DEFAULT-VALUE})")
  private int batch;

  @Option(
      names = "--servers",
      split = ",",
      defaultValue = "vedette,ws-batched",
      description = "(default: ${DEFAULT-VALUE})")
  private List<String> servers = List.of();

  @Spec
  private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<Contender> contenders = servers.stream().map(Contender::of).toList();
    Setup setup = ground.prepare(java.util.Set.copyOf(contenders));
    Payloads payloads = ground.payloads();
    List<Row> rows = new ArrayList<>();
    PrintWriter out = spec.commandLine().getOut();
    int first = ground.firstRound("f5-with");
    for (int round = first; round < first + ground.rounds; round++) {
      for (Contender contender : contenders) {
        try (Measurement measurement = new Measurement(contender, setup, payloads, false)) {
          measurement.crowd().bound(10 * rate);
          measurement.sockets(sockets);
          measurement.feed().rate(rate, batch);
          measurement.seconds(ground.warmup);
          measurement.begin();
          measurement.seconds(ground.seconds);
          Row without = measurement.end("f5-without", round, rate);
          measurement.crowd().stall(stalled);
          measurement.begin();
          measurement.seconds(ground.seconds);
          Row with = measurement.end("f5-with", round, rate);
          measurement.crowd().resume();
          measurement.seconds(3);
          for (Row row : List.of(without, with)) {
            ground.keep(row);
            rows.add(row);
            out.println(row.csv());
          }
          out.printf(
              Locale.ROOT,
              "%s: p99 of the others %.2f times as long with %d stalled of %d; %d of the stalled and %d others were disconnected; memory %+d KB%n",
              contender.word(),
              with.p99Ms() / without.p99Ms(),
              stalled,
              sockets,
              measurement.crowd().stalledLost(),
              measurement.crowd().lost() - measurement.crowd().stalledLost(),
              with.loadedKb() - without.loadedKb());
          out.flush();
        }
      }
    }
    Report.print(rows, out);
    return 0;
  }
}
