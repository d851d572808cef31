package io.vedette.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A process of Vedette as a user starts it, on free ports and with a folder of its own; stopped and waited for when closed. */
public final class VedetteProcess implements AutoCloseable {
  public static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration START_LIMIT = Duration.ofMinutes(2);
  private static final Duration RUN_LIMIT = Duration.ofSeconds(90);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(40);
  private static final HttpClient HTTP = HttpClient.newBuilder()
      .version(HttpClient.Version.HTTP_1_1)
      .connectTimeout(Duration.ofSeconds(5))
      .build();

  private final Process process;
  private final Path output;
  private final JsonNode ready;
  private String token;

  private VedetteProcess(Process process, Path output, JsonNode ready) {
    this.process = process;
    this.output = output;
    this.ready = ready;
    this.token = ready.path("token").asText();
  }

  /** {@code ./vedette up} with free ports and these options besides. */
  public static VedetteProcess up(Path folder, String... options)
      throws IOException, InterruptedException {
    return up(folder, Map.of(), options);
  }

  public static VedetteProcess up(Path folder, Map<String, String> environment, String... options)
      throws IOException, InterruptedException {
    return start(folder, "up", java(), upArguments(folder, options), environment);
  }

  /** The same by the launcher of a distribution, with the flags it gives the JVM. */
  public static VedetteProcess launch(Path folder, String... options)
      throws IOException, InterruptedException {
    return start(
        folder,
        "up",
        List.of(distribution(folder).toString()),
        upArguments(folder, options),
        Map.of("JAVA_HOME", System.getProperty("java.home")));
  }

  /** A folder as the tar.gz has it: launcher, jars, configuration. */
  private static Path distribution(Path folder) throws IOException {
    Path home = folder.resolve("home");
    Path launcher = home.resolve("vedette");
    if (Files.exists(launcher)) {
      return launcher;
    }
    Path jars = Files.createDirectories(home.resolve("lib"));
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path jar = Path.of(entry).toAbsolutePath();
      if (entry.endsWith(".jar")) {
        Files.createSymbolicLink(jars.resolve(jar.getFileName()), jar);
      }
    }
    Files.createSymbolicLink(
        home.resolve("config"), Path.of("..", "config").toAbsolutePath().normalize());
    return Files.copy(Path.of("..", "vedette"), launcher, StandardCopyOption.COPY_ATTRIBUTES);
  }

  private static List<String> upArguments(Path folder, String... options) {
    List<String> arguments =
        new ArrayList<>(List.of("up", "--data-dir", folder.resolve("data").toString()));
    for (String port : List.of(
        "edge.http.port",
        "collector.http.port",
        "collector.syslog.port",
        "analyzer.http.port",
        "alert.http.port")) {
      arguments.addAll(List.of("--set", port + "=0"));
    }
    // A test leaves nothing in its user's home.
    arguments.addAll(List.of("--set", "trail.signer-state-copy=none"));
    arguments.addAll(List.of(options));
    return arguments;
  }

  /** Any long-running command; it is told to write a ready file. */
  public static VedetteProcess start(
      Path folder, String name, List<String> arguments, Map<String, String> environment)
      throws IOException, InterruptedException {
    return start(folder, name, java(), arguments, environment);
  }

  private static VedetteProcess start(
      Path folder,
      String name,
      List<String> program,
      List<String> arguments,
      Map<String, String> environment)
      throws IOException, InterruptedException {
    Path readyFile = folder.resolve(name + ".ready.json");
    Path output = folder.resolve(name + ".log");
    Files.deleteIfExists(readyFile);
    List<String> command = new ArrayList<>(program);
    command.addAll(arguments);
    command.addAll(List.of("--ready-file", readyFile.toString()));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().putAll(environment);
    try (WatchService watch = FileSystems.getDefault().newWatchService()) {
      folder.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
      Process process = builder.start();
      long until = System.nanoTime() + START_LIMIT.toNanos();
      while (!Files.exists(readyFile)) {
        if (!process.isAlive()) {
          throw new AssertionError(
              name + " stopped before it was ready:\n" + Files.readString(output));
        }
        if (System.nanoTime() > until) {
          process.destroyForcibly();
          throw new AssertionError(
              name + " was not ready after " + START_LIMIT + ":\n" + Files.readString(output));
        }
        var key = watch.poll(500, TimeUnit.MILLISECONDS);
        if (key != null) {
          key.pollEvents();
          key.reset();
        }
      }
      return new VedetteProcess(process, output, JSON.readTree(readyFile.toFile()));
    }
  }

  /** Runs a command to its end and answers what it printed; fails when it exits with anything but 0. */
  public static String run(String... arguments) throws IOException, InterruptedException {
    return run(0, Map.of(), arguments);
  }

  /** The same, where it has to exit with another code. */
  public static String run(int code, Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(java());
    command.addAll(List.of(arguments));
    Command done = Command.run(RUN_LIMIT, environment, "", command);
    if (done.code() != code) {
      throw new AssertionError(
          String.join(" ", arguments) + " failed with " + done.code() + ":\n" + done.printed());
    }
    return done.printed();
  }

  private static List<String> java() {
    List<String> command = new ArrayList<>(List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx320m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Dvedette.home=" + Path.of("..").toAbsolutePath().normalize()));
    if (Runtime.version().feature() >= 24) {
      command.addAll(
          List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
    }
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), "io.vedette.standalone.Vedette"));
    return command;
  }

  public String url(String service) {
    return ready.path("urls").path(service).asText();
  }

  public int port(String name) {
    return ready.path("ports").path(name).asInt();
  }

  public String token() {
    return token;
  }

  /** The token of requests from now on: a service of a cluster makes none of its own. */
  public void presents(String other) {
    token = other;
  }

  public String databaseUrl() {
    return ready.path("database_url").asText();
  }

  public String trailKey() {
    return ready.path("trail_key").asText();
  }

  public long pid() {
    return process.pid();
  }

  /** Resident memory of the process, -1 where the system does not tell. */
  public long residentBytes() throws IOException {
    Path status = Path.of("/proc", Long.toString(process.pid()), "status");
    if (!Files.exists(status)) {
      return -1;
    }
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
        .findFirst()
        .orElse(-1);
  }

  public String log() throws IOException {
    return Files.readString(output);
  }

  public HttpResponse<String> get(String service, String path)
      throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(URI.create(url(service) + path)).GET());
  }

  public JsonNode json(String service, String path) throws IOException, InterruptedException {
    HttpResponse<String> response = get(service, path);
    if (response.statusCode() != 200) {
      throw new AssertionError(
          "GET " + path + " answered " + response.statusCode() + ": " + response.body());
    }
    return JSON.readTree(response.body());
  }

  public HttpResponse<String> post(String service, String path, String body)
      throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(URI.create(url(service) + path))
        .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
    return HTTP.send(
        request
            .header("Authorization", "Bearer " + token())
            .timeout(Duration.ofSeconds(30))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /** {@code kill -9}. */
  public void kill() throws InterruptedException {
    process.destroyForcibly();
    if (!process.waitFor(10, TimeUnit.SECONDS)) {
      throw new AssertionError("pid " + process.pid() + " survived SIGKILL");
    }
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** SIGTERM; answers the exit code. */
  public int stop() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("pid " + process.pid() + " did not stop within " + STOP_LIMIT);
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    if (!process.isAlive()) {
      return;
    }
    try {
      stop();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
