package io.vedette.standalone.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Says whether an instance runs on a folder; exit code 3 where none does, or not yet, as init scripts expect (LSB core, section 22.2). */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    description = "Say whether an instance runs on a data folder, since when and where it listens.")
public final class StatusCommand implements Callable<Integer> {
  @Mixin
  private DataDir data = new DataDir();

  @Spec
  private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    RunningInstance.State state = RunningInstance.state(data.folder);
    if (state instanceof RunningInstance.State.Starting starting) {
      out.println("pid " + starting.pid() + " is starting on "
          + data.folder.toAbsolutePath().normalize());
      return 3;
    }
    if (!(state instanceof RunningInstance.State.Ready ready)) {
      out.println("not running on " + data.folder.toAbsolutePath().normalize());
      return 3;
    }
    RunningInstance instance = ready.instance();
    out.println("running since " + instance.started() + ", pid " + instance.pid() + ", "
        + instance.edgeUrl());
    out.println("health: " + new InstanceClient(instance).get("/health/ready"));
    return 0;
  }
}
