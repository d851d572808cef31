package io.vedette.standalone.cli;

import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Stops the instance of a folder, also one that is starting, and waits until it is gone. Only the process that holds the folder is signalled. */
@Command(
    name = "stop",
    mixinStandardHelpOptions = true,
    description = "Stop the instance that runs on a data folder, and wait until it is gone.")
public final class StopCommand implements Callable<Integer> {
  private static final long PATIENCE_S = 40;

  @Mixin
  private DataDir data = new DataDir();

  @Spec
  private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws ExecutionException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    RunningInstance.State state = RunningInstance.state(data.folder);
    long pid;
    if (state instanceof RunningInstance.State.Ready ready) {
      pid = ready.instance().pid();
    } else if (state instanceof RunningInstance.State.Starting starting && starting.pid() > 0) {
      pid = starting.pid();
    } else {
      out.println("not running on " + data.folder.toAbsolutePath().normalize());
      return 0;
    }
    Optional<ProcessHandle> process = ProcessHandle.of(pid);
    if (process.isPresent()) {
      process.get().destroy();
      try {
        process.get().onExit().get(PATIENCE_S, TimeUnit.SECONDS);
      } catch (TimeoutException e) {
        throw new CommandFailure("pid " + pid + " did not stop within " + PATIENCE_S + " s", e);
      }
    }
    out.println("stopped pid " + pid);
    return 0;
  }
}
