package io.vedette.postgres;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's own log, {@code postgres.log} and the one before it: 2 x 4 MiB, months of an undisturbed server. What cannot
 * be written, on a full disk, is counted and dropped, because a server that waits for its log stands still.
 */
final class ServerLog implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ServerLog.class);
  static final int MOST_BYTES = 4 * 1024 * 1024;

  private final Path file;
  private final long mostBytes;
  private @Nullable OutputStream out;
  private long bytes;
  private long droppedBytes;

  ServerLog(Path folder) {
    this(folder, MOST_BYTES);
  }

  ServerLog(Path folder, long mostBytes) {
    this.file = folder.resolve("postgres.log");
    this.mostBytes = mostBytes;
  }

  Path file() {
    return file;
  }

  synchronized void write(byte[] chunk, int length) {
    try {
      OutputStream to = out();
      to.write(chunk, 0, length);
      bytes += length;
      if (droppedBytes > 0) {
        LOG.warn("{} is written again; dropped bytes={}", file, droppedBytes);
        droppedBytes = 0;
      }
    } catch (IOException e) {
      if (droppedBytes == 0) {
        LOG.warn(
            "cannot write {}: {}; the server runs on, its log lines are dropped",
            file,
            e.toString());
      }
      droppedBytes += length;
    }
  }

  private OutputStream out() throws IOException {
    OutputStream current = out;
    if (current != null && bytes < mostBytes) {
      return current;
    }
    if (current != null) {
      out = null;
      current.close();
    }
    if (Files.exists(file) && Files.size(file) >= mostBytes) {
      Files.move(file, file.resolveSibling("postgres.log.1"), StandardCopyOption.REPLACE_EXISTING);
    }
    if (!Files.exists(file)) {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
    bytes = Files.size(file);
    OutputStream opened = Files.newOutputStream(file, StandardOpenOption.APPEND);
    out = opened;
    return opened;
  }

  @Override
  public synchronized void close() throws IOException {
    OutputStream current = out;
    out = null;
    if (current != null) {
      current.close();
    }
  }
}
