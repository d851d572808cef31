package io.vedette.postgres;

import io.vedette.postgres.EmbeddedPostgresException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The account the server runs as: this process's own, or, because PostgreSQL refuses to run as root, another one that root
 * changes to by a prefix of the command line.
 */
record ServerAccount(String name, int uid, int gid, List<String> prefix, boolean quoted) {
  private static final Duration PROBE = Duration.ofSeconds(10);
  private static final int NOBODY = 65534;

  /** The account for data that exist already (their owner's) or are yet to be made. */
  static ServerAccount forData(Path pgdata) {
    int me = Me.UID;
    int group = Me.GID;
    if (!Files.isDirectory(pgdata)) {
      return me == 0 ? First.FOUND.orElseThrow(ServerAccount::noWay) : own(me, group);
    }
    int owner = attribute(pgdata, "unix:uid");
    if (owner == me && me != 0) {
      return own(me, group);
    }
    String ownerName = ownerName(pgdata);
    if (me != 0) {
      throw new EmbeddedPostgresException(
          Reason.FOLDER_UNUSABLE,
          "%s belongs to %s, and this process runs as uid %d: start it as root or as %s, or use another data folder"
              .formatted(pgdata, ownerName, me, ownerName));
    }
    if (owner == 0) {
      throw new EmbeddedPostgresException(
          Reason.FOLDER_UNUSABLE,
          pgdata
              + " belongs to root, as whom PostgreSQL refuses to run: chown -R it to the account it shall run as");
    }
    return changing(ownerName, owner, attribute(pgdata, "unix:gid"))
        .orElseThrow(ServerAccount::noWay);
  }

  boolean isOther() {
    return !prefix.isEmpty();
  }

  /** The command line that runs a command as this account. */
  List<String> command(List<String> command) {
    List<String> all = new ArrayList<>(prefix);
    if (quoted) {
      all.add(command.stream().map(ServerAccount::quote).reduce("exec", (a, b) -> a + " " + b));
    } else {
      all.addAll(command);
    }
    return all;
  }

  /** Whether this account can enter a folder, asked of the kernel, which knows about ACLs and mounts. */
  boolean reaches(Path folder) {
    return Command.run(
            command(List.of("/bin/sh", "-c", "cd \"$1\"", "sh", folder.toString())), PROBE)
        .ok();
  }

  private static ServerAccount own(int uid, int gid) {
    return new ServerAccount("uid " + uid, uid, gid, List.of(), false);
  }

  /** An account of this machine. */
  record Account(int uid, int gid) {}

  /** Asked once, because every question is a process of its own: the answers stay while this process runs. */
  private static final class Me {
    private static final int UID = number("-u").orElseThrow();
    private static final int GID = number("-g").orElseThrow();
  }

  /** Asked once, and only by root. */
  private static final class First {
    private static final Optional<ServerAccount> FOUND =
        firstFound(ServerAccount::account, Command::find, ServerAccount::works);
  }

  /** The first account there is that the first way that works leads to; who they are, what there is and what works is asked. */
  static Optional<ServerAccount> firstFound(
      Function<String, Optional<Account>> accounts,
      Function<String, Optional<String>> programs,
      Predicate<ServerAccount> works) {
    for (String name : List.of("vedette", "postgres")) {
      Optional<ServerAccount> found = accounts
          .apply(name)
          .filter(account -> account.uid() != 0)
          .flatMap(account -> ways(name, account.uid(), account.gid(), programs).stream()
              .filter(works)
              .findFirst());
      if (found.isPresent()) {
        return found;
      }
    }
    return ways("nobody", NOBODY, NOBODY, programs).stream().filter(works).findFirst();
  }

  private static Optional<Account> account(String name) {
    OptionalInt uid = number("-u", name);
    OptionalInt gid = number("-g", name);
    return uid.isPresent() && gid.isPresent()
        ? Optional.of(new Account(uid.getAsInt(), gid.getAsInt()))
        : Optional.empty();
  }

  /** The first way that works; `unshare` is none: it gives a fake root that PostgreSQL sees through. */
  private static Optional<ServerAccount> changing(String name, int uid, int gid) {
    return ways(name, uid, gid, Command::find).stream()
        .filter(ServerAccount::works)
        .findFirst();
  }

  static List<ServerAccount> ways(
      String name, int uid, int gid, Function<String, Optional<String>> programs) {
    String user = Integer.toString(uid);
    List<ServerAccount> ways = new ArrayList<>();
    programs.apply("setpriv").ifPresent(setpriv -> {
      // A container may forbid setgroups; then the groups stay, which only matters where a file
      // grants them something.
      for (String groups : List.of("--clear-groups", "--keep-groups")) {
        List<String> prefix = List.of(setpriv, "--reuid=" + user, "--regid=" + gid, groups);
        ways.add(new ServerAccount(name, uid, gid, prefix, false));
      }
    });
    programs
        .apply("runuser")
        .ifPresent(runuser ->
            ways.add(new ServerAccount(name, uid, gid, List.of(runuser, "-u", name, "--"), false)));
    programs
        .apply("su")
        .ifPresent(su -> ways.add(
            new ServerAccount(name, uid, gid, List.of(su, "-s", "/bin/sh", name, "-c"), true)));
    return ways;
  }

  boolean works() {
    Command.Outcome outcome = Command.run(command(List.of("id", "-u")), PROBE);
    return outcome.ok() && outcome.output().equals(Integer.toString(uid));
  }

  private static EmbeddedPostgresException noWay() {
    return new EmbeddedPostgresException(
        Reason.NO_ACCOUNT,
        "PostgreSQL refuses to run as root, and neither setpriv nor runuser nor su could change to the account vedette,"
            + " postgres or uid 65534: start this as an ordinary user, or "
            + EmbeddedPostgresException.OWN);
  }

  private static String quote(String word) {
    return "'" + word.replace("'", "'\\''") + "'";
  }

  private static OptionalInt number(String... arguments) {
    List<String> command = new ArrayList<>(List.of("id"));
    command.addAll(List.of(arguments));
    Command.Outcome outcome = Command.run(command, PROBE);
    return outcome.ok() && outcome.output().matches("\\d{1,9}")
        ? OptionalInt.of(Integer.parseInt(outcome.output()))
        : OptionalInt.empty();
  }

  static int attribute(Path path, String attribute) {
    try {
      return (Integer) Files.getAttribute(path, attribute, LinkOption.NOFOLLOW_LINKS);
    } catch (IOException e) {
      throw new EmbeddedPostgresException(
          Reason.FOLDER_UNUSABLE, "cannot read the owner of " + path, e);
    }
  }

  private static String ownerName(Path path) {
    try {
      return Files.getOwner(path, LinkOption.NOFOLLOW_LINKS).getName();
    } catch (IOException e) {
      throw new EmbeddedPostgresException(
          Reason.FOLDER_UNUSABLE, "cannot read the owner of " + path, e);
    }
  }
}
