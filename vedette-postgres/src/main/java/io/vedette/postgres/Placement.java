package io.vedette.postgres;

import io.vedette.postgres.EmbeddedPostgresException.Reason;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which folder the data go to: the one asked for, or, when this process is root and the server's account cannot reach that
 * one (a clone in root's home), the fallback. The same question gets the same answer later, so status and stop find it too.
 *
 * @param folder the data folder, which exists
 * @param note what to tell the user when it is not simply the folder asked for
 */
public record Placement(Path folder, Optional<String> note) {
  private static final Set<PosixFilePermission> PRIVATE =
      PosixFilePermissions.fromString("rwx------");
  private static final Set<PosixFilePermission> PASSABLE =
      PosixFilePermissions.fromString("rwx--x--x");

  private static final String STANDS_FOR = "stands-for";

  static Path pgdata(Path folder) {
    return folder.resolve("pgdata");
  }

  static Placement of(EmbeddedPostgresOptions options) {
    Path asked = options.folder();
    if (Files.exists(asked) && !Files.isDirectory(asked)) {
      throw unusable(asked, "it is a file (expected: a folder)", null);
    }
    ServerAccount account = ServerAccount.forData(pgdata(asked));
    if (account.reaches(existing(asked))) {
      Optional<String> opened = open(asked, account);
      if (account.reaches(asked)) {
        return new Placement(real(asked), opened);
      }
    }
    if (Files.isDirectory(pgdata(asked))) {
      throw new EmbeddedPostgresException(
          Reason.FOLDER_UNUSABLE,
          "%s holds data of the account %s, which cannot reach it: give the folders above it the permission x for that"
                  .formatted(asked, account.name())
              + " account, or move it to where the account can go");
    }
    Path fallback = options.fallback();
    ServerAccount fallbackAccount = ServerAccount.forData(pgdata(fallback));
    open(fallback, fallbackAccount);
    if (!fallbackAccount.reaches(fallback)) {
      throw new EmbeddedPostgresException(
          Reason.FOLDER_UNUSABLE,
          "the account %s, as which PostgreSQL runs when this process is root, can reach neither %s nor %s"
              .formatted(fallbackAccount.name(), asked, fallback));
    }
    claim(fallback, asked);
    return new Placement(
        real(fallback),
        Optional.of(
            "PostgreSQL does not run as root, and the account %s cannot reach %s: the data folder is %s"
                .formatted(fallbackAccount.name(), asked, fallback)));
  }

  /** The fallback stands in for one folder: a second clone must not open the first one's data. */
  private static void claim(Path fallback, Path asked) {
    Path mark = fallback.resolve(STANDS_FOR);
    try {
      if (!Files.exists(mark)) {
        Files.writeString(mark, asked + "\n");
        return;
      }
      String other = Files.readString(mark).strip();
      if (!other.equals(asked.toString())) {
        throw new EmbeddedPostgresException(
            Reason.FOLDER_UNUSABLE,
            ("PostgreSQL does not run as root and its account cannot reach %s, and %s already stands in for %s: use"
                    + " another folder, which that account can reach (--data-dir), or, if these data are meant,"
                    + " --data-dir %s; where %s was moved or is no more, remove %s")
                .formatted(asked, fallback, other, fallback, other, mark));
      }
    } catch (IOException e) {
      throw EmbeddedPostgresException.of("cannot read or write " + mark, e);
    }
  }

  /** Makes the folder where it is missing, and lets another account pass through what is ours. */
  private static Optional<String> open(Path folder, ServerAccount account) {
    try {
      Set<PosixFilePermission> permissions = account.isOther() ? PASSABLE : PRIVATE;
      for (Path missing : missing(folder)) {
        Files.createDirectory(missing);
        Files.setPosixFilePermissions(missing, permissions);
      }
      if (!Files.isReadable(folder) || !Files.isWritable(folder) || !Files.isExecutable(folder)) {
        throw unusable(folder, "this process may not read and write it", null);
      }
      if (!account.isOther()
          || account.reaches(folder)
          || ServerAccount.attribute(folder, "unix:uid") != 0) {
        return Optional.empty();
      }
      Set<PosixFilePermission> before = Files.getPosixFilePermissions(folder);
      Set<PosixFilePermission> after = EnumSet.copyOf(before);
      after.add(PosixFilePermission.GROUP_EXECUTE);
      after.add(PosixFilePermission.OTHERS_EXECUTE);
      Files.setPosixFilePermissions(folder, after);
      if (account.reaches(folder)) {
        return Optional.of("the account %s may now pass through %s (mode %s, was %s)"
            .formatted(
                account.name(),
                folder,
                PosixFilePermissions.toString(after),
                PosixFilePermissions.toString(before)));
      }
      Files.setPosixFilePermissions(folder, before);
      return Optional.empty();
    } catch (AccessDeniedException e) {
      throw unusable(folder, "permission denied on " + e.getFile(), e);
    } catch (IOException e) {
      throw EmbeddedPostgresException.of("cannot make " + folder, e);
    }
  }

  /** The folder above the first one that is missing; what exists already may yet be opened. */
  private static Path existing(Path folder) {
    Path parent = folder.getParent();
    while (parent != null && !Files.exists(parent)) {
      parent = parent.getParent();
    }
    return parent == null ? folder : parent;
  }

  private static Deque<Path> missing(Path folder) {
    Deque<Path> missing = new ArrayDeque<>();
    for (Path path = folder; path != null && !Files.exists(path); path = path.getParent()) {
      missing.push(path);
    }
    return missing;
  }

  private static EmbeddedPostgresException unusable(
      Path folder, String why, @Nullable FileSystemException cause) {
    return new EmbeddedPostgresException(
        Reason.FOLDER_UNUSABLE,
        "cannot use %s as data folder: %s%s; choose another one or change its owner"
            .formatted(folder, why, described(folder)),
        cause);
  }

  private static String described(Path folder) {
    try {
      return " (owner %s, mode %s, this process is %s)"
          .formatted(
              Files.getOwner(folder).getName(),
              PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)),
              System.getProperty("user.name"));
    } catch (IOException e) {
      return "";
    }
  }

  private static Path real(Path folder) {
    try {
      return folder.toRealPath();
    } catch (IOException e) {
      throw EmbeddedPostgresException.of("cannot resolve " + folder, e);
    }
  }
}
