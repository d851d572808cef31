package io.vedette.collector.source.syslog;

import java.util.List;

/** What the kernel dropped of a UDP port because nobody read fast enough, as {@code /proc/net/udp} counts it in its last column. */
public final class KernelDrops {

  private KernelDrops() {}

  /** Sum over the sockets bound to the port. */
  public static long of(List<String> table, int port) {
    String local = String.format(java.util.Locale.ROOT, ":%04X", port);
    long drops = 0;
    for (String line : table) {
      String[] columns = line.strip().split("\\s+");
      if (columns.length >= 13
          && columns[1].endsWith(local)
          && columns[12].chars().allMatch(c -> c >= '0' && c <= '9')) {
        drops += Long.parseLong(columns[12]);
      }
    }
    return drops;
  }
}
