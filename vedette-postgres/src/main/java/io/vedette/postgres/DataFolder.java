package io.vedette.postgres;

import io.vedette.postgres.EmbeddedPostgresException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What lies in the data folder: {@code pgdata}, PostgreSQL's own and its account's, and {@code postgres.password}, ours.
 * {@code pgdata} either is complete or does not exist: it is made beside and moved there.
 */
final class DataFolder {
  private static final Duration INITDB = Duration.ofMinutes(2);
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  private final Path folder;
  private final Path pgdata;
  private final ServerAccount account;
  private final Binaries binaries;

  DataFolder(Path folder, ServerAccount account, Binaries binaries) {
    this.folder = folder;
    this.pgdata = Placement.pgdata(folder);
    this.account = account;
    this.binaries = binaries;
  }

  /** Refuses data of another major version. */
  void checkVersion() {
    if (!exists()) {
      return;
    }
    Path file = pgdata.resolve("PG_VERSION");
    if (!Files.isRegularFile(file)) {
      throw new EmbeddedPostgresException(
          Reason.FOLDER_UNUSABLE,
          ("%s has no file PG_VERSION that can be read (expected: data of PostgreSQL %s); move it away to begin anew, or"
                  + " restore it from a backup")
              .formatted(pgdata, binaries.major()));
    }
    try {
      String found = Files.readString(file).strip();
      if (!found.equals(binaries.major())) {
        throw new EmbeddedPostgresException(
            Reason.WRONG_VERSION,
            ("%s was made by PostgreSQL %s, and this version of Vedette comes with %s (expected: data of PostgreSQL %s)."
                    + " Either start the version of Vedette that made it, or convert it with pg_upgrade of PostgreSQL %s,"
                    + " or use another data folder; nothing was changed")
                .formatted(pgdata, found, binaries.version(), binaries.major(), binaries.major()));
      }
    } catch (IOException e) {
      throw EmbeddedPostgresException.of("cannot read " + file, e);
    }
  }

  private boolean exists() {
    return Files.isDirectory(pgdata, LinkOption.NOFOLLOW_LINKS);
  }

  /** Makes the data if there are none, and answers the superuser's password. */
  String prepare(boolean durable, Consumer<String> progress) {
    try {
      if (!exists()) {
        String password =
            Files.exists(passwordFile()) ? readPassword() : writePassword(randomPassword());
        progress.accept("making a new database in " + pgdata);
        initialise(password, durable);
        return password;
      }
      if (Files.exists(passwordFile())) {
        return readPassword();
      }
      String password = randomPassword();
      progress.accept(passwordFile() + " is missing: the superuser gets a new password");
      changePassword(password);
      return writePassword(password);
    } catch (IOException e) {
      throw EmbeddedPostgresException.of("cannot prepare " + pgdata, e);
    }
  }

  private void initialise(String password, boolean durable) throws IOException {
    Path unfinished = folder.resolve("pgdata.new");
    Binaries.deleteTree(unfinished);
    Files.createDirectory(
        unfinished,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    if (account.isOther()) {
      Files.setAttribute(unfinished, "unix:gid", account.gid());
      Files.setAttribute(unfinished, "unix:uid", account.uid());
    }
    // The pipe must belong to the account, or it may not open it: so cat hands the password on.
    List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", "cat | \"$@\"", "sh"));
    command.addAll(List.of(
        binaries.program("initdb"),
        "--pgdata=" + unfinished,
        "--username=" + EmbeddedPostgres.SUPERUSER,
        "--pwfile=/dev/stdin",
        "--auth-local=reject",
        "--auth-host=scram-sha-256",
        "--data-checksums",
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--no-instructions"));
    if (!durable) {
      command.add("--no-sync");
    }
    Command.Outcome outcome = Command.run(account.command(command), INITDB, password + "\n");
    if (!outcome.ok()) {
      Binaries.deleteTree(unfinished);
      throw EmbeddedPostgresException.said(
          "cannot make a database in %s: initdb ended with exit code %d"
              .formatted(pgdata, outcome.exit()),
          lastLines(outcome.output()));
    }
    Files.move(unfinished, pgdata, StandardCopyOption.ATOMIC_MOVE);
    if (durable) {
      Binaries.sync(folder);
    }
  }

  /** Without the old password only the server itself, alone on its files, can set a new one. */
  private void changePassword(String password) {
    List<String> command = List.of(
        binaries.program("postgres"),
        "--single",
        "-D",
        pgdata.toString(),
        "-c",
        "log_min_error_statement=panic",
        "postgres");
    Command.Outcome outcome = Command.run(
        account.command(command),
        INITDB,
        "ALTER ROLE " + EmbeddedPostgres.SUPERUSER + " PASSWORD '" + password + "'\n");
    if (!outcome.ok()) {
      throw EmbeddedPostgresException.said(
          "cannot set a new password", lastLines(outcome.output()));
    }
  }

  private Path passwordFile() {
    return folder.resolve("postgres.password");
  }

  private String readPassword() throws IOException {
    String password = Files.readString(passwordFile()).strip();
    if (!password.matches("[A-Za-z0-9_-]{8,}")) {
      throw new EmbeddedPostgresException(
          Reason.FOLDER_UNUSABLE,
          passwordFile()
              + " holds no password (expected: one line of letters, digits, - and _); remove it to get a new one");
    }
    return password;
  }

  private String writePassword(String password) throws IOException {
    Path unfinished = folder.resolve("postgres.password.new");
    Files.deleteIfExists(unfinished);
    Files.createFile(unfinished, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    Files.writeString(unfinished, password + "\n");
    Files.move(unfinished, passwordFile(), StandardCopyOption.ATOMIC_MOVE);
    return password;
  }

  private static String randomPassword() {
    byte[] random = new byte[24];
    new SecureRandom().nextBytes(random);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(random);
  }

  private static String lastLines(String output) {
    List<String> lines = output.lines().filter(line -> !line.isBlank()).toList();
    return String.join(" | ", lines.subList(Math.max(0, lines.size() - 8), lines.size()));
  }
}
