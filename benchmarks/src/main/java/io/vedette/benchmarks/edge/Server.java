package io.vedette.benchmarks.edge;

import io.vedette.benchmarks.edge.peer.EdgeServer;
import io.vedette.benchmarks.edge.peer.SockJsServer;
import io.vedette.benchmarks.edge.peer.VertxServer;
import io.vedette.standalone.cli.CommandFailure;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One server process, pinned to one core; ends with this object. */
final class Server implements AutoCloseable {
  private static final int START_MS = 20_000;

  /** The flags of the launcher for an edge; the peers get a larger heap, which is in their favour, and else run as Java does unasked. */
  private static final List<String> OURS = List.of(
      "-XX:+UseSerialGC",
      "-Xms48m",
      "-Xmx320m",
      "-XX:MaxMetaspaceSize=192m",
      "-XX:ReservedCodeCacheSize=96m",
      "-Xss512k",
      "-XX:Tier4InvocationThreshold=20000",
      "-XX:Tier4MinInvocationThreshold=5000",
      "-XX:Tier4CompileThreshold=40000",
      "-XX:Tier4BackEdgeThreshold=200000",
      "-XX:MaxDirectMemorySize=192m",
      "-Dio.netty.allocator.numDirectArenas=2",
      "-Dio.netty.allocator.numHeapArenas=2");

  private static final List<String> PEERS =
      List.of("-XX:+UseSerialGC", "-Xms48m", "-Xmx2g", "-XX:MaxDirectMemorySize=2g");

  private final Process process;
  private final int port;
  private final int feedPort;

  private Server(Process process, int port, int feedPort) {
    this.process = process;
    this.port = port;
    this.feedPort = feedPort;
  }

  /** @param batchMs tick of the batched peers */
  static Server start(Contender contender, Setup setup, boolean deflate, int batchMs)
      throws IOException {
    List<String> command =
        new ArrayList<>(List.of("taskset", "-c", Integer.toString(setup.serverCore())));
    int nginxPort = contender == Contender.NCHAN ? freePort() : 0;
    switch (contender) {
      case VEDETTE -> {
        command.addAll(java(OURS, setup.javaOptions(), EdgeServer.class));
        command.addAll(setup.settings());
      }
      case SOCKJS -> command.addAll(java(PEERS, List.of(), SockJsServer.class));
      case VERTX -> command.addAll(java(PEERS, List.of(), VertxServer.class));
      case WS, WS_BATCHED, WS_NO_CONTEXT -> {
        command.addAll(List.of(
            "node",
            "--max-old-space-size=8192",
            setup.peers().resolve("ws-server.js").toString()));
        if (contender == Contender.WS_BATCHED) {
          command.addAll(List.of("--batch", Integer.toString(batchMs)));
        }
        if (deflate) {
          command.add("--deflate");
        }
        if (contender == Contender.WS_NO_CONTEXT) {
          command.add("--no-context");
        }
      }
      case NCHAN -> command.addAll(nginx(setup, nginxPort, deflate));
    }
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder
        .environment()
        .put("NODE_PATH", setup.scratch().resolve("node_modules").toString());
    Process process = builder.start();
    try {
      return contender == Contender.NCHAN
          ? awaitPort(process, nginxPort)
          : awaitReady(process, contender);
    } catch (IOException | RuntimeException failure) {
      process.destroyForcibly();
      throw failure;
    }
  }

  private static List<String> java(List<String> flags, List<String> options, Class<?> main) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    return command;
  }

  private static List<String> nginx(Setup setup, int port, boolean deflate) throws IOException {
    Path folder = Files.createDirectories(setup.scratch().resolve("nginx"));
    String conf = Files.readString(setup.peers().resolve("nchan.conf"))
        .replace("{module}", setup.nchanModule().toString())
        .replace("{port}", Integer.toString(port))
        .replace("{deflate}", deflate ? "on" : "off");
    Files.writeString(folder.resolve("nchan.conf"), conf);
    return List.of(
        "nginx",
        "-p",
        folder.toAbsolutePath() + "/",
        "-c",
        folder.resolve("nchan.conf").toAbsolutePath().toString(),
        "-e",
        "stderr");
  }

  private static Server awaitReady(Process process, Contender contender) throws IOException {
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    List<String> said = new ArrayList<>();
    Thread reaper = new Thread(() -> reap(process), "start limit");
    reaper.setDaemon(true);
    reaper.start();
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.startsWith("READY ")) {
        reaper.interrupt();
        String[] ports = line.split(" ", -1);
        drain(out);
        return new Server(process, Integer.parseInt(ports[1]), Integer.parseInt(ports[2]));
      }
      said.add(line);
    }
    throw new CommandFailure(contender.word() + " did not start: " + String.join("\n", said));
  }

  private static void reap(Process process) {
    try {
      TimeUnit.MILLISECONDS.sleep(START_MS);
      process.destroyForcibly();
    } catch (InterruptedException started) {
      Thread.currentThread().interrupt();
    }
  }

  /** What a server says later is shown, and never fills its pipe. */
  private static void drain(BufferedReader out) {
    Thread reader = new Thread(
        () -> out.lines().forEach(line -> System.err.println("  server: " + line)),
        "server output");
    reader.setDaemon(true);
    reader.start();
  }

  private static Server awaitPort(Process process, int port) throws IOException {
    drain(new BufferedReader(
        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)));
    long endNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(START_MS);
    while (System.nanoTime() < endNs && process.isAlive()) {
      try (Socket probe = new Socket(InetAddress.getLoopbackAddress(), port)) {
        return new Server(process, probe.getPort(), probe.getPort());
      } catch (java.net.ConnectException notYet) {
        Thread.onSpinWait();
      }
    }
    throw new CommandFailure("nginx does not answer on port " + port);
  }

  private static int freePort() throws IOException {
    try (ServerSocket probe = new ServerSocket(0)) {
      return probe.getLocalPort();
    }
  }

  int port() {
    return port;
  }

  int feedPort() {
    return feedPort;
  }

  long pid() {
    return process.pid();
  }

  double cpuSeconds() {
    return Proc.cpuSeconds(process.pid());
  }

  long rssKb() {
    return Proc.rssKb(process.pid());
  }

  @Override
  public void close() {
    List<ProcessHandle> children = process.descendants().toList();
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
      }
    } catch (InterruptedException interrupted) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    children.forEach(ProcessHandle::destroyForcibly);
  }
}
