package io.vedette.collector.source.host;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A mounted file system as the operating system lists it.
 *
 * @param volume what is mounted, for example {@code /dev/sda1}
 */
record Mount(String point, String type, String volume, long sizeBytes) {
  /** In memory, or an image that is always full: nothing there fills up in a way that somebody should be told. */
  private static final Set<String> PSEUDO = Set.of(
      "autofs",
      "cdfs",
      "devtmpfs",
      "erofs",
      "iso9660",
      "nsfs",
      "ramfs",
      "rpc_pipefs",
      "squashfs",
      "tmpfs",
      "udf");

  /** Smaller ones are interfaces of the kernel or of a container's host, not disks. */
  private static final long SMALLEST_BYTES = 16L << 20;

  /** Those that hold data: each volume once, at its shortest mount point (a container shows single files of its host's disk as mounts). */
  static List<Mount> real(List<Mount> all) {
    Map<String, Mount> byVolume = new HashMap<>();
    List<Mount> real = new ArrayList<>();
    for (Mount mount : all) {
      if (!mount.isReal()) {
        continue;
      }
      if (mount.volume().startsWith("/dev/")) {
        byVolume.merge(mount.volume(), mount, Mount::shorter);
      } else {
        real.add(mount);
      }
    }
    real.addAll(byVolume.values());
    real.sort(Comparator.comparing(Mount::point));
    return real;
  }

  private boolean isReal() {
    boolean layer = type.equals("overlay") && !point.equals("/"); // another container's root
    return !PSEUDO.contains(type) && !layer && sizeBytes >= SMALLEST_BYTES;
  }

  private Mount shorter(Mount other) {
    return other.point.length() < point.length() ? other : this;
  }
}
