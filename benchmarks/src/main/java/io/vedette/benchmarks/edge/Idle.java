package io.vedette.benchmarks.edge;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** F4: sockets that subscribe and then hear nothing; what one of them takes, and of a JVM, in which classes. */
@Command(name = "f4", description = "Idle sockets: memory of each.")
final class Idle implements Callable<Integer> {
  private static final int SHOWN = 16;

  @Mixin
  private Ground ground = new Ground();

  @Option(
      names = "--sockets",
      split = ",",
      defaultValue = "2000,10000",
      description = "looked at after each of these (default: ${DEFAULT-VALUE})")
  private List<Integer> sockets = List.of();

  @Option(names = "--deflate", description = "clients offer permessage-deflate, as browsers do")
  private boolean deflate;

  @Option(
      names = "--servers",
      split = ",",
      defaultValue = "vedette,ws,nchan",
      description = "(default: ${DEFAULT-VALUE})")
  private List<String> servers = List.of();

  @Option(names = "--classes", description = "show what the edge's heap is made of")
  private boolean classes;

  @Spec
  private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<Contender> contenders = servers.stream().map(Contender::of).toList();
    Setup setup = ground.prepare(java.util.Set.copyOf(contenders));
    Payloads payloads = ground.payloads();
    List<Row> rows = new ArrayList<>();
    PrintWriter out = spec.commandLine().getOut();
    int first = ground.firstRound("f4-" + sockets.get(sockets.size() - 1));
    for (int round = first; round < first + ground.rounds; round++) {
      for (Contender contender : contenders) {
        measure(contender, setup, payloads, round, rows);
      }
    }
    out.println("| server | sockets | KB of RSS a socket |");
    out.println("|---|---|---|");
    Map<String, List<Row>> by = new java.util.LinkedHashMap<>();
    for (Row row : rows) {
      by.computeIfAbsent("| " + row.contender() + " | " + row.sockets(), key -> new ArrayList<>())
          .add(row);
    }
    by.forEach((key, its) ->
        out.println(key + " | " + Report.spread(its, Row::idleKbEach, "%.1f") + " |"));
    out.flush();
    return 0;
  }

  private void measure(
      Contender contender, Setup setup, Payloads payloads, int round, List<Row> rows)
      throws IOException {
    try (Measurement measurement = new Measurement(contender, setup, payloads, deflate)) {
      Map<String, Long> before = histogram(contender, measurement);
      for (int count : sockets) {
        measurement.sockets(count);
        measurement.begin();
        measurement.seconds(ground.seconds);
        Row row = measurement.end("f4-" + count + (deflate ? "-deflate" : ""), round, 0);
        ground.keep(row);
        rows.add(row);
        spec.commandLine().getOut().println(row.csv());
        spec.commandLine().getOut().flush();
      }
      if (classes && contender == Contender.VEDETTE) {
        show(before, histogram(contender, measurement), sockets.get(sockets.size() - 1));
      }
    }
  }

  private Map<String, Long> histogram(Contender contender, Measurement measurement)
      throws IOException {
    Map<String, Long> bytes = new HashMap<>();
    if (!classes || contender != Contender.VEDETTE) {
      return bytes;
    }
    Process jcmd = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
            Long.toString(measurement.server().pid()),
            "GC.class_histogram")
        .redirectErrorStream(true)
        .start();
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(jcmd.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] fields = line.strip().split("\\s+", -1);
        if (fields.length >= 4 && fields[0].endsWith(":") && fields[2].matches("[0-9]+")) {
          bytes.put(fields[3], Long.parseLong(fields[2]));
        }
      }
    }
    return bytes;
  }

  private void show(Map<String, Long> before, Map<String, Long> after, int count) {
    PrintWriter out = spec.commandLine().getOut();
    Map<String, Long> grown = new HashMap<>();
    long sum = 0;
    for (Map.Entry<String, Long> entry : after.entrySet()) {
      long more = entry.getValue() - before.getOrDefault(entry.getKey(), 0L);
      grown.put(entry.getKey(), more);
      sum += more;
    }
    out.printf(Locale.ROOT, "%nlive heap a socket: %d B, of it:%n", sum / count);
    grown.entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
        .limit(SHOWN)
        .forEach(entry ->
            out.printf(Locale.ROOT, "  %6d B  %s%n", entry.getValue() / count, entry.getKey()));
  }
}
