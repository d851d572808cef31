package io.vedette.collector.source.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** A 4 KiB tmpfs and a snap's image were reported as disks, and as full ones. */
class MountTest {
  private static final long GIB = 1L << 30;

  private static List<String> points(Mount... mounts) {
    return Mount.real(List.of(mounts)).stream().map(Mount::point).toList();
  }

  @Test
  void disksAreReportedPseudoFileSystemsAreNot() {
    assertThat(points(
            new Mount("/", "ext4", "/dev/sda2", 100 * GIB),
            new Mount("/boot/efi", "vfat", "/dev/sda1", GIB / 8),
            new Mount("/srv/share", "nfs4", "nas:/share", 900 * GIB),
            new Mount("/dev/shm", "tmpfs", "tmpfs", 8 * GIB),
            new Mount("/mnt/settings", "tmpfs", "none", 4096),
            new Mount("/snap/core/1", "squashfs", "/dev/loop1", GIB / 8),
            new Mount("/media/dvd", "iso9660", "/dev/sr0", 4 * GIB),
            new Mount("/run/x", "ext4", "/dev/loop9", 1 << 20)))
        .containsExactly("/", "/boot/efi", "/srv/share");
  }

  @Test
  void aVolumeIsReportedOnceAtItsShortestMountPoint() {
    assertThat(points(
            new Mount("/etc/hosts", "ext4", "/dev/vda1", 50 * GIB),
            new Mount("/data", "ext4", "/dev/vda1", 50 * GIB),
            new Mount("/etc/resolv.conf", "ext4", "/dev/vda1", 50 * GIB)))
        .containsExactly("/data");
  }

  @Test
  void ofOverlaysOnlyTheRootIsOurs() {
    assertThat(points(
            new Mount("/", "overlay", "overlay", 50 * GIB),
            new Mount("/var/lib/containers/x/merged", "overlay", "overlay", 50 * GIB)))
        .containsExactly("/");
  }
}
