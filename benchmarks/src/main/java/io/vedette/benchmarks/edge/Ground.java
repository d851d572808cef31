package io.vedette.benchmarks.edge;

import io.vedette.standalone.cli.CommandFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of every scenario, and the preparations they ask for: cores, the package ws, the raw output. */
final class Ground {
  private static final String WS = "ws@8.23.0";

  @Option(
      names = "--server-core",
      defaultValue = "0",
      description = "core of the servers (default: ${DEFAULT-VALUE})")
  private int serverCore;

  @Option(
      names = "--load-core",
      defaultValue = "1",
      description = "core of this load generator (default: ${DEFAULT-VALUE})")
  private int loadCore = 1;

  @Option(
      names = "--rounds",
      defaultValue = "5",
      description = "how often each server is measured, in turn (default: ${DEFAULT-VALUE})")
  int rounds = 5;

  @Option(
      names = "--warmup",
      defaultValue = "10",
      description =
          "seconds for servers on a JVM, at most 3 for the others (default: ${DEFAULT-VALUE})")
  int warmup = 10;

  @Option(
      names = "--seconds",
      defaultValue = "5",
      description = "length of a measurement (default: ${DEFAULT-VALUE})")
  int seconds = 5;

  @Option(
      names = "--log",
      description = "log whose lines become records (default: ${DEFAULT-VALUE})",
      defaultValue = "/var/log/dpkg.log")
  private Path log = Path.of("/var/log/dpkg.log");

  @Option(
      names = "--topic",
      defaultValue = "records",
      description = "records or statistics (default: ${DEFAULT-VALUE})")
  private String topic = "records";

  @Option(
      names = "--raw",
      description = "append the measurements to this file; rounds count on from those in it")
  private @Nullable Path raw;

  @Option(names = "--set", description = "setting of the edge, KEY=VALUE; repeatable")
  private List<String> settings = List.of();

  @Option(
      names = "--edge-java-option",
      description = "JVM option for the edge, for example a flight recording; repeatable")
  private List<String> javaOptions = List.of();

  @Option(
      names = "--nchan-module",
      defaultValue = "/usr/lib/nginx/modules/ngx_nchan_module.so",
      description = "nginx module (default: ${DEFAULT-VALUE})")
  private Path nchanModule = Path.of("/usr/lib/nginx/modules/ngx_nchan_module.so");

  /** Everything a server needs; this process is pinned to its core from now on. */
  Setup prepare(Set<Contender> contenders) throws IOException, InterruptedException {
    Path home = Path.of(System.getProperty("vedette.home", ".")).toAbsolutePath();
    Path scratch = Files.createDirectories(home.resolve("benchmarks/target/peers"));
    if (contenders.stream().anyMatch(it -> it.name().startsWith("WS"))
        && !Files.isDirectory(scratch.resolve("node_modules/ws"))) {
      run("npm", "install", "--silent", "--no-save", "--prefix", scratch.toString(), WS);
    }
    if (contenders.contains(Contender.NCHAN) && !Files.exists(nchanModule)) {
      throw new CommandFailure("--nchan-module: no " + nchanModule
          + " (expected: the module of Debian's libnginx-mod-nchan)");
    }
    run(
        "taskset",
        "-a",
        "-p",
        "-c",
        Integer.toString(loadCore),
        Long.toString(ProcessHandle.current().pid()));
    return new Setup(
        serverCore,
        loadCore,
        home.resolve("benchmarks/peers"),
        scratch,
        nchanModule,
        settings,
        javaOptions);
  }

  private static void run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(120, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new CommandFailure(String.join(" ", command) + ": " + said);
    }
  }

  Payloads payloads() throws IOException {
    return switch (topic) {
      case "records" -> Payloads.records(log);
      case "statistics" -> Payloads.statistics();
      default ->
        throw new CommandFailure("--topic " + topic + " (expected: records or statistics)");
    };
  }

  /** The number of the first round, so that several runs make one series. */
  int firstRound(String scenario) throws IOException {
    if (raw == null || !Files.exists(raw)) {
      return 1;
    }
    return 1
        + Files.readAllLines(raw).stream()
            .filter(line -> line.startsWith(scenario + ","))
            .mapToInt(line -> Row.parse(line).round())
            .max()
            .orElse(0);
  }

  void keep(Row row) throws IOException {
    if (raw == null) {
      return;
    }
    if (raw.toAbsolutePath().getParent() != null) {
      Files.createDirectories(raw.toAbsolutePath().getParent());
    }
    String head = Files.exists(raw) ? "" : Row.HEAD + "\n";
    Files.writeString(
        raw, head + row.csv() + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }
}
