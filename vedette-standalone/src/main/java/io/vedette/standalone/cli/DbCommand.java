package io.vedette.standalone.cli;

import io.vedette.store.DatabaseAdmin;
import io.vedette.store.DatabaseUrl;
import io.vedette.store.Migrations;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What an administrator does to a database before services use it. */
@Command(
    name = "db",
    description = "Prepare a database of your own for a cluster.",
    subcommands = {DbCommand.Init.class, DbCommand.Migrate.class})
public final class DbCommand implements Runnable {
  @Spec
  private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "init or migrate?");
  }

  @Command(
      name = "init",
      mixinStandardHelpOptions = true,
      description =
          "Create schema and roles (may be repeated), migrate, and print the URL of each service. ADMIN_URL is a user who may create roles.")
  static final class Init implements Callable<Integer> {
    @Parameters(
        paramLabel = "ADMIN_URL",
        arity = "0..1",
        description =
            "postgresql://user:password@host:5432/database (default: VEDETTE_DATABASE_ADMIN_URL)")
    private @Nullable String admin;

    @Option(
        names = "--new-passwords",
        description =
            "also for roles that exist: services that run with the old ones lose their database")
    private boolean newPasswords;

    @Option(
        names = "--passwords-from-environment",
        description = "take the services' passwords from VEDETTE_<SERVICE>_PASSWORD; prints no URL")
    private boolean fromEnvironment;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
      String url = admin != null ? admin : System.getenv("VEDETTE_DATABASE_ADMIN_URL");
      if (url == null) {
        throw new CommandFailure(
            "no ADMIN_URL (expected: postgresql://user:password@host:5432/database)");
      }
      PrintWriter out = spec.commandLine().getOut();
      DatabaseUrl adminUrl = DatabaseUrl.parse(url);
      DatabaseAdmin.Roles roles = DatabaseAdmin.init(adminUrl, newPasswords || fromEnvironment);
      int steps = Migrations.migrate(roles.owner().password() == null ? adminUrl : roles.owner());
      out.println("schema vedette is at the newest version (" + steps + " steps)");
      if (fromEnvironment) {
        DatabaseAdmin.setPasswords(adminUrl, System.getenv());
        return 0;
      }
      print(out, "owner (db migrate)", roles.owner());
      print(out, "collector", roles.collector());
      print(out, "analyzer", roles.analyzer());
      print(out, "alert", roles.alert());
      print(out, "edge", roles.edge());
      return 0;
    }

    private static void print(PrintWriter out, String who, DatabaseUrl url) {
      out.printf(
          "%-19s VEDETTE_DATABASE_URL='%s'%s%n",
          who, url.secretText(), url.password() == null ? "   (password unchanged)" : "");
    }
  }

  @Command(
      name = "migrate",
      mixinStandardHelpOptions = true,
      description = "Bring the schema to the newest version, as its owner.")
  static final class Migrate implements Callable<Integer> {
    @picocli.CommandLine.Mixin
    private DatabaseCommandOptions database = new DatabaseCommandOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
      int steps = Migrations.migrate(database.database());
      spec.commandLine()
          .getOut()
          .println(
              steps == 0
                  ? "nothing to do: the schema is at the newest version"
                  : "migrated in " + steps + " steps");
      return 0;
    }
  }
}
