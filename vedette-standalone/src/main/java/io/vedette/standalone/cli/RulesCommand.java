package io.vedette.standalone.cli;

import io.vedette.analyzer.RulesCheck;
import io.vedette.store.MicroClock;
import io.vedette.store.analysis.RuleRevisions;
import io.vedette.store.analysis.RuleRevisions.Applied;
import io.vedette.store.trail.Appender;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./vedette rules}. Exit codes: 0 fine, 1 problems found or not done, 2 used wrongly. */
@Command(
    name = "rules",
    description = "Check rules, and put them in force.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {RulesCommand.Check.class, RulesCommand.Apply.class})
public final class RulesCommand implements Runnable {
  @Spec
  private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "check or apply?");
  }

  /** Files or folders; without any the rules that come along. */
  static final class RulesPaths {
    @Parameters(
        paramLabel = "PATH",
        arity = "0..*",
        description = "files or folders (default: config/rules beside the launcher)")
    private List<Path> paths = List.of();

    RulesCheck check() {
      return RulesCheck.of(
          paths.isEmpty() ? List.of(Home.folder().resolve("config").resolve("rules")) : paths);
    }
  }

  private static boolean isFine(RulesCheck checked, CommandSpec spec) {
    PrintWriter err = spec.commandLine().getErr();
    checked.problems().forEach(err::println);
    err.flush();
    return checked.isFine();
  }

  @Command(
      name = "check",
      mixinStandardHelpOptions = true,
      description =
          "Read rules and say what is wrong with them: file:line, what was found, what was expected.")
  static final class Check implements Callable<Integer> {
    @Mixin
    private RulesPaths rules = new RulesPaths();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
      RulesCheck checked = rules.check();
      boolean fine = isFine(checked, spec);
      checked.summary().forEach(spec.commandLine().getOut()::println);
      return fine ? 0 : 1;
    }
  }

  @Command(
      name = "apply",
      mixinStandardHelpOptions = true,
      description =
          "Put rules in force, as a new revision with its record. Equal rules change nothing; an unchanged rule keeps its state.")
  static final class Apply implements Callable<Integer> {
    @Mixin
    private RulesPaths rules = new RulesPaths();

    @Mixin
    private DatabaseCommandOptions database = new DatabaseCommandOptions();

    @Option(
        names = "--trail",
        paramLabel = "N",
        defaultValue = "1",
        description = "the trail they are for (default: 1)")
    private int trail = 1;

    @Option(
        names = "--comment",
        paramLabel = "TEXT",
        defaultValue = "",
        description = "why; it is part of the record")
    private String comment = "";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws InterruptedException {
      RulesCheck checked = rules.check();
      if (!isFine(checked, spec)) {
        return 1;
      }
      String author = "cli:" + System.getProperty("user.name", "unknown");
      Applied applied = CommandDatabase.with(database.database(), connected -> {
        Appender appender = new Appender(connected, connected.vertx().eventBus());
        return new RuleRevisions(connected, appender)
            .apply(
                trail, checked.files(), checked.hash(), author, comment, MicroClock.SYSTEM.nowUs())
            .eventually(appender::close);
      });
      spec.commandLine()
          .getOut()
          .println((applied.changed() ? "revision " : "unchanged: revision ")
              + applied.revision().revision() + " is in force from batch "
              + applied.revision().validFrom());
      return 0;
    }
  }
}
