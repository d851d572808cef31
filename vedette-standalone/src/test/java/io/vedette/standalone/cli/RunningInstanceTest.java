package io.vedette.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.postgres.FolderLock;
import io.vedette.standalone.cli.RunningInstance.State;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class RunningInstanceTest {
  @TempDir
  Path folder;

  private final StringWriter out = new StringWriter();
  private final List<Process> processes = new ArrayList<>();

  @AfterEach
  void endProcesses() {
    processes.forEach(Process::destroyForcibly);
  }

  @Test
  void statusOfALiveInstanceNamesItsPidAndUrlAndItsHealth() throws Exception {
    Process holder = hold(folder, folder);
    assertThat(run(new StatusCommand())).isZero();
    assertThat(out.toString())
        .contains(
            "running since 2026-01-02T03:04:05Z, pid " + holder.pid() + ", http://127.0.0.1:",
            "health: {\"status\":\"UP\"}");
  }

  @Test
  void stopEndsALiveInstanceAndWaitsForIt() throws Exception {
    Process holder = hold(folder, folder);
    assertThat(run(new StopCommand())).isZero();
    assertThat(out.toString()).contains("stopped pid " + holder.pid());
    assertThat(holder.isAlive()).isFalse();
    assertThat(RunningInstance.find(folder)).isEmpty();
    assertThat(run(new StopCommand())).isZero();
    assertThat(out.toString()).contains("not running on " + folder);
  }

  /** What a power cut leaves: the file of the last instance, and its pid given to somebody else meanwhile. */
  @Test
  void aStrangerWithThePidOfAStaleFileIsNeitherBelievedNorSignalled() throws Exception {
    Process stranger = started(new ProcessBuilder("cat"));
    Files.writeString(folder.resolve("instance.lock"), stranger.pid() + "\n");
    Files.writeString(
        folder.resolve("instance.json"),
        "{\"pid\":" + stranger.pid() + ",\"started\":\"2026-01-02T03:04:05Z\",\"urls\":{}}");
    assertThat(run(new StatusCommand())).isEqualTo(3);
    assertThat(run(new StopCommand())).isZero();
    assertThat(out.toString()).contains("not running on " + folder).doesNotContain("stopped");
    assertIsAlive(stranger);
  }

  @Test
  void aStaleFileBesideAnInstanceThatStartsIsNotBelieved() throws Exception {
    Process stranger = started(new ProcessBuilder("cat"));
    Process holder = hold(folder);
    Files.writeString(
        folder.resolve("instance.json"),
        "{\"pid\":" + stranger.pid() + ",\"started\":\"2026-01-02T03:04:05Z\",\"urls\":{}}");
    assertThat(run(new StatusCommand())).isEqualTo(3);
    assertThat(out.toString()).contains("pid " + holder.pid() + " is starting on " + folder);
    assertThat(RunningInstance.find(folder)).isEmpty();
    assertThat(run(new StopCommand())).isZero();
    assertThat(holder.isAlive()).isFalse();
    assertIsAlive(stranger);
  }

  @Test
  void theFallbackIsTheInstanceOfTheFolderAskedForAlone() throws Exception {
    Path asked = folder.resolve("clone/data");
    Path fallback = Files.createDirectory(folder.resolve("fallback"));
    Process holder = hold(fallback, asked);
    assertThat(RunningInstance.state(asked, fallback))
        .isInstanceOfSatisfying(State.Ready.class, ready -> {
          assertThat(ready.instance().pid()).isEqualTo(holder.pid());
          assertThat(ready.instance().folder()).isEqualTo(fallback);
        });
    assertThat(RunningInstance.state(folder.resolve("second/data"), fallback))
        .isEqualTo(new State.Free());
  }

  @Test
  void theLockOfThisVeryProcessIsSeenAndKept() throws Exception {
    try (FolderLock lock = ((FolderLock.Attempt.Locked) FolderLock.tryLock(folder)).lock()) {
      lock.publish("{\"pid\":" + ProcessHandle.current().pid()
          + ",\"started\":\"2026-01-02T03:04:05Z\",\"urls\":{}}");
      assertThat(RunningInstance.find(folder))
          .map(RunningInstance::pid)
          .contains(ProcessHandle.current().pid());
      assertThat(FolderLock.tryLock(folder)).isInstanceOf(FolderLock.Attempt.Held.class);
    }
  }

  @Test
  void everyCommandOfAnInstanceExplainsItself() {
    for (Object command : List.of(new StatusCommand(), new StopCommand(), new DemoCommand())) {
      StringWriter usage = new StringWriter();
      CommandLine line = new CommandLine(command).setOut(new PrintWriter(usage, true));
      assertThat(line.execute("--help")).isZero();
      assertThat(usage.toString()).contains("--data-dir=DIR", "--help", line.getCommandName());
    }
  }

  /** A pid that lives may be a zombie: a stream that it still copies says more. */
  private static void assertIsAlive(Process cat) throws Exception {
    try (var to = cat.outputWriter()) {
      to.write("still here\n");
    }
    String said = CompletableFuture.supplyAsync(
            () -> cat.inputReader().lines().toList().toString())
        .get(60, TimeUnit.SECONDS);
    assertThat(said).isEqualTo("[still here]");
    assertThat(cat.waitFor()).as("it ended by the end of its input").isZero();
  }

  private Process hold(Path... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx64m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-cp",
        System.getProperty("java.class.path"),
        HolderMain.class.getName()));
    List.of(arguments).forEach(argument -> command.add(argument.toString()));
    Process process =
        started(new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT));
    String said = CompletableFuture.supplyAsync(() -> firstLine(process)).get(60, TimeUnit.SECONDS);
    assertThat(said).isEqualTo("holding");
    return process;
  }

  private static String firstLine(Process process) {
    return process.inputReader().lines().findFirst().orElse("no output");
  }

  private Process started(ProcessBuilder builder) throws Exception {
    Process process = builder.start();
    processes.add(process);
    return process;
  }

  private int run(Object command) {
    return new CommandLine(command)
        .setOut(new PrintWriter(out, true))
        .execute("--data-dir", folder.toString());
  }
}
