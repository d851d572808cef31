package io.vedette.standalone.cli;

import io.vedette.collector.SourceNames;
import io.vedette.runtime.auth.Role;
import io.vedette.runtime.config.Config;
import io.vedette.store.auth.Tokens;
import io.vertx.core.Future;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** API tokens: hashed rows in the database, shown once. */
@Command(
    name = "token",
    description = "Create, list and revoke API tokens.",
    subcommands = {
      TokenCommand.Create.class,
      TokenCommand.ListTokens.class,
      TokenCommand.Revoke.class
    })
public final class TokenCommand implements Runnable {
  @Spec
  private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "create, list or revoke?");
  }

  private static <T> T with(DatabaseCommandOptions options, Function<Tokens, Future<T>> work)
      throws InterruptedException {
    return CommandDatabase.with(options.database(), database -> work.apply(new Tokens(database)));
  }

  @Command(
      name = "create",
      mixinStandardHelpOptions = true,
      description = "Create a token and print it: it is not shown again.")
  static final class Create implements Callable<Integer> {
    @Mixin
    private DatabaseCommandOptions database = new DatabaseCommandOptions();

    @Option(
        names = "--role",
        required = true,
        paramLabel = "ROLE",
        description = "viewer, operator, admin or ingest; repeatable")
    private Set<String> roles = new LinkedHashSet<>();

    @Option(
        names = "--name",
        defaultValue = "cli",
        description = "who it is for: the actor in audit records, the source of what it sends")
    private String name = "cli";

    @Option(
        names = "--ttl",
        paramLabel = "TIME",
        description = "for example 90s, 24h, 30d (default: no end)")
    private @Nullable String ttl;

    @Option(
        names = "--trail",
        paramLabel = "N",
        description = "trails it may see (default: 1); repeatable")
    private Set<Integer> trails = new LinkedHashSet<>();

    @Option(
        names = "--config",
        paramLabel = "FILE",
        description =
            "configuration whose sources' names it may not have (default: config/vedette.yaml beside the launcher)")
    private @Nullable Path config;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws InterruptedException {
      requireFree(name);
      Set<Role> wanted = new LinkedHashSet<>();
      for (String role : roles) {
        wanted.add(role(role));
      }
      Duration lifetime = ttl == null ? null : lifetime(ttl);
      Tokens.Created created = with(
          database,
          tokens -> tokens.create(name, wanted, lifetime, trails.isEmpty() ? Set.of(1) : trails));
      spec.commandLine().getOut().println(created.secret());
      return 0;
    }

    /** The collector refuses what such a token sends; better to hear it now. */
    private void requireFree(String name) {
      Config loaded = Config.load(
          config == null ? UpCommand.shippedConfig() : config, System.getenv(), Map.of());
      SourceNames.of(loaded).owner(name).ifPresent(owner -> {
        throw new ParameterException(
            spec.commandLine(),
            "--name: " + name + " (expected: another one; this is the name of " + owner + ")");
      });
    }

    private Role role(String text) {
      for (Role role : Role.values()) {
        if (role.name().equals(text.toUpperCase(Locale.ROOT))) {
          return role;
        }
      }
      throw new ParameterException(
          spec.commandLine(), "--role: " + text + " (expected: viewer, operator, admin or ingest)");
    }

    private Duration lifetime(String text) {
      try {
        String days = text.endsWith("d")
            ? "P" + text.toUpperCase(Locale.ROOT)
            : "PT" + text.toUpperCase(Locale.ROOT);
        return Duration.parse(days);
      } catch (java.time.format.DateTimeParseException e) {
        throw new ParameterException(
            spec.commandLine(),
            "--ttl: " + text + " (expected: a time such as 90s, 15m, 24h, 30d)",
            e);
      }
    }
  }

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "List tokens: names, roles, ends; never the secrets.")
  static final class ListTokens implements Callable<Integer> {
    @Mixin
    private DatabaseCommandOptions database = new DatabaseCommandOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws InterruptedException {
      PrintWriter out = spec.commandLine().getOut();
      out.printf("%-14s %-20s %-18s %-10s %s%n", "id", "name", "roles", "trails", "valid until");
      for (Tokens.Listed token : with(database, Tokens::list)) {
        out.printf(
            "%-14s %-20s %-18s %-10s %s%n",
            token.id(), token.name(), token.roles(), token.trails(), until(token));
      }
      return 0;
    }

    private static String until(Tokens.Listed token) {
      if (token.revokedUs() != 0) {
        return "revoked " + Instant.ofEpochMilli(token.revokedUs() / 1000);
      }
      return token.expiresUs() == Long.MAX_VALUE
          ? "no end"
          : Instant.ofEpochMilli(token.expiresUs() / 1000).toString();
    }
  }

  @Command(
      name = "revoke",
      mixinStandardHelpOptions = true,
      description = "Revoke a token; sessions that use it end within seconds.")
  static final class Revoke implements Callable<Integer> {
    @Mixin
    private DatabaseCommandOptions database = new DatabaseCommandOptions();

    @Parameters(paramLabel = "ID", description = "as token list shows it")
    private String id = "";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws InterruptedException {
      if (!with(database, tokens -> tokens.revoke(id))) {
        throw new CommandFailure(
            "no valid token has the id " + id + " (see: ./vedette token list)");
      }
      spec.commandLine().getOut().println("revoked " + id);
      return 0;
    }
  }
}
