package io.vedette.benchmarks.trail;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;

/** What a figure was measured on. */
final class Machine {
  private static final int PAGE = 8192;
  private static final long PROBE_NS = 1_000_000_000L;

  private Machine() {}

  static String describe(Path folder) throws IOException {
    return String.format(
        Locale.ROOT,
        "%d cores (%s), %s %s, JDK %s, %.0f fsync/s (8 KiB each, one after the other, in %s)",
        Runtime.getRuntime().availableProcessors(),
        processor(),
        System.getProperty("os.name"),
        System.getProperty("os.version"),
        System.getProperty("java.runtime.version"),
        syncsPerSecond(folder),
        Files.getFileStore(folder).type());
  }

  private static String processor() throws IOException {
    Path info = Path.of("/proc/cpuinfo");
    if (!Files.isReadable(info)) {
      return System.getProperty("os.arch");
    }
    return Files.readAllLines(info).stream()
        .filter(line -> line.startsWith("model name"))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse(System.getProperty("os.arch"));
  }

  /** The same page written and forced to the disk over and over, as a log of small commits would. */
  static double syncsPerSecond(Path folder) throws IOException {
    Path file = Files.createTempFile(folder, "fsync", ".probe");
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.allocate(16 * PAGE), 0);
      channel.force(true);
      long start = System.nanoTime();
      int count = 0;
      while (System.nanoTime() - start < PROBE_NS) {
        channel.write(ByteBuffer.allocate(PAGE), (long) (count % 16) * PAGE);
        channel.force(false);
        count++;
      }
      return count * 1e9 / (System.nanoTime() - start);
    } finally {
      Files.delete(file);
    }
  }
}
