package io.vedette.standalone;

import io.vedette.postgres.EmbeddedPostgresException;
import io.vedette.runtime.config.ConfigException;
import io.vedette.runtime.http.PortTakenException;
import io.vedette.standalone.cli.CommandFailure;
import io.vedette.standalone.cli.ConfigCommand;
import io.vedette.standalone.cli.DbCommand;
import io.vedette.standalone.cli.DemoCommand;
import io.vedette.standalone.cli.RulesCommand;
import io.vedette.standalone.cli.ServiceCommand;
import io.vedette.standalone.cli.StatusCommand;
import io.vedette.standalone.cli.StopCommand;
import io.vedette.standalone.cli.Subcommand;
import io.vedette.standalone.cli.TokenCommand;
import io.vedette.standalone.cli.UpCommand;
import io.vedette.store.DatabaseException;
import java.util.ServiceLoader;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/** The command line: one subcommand each way of running Vedette and of asking it something. */
@Command(
    name = "vedette",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "Real-time audit and monitoring on one sequenced, durable, tamper-evident log.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "A source checkout has one more, which the launcher builds at its first use:",
      "  bench      Load generators and figures: ./vedette bench --help"
    },
    subcommands = {
      UpCommand.class,
      StatusCommand.class,
      StopCommand.class,
      DemoCommand.class,
      RulesCommand.class,
      TokenCommand.class,
      DbCommand.class,
      ConfigCommand.class
    })
public final class Vedette implements Runnable {
  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  public static void main(String[] args) {
    int code = commandLine().execute(args);
    System.exit(code);
  }

  static CommandLine commandLine() {
    CommandLine line = new CommandLine(new Vedette());
    for (String service : ServiceCommand.SERVICES) {
      line.addSubcommand(service, new ServiceCommand(service));
    }
    ServiceLoader.load(Subcommand.class).forEach(line::addSubcommand);
    explain(line);
    line.setUsageHelpAutoWidth(true);
    line.setExecutionExceptionHandler((failure, command, parsed) -> {
      if (isUnderstandable(failure)) {
        command.getErr().println("vedette: " + failure.getMessage());
      } else {
        LoggerFactory.getLogger(Vedette.class).error("unexpected failure", failure);
        command.getErr().println("vedette: " + failure);
      }
      return 1;
    });
    return line;
  }

  /** Every command below answers to {@code --help}, groups too. */
  private static void explain(CommandLine line) {
    for (CommandLine sub : line.getSubcommands().values()) {
      CommandLine.Model.CommandSpec command = sub.getCommandSpec();
      if (!command.optionsMap().containsKey("--help")) {
        command.mixinStandardHelpOptions(true).versionProvider(new Version());
      }
      explain(sub);
    }
  }

  /** Failures whose message says what was found and what was expected: a stack trace would only hide it. */
  private static boolean isUnderstandable(Exception failure) {
    return failure instanceof CommandFailure
        || failure instanceof ConfigException
        || failure instanceof EmbeddedPostgresException
        || failure instanceof DatabaseException
        || failure instanceof PortTakenException;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "no command given");
  }
}
