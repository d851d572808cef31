package io.vedette.benchmarks.edge;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What Linux says of a process and its children: CPU time and resident memory. */
final class Proc {
  /** USER_HZ, which is 100 on every Linux of today. */
  private static final double TICKS_PER_SECOND = 100;

  private Proc() {}

  /** User and system time so far, in seconds; children that live are included. */
  static double cpuSeconds(long pid) {
    return cpuSeconds(pid, true);
  }

  static double cpuSeconds(long pid, boolean children) {
    double sum = 0;
    for (long one : children ? tree(pid) : List.of(pid)) {
      String stat = read(Path.of("/proc", Long.toString(one), "stat"));
      // The name may hold spaces; what follows its bracket does not. utime and stime are fields 14
      // and 15 of the line.
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      sum += (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
    }
    return sum;
  }

  /** Resident kilobytes, children included. */
  static long rssKb(long pid) {
    long sum = 0;
    for (long one : tree(pid)) {
      for (String line : read(Path.of("/proc", Long.toString(one), "status")).split("\n", -1)) {
        if (line.startsWith("VmRSS:")) {
          sum += Long.parseLong(line.replaceAll("[^0-9]", ""));
        }
      }
    }
    return sum;
  }

  private static List<Long> tree(long pid) {
    List<Long> all = new ArrayList<>(List.of(pid));
    ProcessHandle.of(pid)
        .ifPresent(handle -> handle.descendants().forEach(child -> all.add(child.pid())));
    return all;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException gone) {
      throw new IllegalStateException("cannot read " + file + ": the server is gone?", gone);
    }
  }
}
