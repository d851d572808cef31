package io.vedette.runtime.http;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Who listens on a TCP port, as Linux tells in {@code /proc/net/tcp}, {@code /proc/net/tcp6} and the open files of processes. Reads many small files: call it on a worker. Where something may not be read
 * or does not exist, it says less.
 */
final class PortHolder {
  private static final String LISTEN = "0A";

  private record Listener(String inode, String uid) {}

  private final Path proc;

  PortHolder() {
    this(Path.of("/proc"));
  }

  PortHolder(Path proc) {
    this.proc = proc;
  }

  /** For example {@code java (pid 4242)}; never the command line, which may hold secrets. */
  Optional<String> of(int port) {
    Set<String> inodes = new HashSet<>();
    String uid = "";
    for (String table : List.of("net/tcp", "net/tcp6")) {
      for (String line : lines(proc.resolve(table))) {
        Optional<Listener> listener = listener(line, port);
        if (listener.isPresent()) {
          inodes.add("socket:[" + listener.get().inode() + "]");
          uid = listener.get().uid();
        }
      }
    }
    if (inodes.isEmpty()) {
      return Optional.empty();
    }
    String owner = "a process of user id " + uid;
    return Optional.of(process(inodes).orElse(owner + " whose name cannot be read from here"));
  }

  /** Columns: sl, local address, remote address, state, queues, timer, retransmits, uid, timeout, inode. */
  private static Optional<Listener> listener(String line, int port) {
    String[] columns = line.strip().split("\\s+");
    String local = String.format(Locale.ROOT, ":%04X", port);
    return columns.length > 9 && columns[1].endsWith(local) && columns[3].equals(LISTEN)
        ? Optional.of(new Listener(columns[9], columns[7]))
        : Optional.empty();
  }

  private Optional<String> process(Set<String> inodes) {
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(proc, "[0-9]*")) {
      for (Path process : processes) {
        if (holds(process, inodes)) {
          String pid = String.valueOf(process.getFileName());
          boolean own = pid.equals(Long.toString(ProcessHandle.current().pid()));
          return Optional.of(
              own
                  ? "this very process"
                  : String.join("", lines(process.resolve("comm"))) + " (pid " + pid + ")");
        }
      }
    } catch (IOException | java.nio.file.DirectoryIteratorException noProc) {
      return Optional.empty();
    }
    return Optional.empty();
  }

  private static boolean holds(Path process, Set<String> inodes) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(process.resolve("fd"))) {
      for (Path file : files) {
        if (Files.isSymbolicLink(file) && inodes.contains(target(file))) {
          return true;
        }
      }
    } catch (IOException | java.nio.file.DirectoryIteratorException goneOrForbidden) {
      return false;
    }
    return false;
  }

  private static String target(Path file) {
    try {
      return Files.readSymbolicLink(file).toString();
    } catch (IOException closedMeanwhile) {
      return "";
    }
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file, StandardCharsets.ISO_8859_1);
    } catch (IOException absentOrForbidden) {
      return List.of();
    }
  }
}
