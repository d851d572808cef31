package io.vedette.standalone;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code ./vedette up} says when it is ready.
 *
 * @param url of the edge, without the token
 * @param token shown on a terminal only: elsewhere it would lie in a log
 * @param login user@host for a tunnel from where the user sits; empty where that is this machine
 */
record Summary(
    String url,
    boolean terminal,
    String token,
    Optional<String> login,
    Map<String, Integer> ports,
    Path folder,
    Size size,
    Duration records,
    Duration panes,
    String trailKey,
    Duration took) {

  /**
   * What a folder takes.
   *
   * @param whole false where a part of it could not be read
   */
  record Size(long bytes, boolean whole) {
    /** The database goes on writing: files that go away meanwhile are not there, and are no trouble. */
    static Size of(Path folder) throws IOException {
      long[] bytes = {0};
      boolean[] whole = {true};
      Files.walkFileTree(folder, new SimpleFileVisitor<>() {
        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
          bytes[0] += attributes.isRegularFile() ? attributes.size() : 0;
          return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException trouble) {
          whole[0] &= trouble instanceof NoSuchFileException;
          return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path file, IOException trouble) {
          whole[0] &= trouble == null || trouble instanceof NoSuchFileException;
          return FileVisitResult.CONTINUE;
        }
      });
      return new Size(bytes[0], whole[0]);
    }

    private String text() {
      return (whole ? "" : "at least ") + bytes / 1_000_000 + " MB";
    }
  }

  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add("Vedette " + Version.text() + " is watching this machine.");
    lines.add("");
    lines.add("  dashboard   " + url + (terminal ? "/#token=" + token : "/"));
    if (!terminal) {
      lines.add("              token: in " + folder.resolve("admin-token"));
    }
    int edge = ports.getOrDefault("edge.http", 0);
    login.ifPresent(who -> lines.add(
        "              from your own machine: ssh -L " + edge + ":localhost:" + edge + " " + who));
    List<String> named = new ArrayList<>();
    ports.forEach((name, port) -> named.add(name + " " + port));
    lines.add("  ports       " + String.join(", ", named));
    lines.add("  data        " + folder.toAbsolutePath() + ", " + size.text()
        + "; records are kept " + time(records) + ", stored panes " + time(panes));
    lines.add("  trail key   " + trailKey);
    lines.add("  stop        Ctrl-C, or ./vedette stop");
    lines.add("");
    lines.add(String.format(
        Locale.ROOT, "Ready after %.1f s. Next: ./vedette demo", took.toMillis() / 1e3));
    return lines;
  }

  private static String time(Duration kept) {
    return kept.toHours() % 24 == 0 ? kept.toDays() + " days" : kept.toHours() + " hours";
  }
}
