package io.vedette.standalone.cli.trail;

import io.vedette.standalone.cli.Subcommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The transparency log, as an auditor and as its keeper. */
@Command(
    name = "trail",
    mixinStandardHelpOptions = true,
    description =
        "Verify the trail, prove records, check proofs, export the log, show its keys, declare a restored trail.",
    subcommands = {
      VerifyCommand.class,
      ProveCommand.class,
      CheckCommand.class,
      ExportCommand.class,
      KeysCommand.class,
      ReopenCommand.class
    })
public final class TrailCommand implements Subcommand, Runnable {
  @Spec
  private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "verify, prove, check, export, keys or reopen?");
  }
}
