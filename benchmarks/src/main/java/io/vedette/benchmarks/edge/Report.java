package io.vedette.benchmarks.edge;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Tables from raw output: medians over the rounds, and their spread. */
@Command(name = "report", description = "Medians and spread of raw output, as Markdown.")
final class Report implements Callable<Integer> {
  private static final double CORE_FULL = 0.9;

  @Parameters(description = "raw output of earlier runs", arity = "1..*")
  private List<Path> files = List.of();

  @Spec
  private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    List<Row> rows = new ArrayList<>();
    for (Path file : files) {
      for (String line : Files.readAllLines(file)) {
        if (!line.isBlank() && !line.startsWith("scenario,") && !line.startsWith("#")) {
          rows.add(Row.parse(line));
        }
      }
    }
    print(rows, spec.commandLine().getOut());
    return 0;
  }

  static void print(List<Row> rows, PrintWriter out) {
    Map<String, Map<String, List<Row>>> scenarios = new LinkedHashMap<>();
    for (Row row : rows) {
      scenarios
          .computeIfAbsent(row.scenario(), absent -> new LinkedHashMap<>())
          .computeIfAbsent(row.contender(), absent -> new ArrayList<>())
          .add(row);
    }
    scenarios.forEach((scenario, contenders) -> print(scenario, contenders, out));
    out.flush();
  }

  private static void print(String scenario, Map<String, List<Row>> contenders, PrintWriter out) {
    Row any = contenders.values().iterator().next().get(0);
    out.printf(
        Locale.ROOT,
        "%n**%s**: %d sockets, %.0f publications/s offered, %.0f s each, %d round(s)%n%n",
        scenario,
        any.sockets(),
        any.offered(),
        any.seconds(),
        contenders.values().iterator().next().size());
    out.println(
        "| server | deliveries per server CPU-s | us each | p50 ms | p99 ms | bytes each | messages each | KB a socket, idle | loaded | server core | load core | |");
    out.println("|---|---|---|---|---|---|---|---|---|---|---|---|");
    contenders.forEach((contender, rows) -> out.printf(
        Locale.ROOT,
        "| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |%n",
        contender,
        spread(rows, Row::perCpuSecond, "%.0f"),
        spread(rows, row -> 1e6 / Math.max(1, row.perCpuSecond()), "%.2f"),
        spread(rows, Row::p50Ms, "%.1f"),
        spread(rows, Row::p99Ms, "%.1f"),
        spread(rows, Row::bytesEach, "%.0f"),
        spread(rows, row -> (double) row.messages() / Math.max(1, row.deliveries()), "%.2f"),
        spread(rows, Row::idleKbEach, "%.1f"),
        spread(rows, Row::loadedKbEach, "%.1f"),
        spread(rows, row -> 100 * row.serverShare(), "%.0f %%"),
        spread(rows, row -> 100 * row.loadShare(), "%.0f %%"),
        remarks(rows)));
  }

  private static String remarks(List<Row> rows) {
    List<String> remarks = new ArrayList<>();
    double rate = median(rows, row -> row.deliveries() / row.seconds() / row.sockets());
    if (rows.stream().anyMatch(row -> row.held() > 0)) {
      remarks.add(String.format(Locale.ROOT, "saturated at %.0f/s", rate));
    }
    if (rows.stream().anyMatch(row -> row.loadShare() > CORE_FULL)) {
      remarks.add("load core full: a lower bound");
    }
    sum(rows, Row::missed, "missed", remarks);
    sum(rows, Row::repeated, "repeated", remarks);
    sum(rows, Row::lost, "sockets lost", remarks);
    return String.join("; ", remarks);
  }

  private static void sum(
      List<Row> rows, java.util.function.ToLongFunction<Row> of, String what, List<String> into) {
    long sum = rows.stream().mapToLong(of).sum();
    if (sum > 0) {
      into.add(sum + " " + what);
    }
  }

  static String spread(List<Row> rows, ToDoubleFunction<Row> value, String format) {
    double[] sorted = rows.stream().mapToDouble(value).sorted().toArray();
    String middle = String.format(Locale.ROOT, format, median(rows, value));
    if (sorted.length == 1) {
      return middle;
    }
    String plain = format.replace(" %%", "");
    return middle
        + " ("
        + String.format(Locale.ROOT, plain, sorted[0])
        + "-"
        + String.format(Locale.ROOT, plain, sorted[sorted.length - 1])
        + ")";
  }

  static double median(List<Row> rows, ToDoubleFunction<Row> value) {
    double[] sorted = rows.stream().mapToDouble(value).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
