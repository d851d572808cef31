package io.vedette.benchmarks.edge;

import io.vedette.standalone.cli.CommandFailure;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** F1: one publication to every socket, so many a second; deliveries per CPU-second of the server. */
@Command(
    name = "f1",
    description = "Fan-out: every publication to every socket; servers take turns.")
final class FanOut implements Callable<Integer> {
  @Mixin
  private Ground ground = new Ground();

  @Option(names = "--sockets", defaultValue = "2000", description = "(default: ${DEFAULT-VALUE})")
  private int sockets;

  @Option(
      names = "--rate",
      defaultValue = "100",
      description = "publications per second (default: ${DEFAULT-VALUE})")
  private double rate;

  @Option(
      names = "--batch",
      defaultValue = "1",
      description = "publications at a time (default: ${DEFAULT-VALUE})")
  private int batch;

  @Option(names = "--deflate", description = "clients offer permessage-deflate, as browsers do")
  private boolean deflate;

  @Option(
      names = "--servers",
      split = ",",
      description =
          "of vedette, ws, ws-batched, ws-no-context, sockjs, vertx, nchan (default: all that fit)")
  private List<String> servers = List.of();

  @Option(names = "--name", description = "of this scenario in the output")
  private String name = "";

  @Spec
  private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException, InterruptedException {
    Set<Contender> contenders = contenders();
    Payloads payloads = ground.payloads();
    String scenario = !name.isEmpty()
        ? name
        : "f1-" + payloads.topic().name().toLowerCase(Locale.ROOT) + (deflate ? "-deflate" : "");
    Setup setup = ground.prepare(contenders);
    PrintWriter out = spec.commandLine().getOut();
    List<Row> rows = new ArrayList<>();
    int first = ground.firstRound(scenario);
    for (int round = first; round < first + ground.rounds; round++) {
      for (Contender contender : contenders) {
        Row row = measure(contender, setup, payloads, scenario, round);
        ground.keep(row);
        rows.add(row);
        out.println(row.csv());
        out.flush();
      }
    }
    Report.print(rows, out);
    return 0;
  }

  private Set<Contender> contenders() {
    Set<Contender> chosen = new LinkedHashSet<>();
    if (servers.isEmpty()) {
      chosen.addAll(
          deflate
              ? List.of(
                  Contender.VEDETTE,
                  Contender.WS,
                  Contender.WS_NO_CONTEXT,
                  Contender.VERTX,
                  Contender.NCHAN)
              : List.of(
                  Contender.VEDETTE,
                  Contender.WS,
                  Contender.WS_BATCHED,
                  Contender.SOCKJS,
                  Contender.VERTX,
                  Contender.NCHAN));
      return chosen;
    }
    for (String word : servers) {
      try {
        chosen.add(Contender.of(word));
      } catch (IllegalArgumentException unknown) {
        throw new CommandFailure("--servers " + word
            + " (expected: vedette, ws, ws-batched, ws-no-context, sockjs, vertx or nchan)");
      }
    }
    return chosen;
  }

  private Row measure(
      Contender contender, Setup setup, Payloads payloads, String scenario, int round)
      throws IOException {
    try (Measurement measurement = new Measurement(contender, setup, payloads, deflate)) {
      measurement.crowd().bound(Math.max(20, rate));
      measurement.sockets(sockets);
      measurement.feed().rate(rate, batch);
      measurement.seconds(contender.isCompiledLate() ? ground.warmup : Math.min(3, ground.warmup));
      measurement.begin();
      measurement.seconds(ground.seconds);
      return measurement.end(scenario, round, rate);
    }
  }
}
